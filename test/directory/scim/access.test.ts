/** Who is let in, where, and what each product takes. */
import { describe, expect, test } from 'vitest'
import { rights } from '../../../src/callers/scopes.ts'
import { sharedGuarded } from '../http.ts'
import { filtered, patch, providerOf, urn } from './provider.ts'

const { ring, directory } = await sharedGuarded()
const mine = await directory.organization('enterprise', 'A')
const a = providerOf(directory, mine.id)
const b = providerOf(directory, (await directory.organization('enterprise', 'B')).id)

describe('with keys', () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  test('a key of its own scope may all of SCIM and nothing else', async () => {
    const key = bearer(await ring.key(`scim:${a.org}`))
    const made = await a.ask('POST', '/Users', { userName: 'ann' }, key)
    expect(made.status).toBe(201)
    expect((await a.ask('GET', '/Users', undefined, key)).status).toBe(200)
    expect(
      (
        await directory.ask('GET', `/v1/orgs/${a.org}/users`, undefined, {
          ...key,
          'kith-actor': 'user:boss',
        })
      ).status,
    ).toBe(403)
    expect((await directory.ask('POST', `/stores/${a.org}/check`, {}, key)).status).toBe(403)
    expect((await b.ask('GET', '/Users', undefined, key)).body).toEqual({
      schemas: [urn.error],
      status: '404',
      detail: 'there is no such organization',
    })
    const { body } = await mine.as('boss')('GET', '/changes?action=user.create')
    expect(body.changes[0]).toMatchObject({ source: 'scim', target: `user:${made.body.id}` })
    expect(body.changes[0].caller).toMatch(/^key:/)
  })

  test('no other right is enough, and no key is none', async () => {
    const rest = rights.filter((right) => right !== 'scim')
    const refused = await a.ask('GET', '/Users', undefined, bearer(await ring.key(...rest)))
    expect(refused).toMatchObject({ status: 403, body: { schemas: [urn.error], status: '403' } })
    for (const authorization of ['', 'Bearer wrong', 'Basic YTpi']) {
      for (const path of ['/Users', '/Nowhere']) {
        const answer = await a.ask('GET', path, undefined, { authorization })
        expect(answer).toMatchObject({
          status: 401,
          body: { schemas: [urn.error], status: '401', detail: expect.any(String) },
        })
        expect(answer.headers.get('www-authenticate')).toContain('Bearer')
        expect(answer.headers.get('content-type')).toBe('application/scim+json')
      }
    }
  })

  test('what is in one organization is nowhere in another', async () => {
    const [ann, team] = [await a.user('only@a.example', { externalId: 'x-1' }), await a.group('Only A')]
    for (const [method, path, body] of [
      ['GET', `/Users/${ann}`],
      ['PUT', `/Users/${ann}`, { userName: 'x' }],
      ['PATCH', `/Users/${ann}`, patch({ op: 'replace', value: { active: false } })],
      ['DELETE', `/Users/${ann}`],
      ['GET', `/Groups/${team}`],
      ['PATCH', `/Groups/${team}`, patch({ op: 'replace', path: 'displayName', value: 'B' })],
      ['DELETE', `/Groups/${team}`],
    ] as const) {
      expect([method, path, (await b.ask(method, path, body)).status]).toEqual([method, path, 404])
    }
    const second = await b.group('Only B')
    for (const value of [ann, team]) {
      const add = patch({ op: 'add', path: 'members', value: [{ value }] })
      expect((await b.ask('PATCH', `/Groups/${second}`, add)).status).toBe(400)
    }
    for (const filter of [
      'userName eq "only@a.example"',
      'externalId eq "x-1"',
      `id eq "${ann}"`,
      'userName co "only"',
    ]) {
      expect((await b.ask('GET', `/Users${filtered(filter)}`)).body.totalResults).toBe(0)
    }
    expect(await b.user('only@a.example', { externalId: 'x-1' })).toEqual(expect.any(String))
    expect((await a.ask('GET', `/Users/${ann}`)).body.active).toBe(true)
  })

  test('a store that is no organization is not found', async () => {
    const store = (await directory.ask('POST', '/stores', { name: 'plain' })).body.id
    for (const org of [store, '01J0000000000000000000000Z', 'nonsense']) {
      const answer = await providerOf(directory, org).ask('GET', '/Users')
      expect(answer).toMatchObject({ status: 404, body: { schemas: [urn.error], status: '404' } })
    }
  })

  test('too large a body is 413, as an error of SCIM', async () => {
    const answer = await a.ask('POST', '/Users', { userName: 'x', nickName: 'x'.repeat(700_000) })
    expect(answer).toMatchObject({ status: 413, body: { schemas: [urn.error], status: '413' } })
  })
})

describe('products', () => {
  test.each(['training', 'sharing', 'group-only', 'client-portal'])(
    '%s has users, and takes no groups: lists of them are empty, and making one is 501',
    async (preset) => {
      const provider = providerOf(directory, (await directory.organization(preset)).id)
      const ann = await provider.user('ann@x.example')
      expect((await provider.ask('GET', '/Users')).body.totalResults).toBe(2)
      expect(
        (
          await provider.ask(
            'PATCH',
            `/Users/${ann}`,
            patch({ op: 'Replace', path: 'active', value: 'False' }),
          )
        ).status,
      ).toBe(200)
      expect((await provider.ask('GET', `/Groups${filtered('displayName eq "x"')}`)).body).toMatchObject({
        totalResults: 0,
      })
      expect((await provider.ask('POST', '/Groups', { displayName: 'X' })).body).toMatchObject({
        schemas: [urn.error],
        status: '501',
        detail: expect.stringContaining(preset),
      })
      expect((await provider.ask('GET', '/Groups/idp_x')).status).toBe(501)
      expect((await provider.ask('GET', '/ResourceTypes')).body.totalResults).toBe(1)
      expect((await provider.ask('GET', '/Schemas')).body.totalResults).toBe(2)
    },
  )

  test('whatever the plan: who pays less can still take access away', async () => {
    const organization = await directory.organization('enterprise')
    const provider = providerOf(directory, organization.id)
    expect((await organization.as('boss')('GET', '')).body.plan).toBe('free')
    const [ann, team] = [await provider.user('ann@x.example'), await provider.group('Team')]
    expect(
      (
        await provider.ask(
          'PATCH',
          `/Groups/${team}`,
          patch({ op: 'add', path: 'members', value: [{ value: ann }] }),
        )
      ).status,
    ).toBe(204)
    expect((await provider.ask('DELETE', `/Users/${ann}`)).status).toBe(204)
  })

  test('users of before are found, and may be taken over by the provider', async () => {
    const organization = await directory.organization('default')
    const provider = providerOf(directory, organization.id)
    const boss = organization.as('boss')
    await boss('POST', '/users', { id: 'bare', name: 'No Address', attributes: { floor: 3 } })
    for (const userName of ['boss@example.com', 'bare']) {
      expect(
        (await provider.ask('GET', `/Users${filtered(`userName eq "${userName}"`)}`)).body,
      ).toMatchObject({
        totalResults: 1,
        Resources: [{ userName }],
      })
      expect((await provider.ask('POST', '/Users', { userName })).status).toBe(409)
    }
    const taken = { userName: 'bare@corp.example', externalId: 'e1', displayName: 'Bare', title: 'Lead' }
    expect(await provider.ask('PUT', '/Users/bare', taken)).toMatchObject({
      status: 200,
      body: { id: 'bare', ...taken },
    })
    expect((await boss('GET', '/users/bare')).body).toMatchObject({
      name: 'Bare',
      attributes: { floor: 3, title: 'Lead' },
    })
    // From then on they are called so, and the id is free for a name.
    expect((await provider.ask('GET', `/Users${filtered('userName eq "bare"')}`)).body.totalResults).toBe(0)
    // Changed and deleted by others, they are as they are.
    await boss('PATCH', '/users/bare', { name: 'Bea', email: 'bea@corp.example' })
    expect((await provider.ask('GET', '/Users/bare')).body).toMatchObject({
      displayName: 'Bea',
      emails: [{ value: 'bea@corp.example', type: 'work', primary: true }],
      userName: 'bare@corp.example',
    })
    expect((await boss('DELETE', '/users/bare')).status).toBe(204)
    expect((await provider.ask('GET', `/Users${filtered('externalId eq "e1"')}`)).body.totalResults).toBe(0)
    await provider.user('bare@corp.example', { emails: [{ value: 'bea@corp.example' }] })
  })

  test('an address that is somebody’s userName leaves its owner with the id for one', async () => {
    const organization = await directory.organization('default')
    const provider = providerOf(directory, organization.id)
    await provider.user('shared@x.example')
    await organization.as('boss')('POST', '/users', { id: 'second', email: 'shared@x.example' })
    const { body } = await provider.ask('GET', '/Users?attributes=userName')
    const names = body.Resources.map(({ userName }: { userName: string }) => userName)
    expect(names.sort()).toEqual(['boss@example.com', 'second', 'shared@x.example'])
    for (const userName of names) {
      expect(
        (await provider.ask('GET', `/Users${filtered(`userName eq "${userName}"`)}`)).body.totalResults,
      ).toBe(1)
    }
  })
})
