/** Requests as Okta really sends them, and the checks of its test of a server, each in its own words. */
import { describe, expect, test } from 'vitest'
import { filtered, openProvider, patch, urn } from './provider.ts'

const { stage, provider: okta } = await openProvider()

const newUser = (userName: string) => ({
  schemas: [urn.user],
  userName,
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: userName, type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: `00u-${userName}`,
  groups: [],
  password: '1mz050nq',
  active: true,
})

describe('users', () => {
  test('a user that is not there is an empty list; created, found, and there once', async () => {
    const userName = 'test.user@okta.local'
    const query = `${filtered(`userName eq "${userName}"`)}&startIndex=1&count=100`
    expect(await okta.ask('GET', `/Users${query}`)).toMatchObject({
      status: 200,
      body: { totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
    })
    const made = await okta.ask('POST', '/Users', newUser(userName))
    expect(made).toMatchObject({
      status: 201,
      body: {
        schemas: [urn.user],
        userName,
        name: { givenName: 'Test', familyName: 'User' },
        emails: [{ primary: true, value: userName, type: 'work' }],
        displayName: 'Test User',
        locale: 'en-US',
        externalId: `00u-${userName}`,
        active: true,
        meta: { resourceType: 'User' },
      },
    })
    const found = await okta.ask('GET', `/Users${query}`)
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [made.body] })
    const again = await okta.ask('POST', '/Users', newUser(userName))
    expect(again).toMatchObject({
      status: 409,
      body: { schemas: [urn.error], status: '409', scimType: 'uniqueness' },
    })
  })

  test('an update is read, and sent back whole with what is read-only', async () => {
    const id = await okta.user('put@okta.local', newUser('put@okta.local'))
    const { body } = await okta.ask('GET', `/Users/${id}`)
    const whole = {
      ...body,
      emails: [{ ...body.emails[0], display: 'put@okta.local' }],
      name: { givenName: 'Another', familyName: 'Name' },
      displayName: 'Another Name',
      groups: [{ value: 'nonsense' }],
    }
    const put = await okta.ask('PUT', `/Users/${id}`, whole)
    expect(put).toMatchObject({
      status: 200,
      body: { id, displayName: 'Another Name', name: { givenName: 'Another', familyName: 'Name' } },
    })
    expect(put.body.groups).toBeUndefined()
    expect(put.body.meta.created).toBe(body.meta.created)
    expect((await okta.ask('GET', `/Users/${id}`)).body).toEqual(put.body)
  })

  test.each([
    ['PATCH', (active: boolean) => patch({ op: 'replace', value: { active } })],
    ['PUT', (active: boolean) => ({ ...newUser('by-PUT@okta.local'), active })],
  ] as const)('by %s a user is deactivated and comes back', async (method, body) => {
    const userName = `by-${method}@okta.local`
    const id = await okta.user(userName, newUser(userName))
    const set = (active: boolean) => okta.ask(method, `/Users/${id}`, body(active))
    expect(await set(false)).toMatchObject({ status: 200, body: { active: false } })
    expect(await stage.check(id, 'user_of', `organization:${stage.id}`)).toBe(false)
    expect((await okta.ask('GET', `/Users/${id}`)).body).toMatchObject({ active: false, userName })
    expect(await set(true)).toMatchObject({ status: 200, body: { active: true } })
    expect(await stage.check(id, 'user_of', `organization:${stage.id}`)).toBe(true)
  })

  test('a new password is thrown away', async () => {
    const id = await okta.user('secret@okta.local', newUser('secret@okta.local'))
    const answer = await okta.ask(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'replace', value: { password: 'hunter22' } }),
    )
    expect(answer.status).toBe(200)
    const seen = [
      answer.body,
      (await okta.ask('GET', `/Users/${id}?attributes=password,userName`)).body,
      (await stage.boss('GET', `/users/${id}`)).body,
      (await stage.boss('GET', '/changes')).body,
    ]
    expect(JSON.stringify(seen)).not.toMatch(/hunter22|1mz050nq|"password"/)
  })

  test('pages in a stable order, and numbers that are numbers', async () => {
    const all = (await okta.ask('GET', '/Users?startIndex=1&count=100')).body
    expect(all).toMatchObject({
      startIndex: 1,
      totalResults: all.Resources.length,
      itemsPerPage: all.Resources.length,
    })
    const one = (await okta.ask('GET', '/Users?startIndex=2&count=2')).body
    expect(one.Resources).toEqual(all.Resources.slice(1, 3))
    expect(one).toMatchObject({ startIndex: 2, itemsPerPage: 2, totalResults: all.totalResults })
  })
})

describe('groups', () => {
  test('created, pushed, renamed with the id inside, unlinked', async () => {
    const [ann, bob, cat] = await Promise.all(
      ['ann', 'bob', 'cat'].map((id) => okta.user(`${id}@okta.local`)),
    )
    const made = await okta.ask('POST', '/Groups', {
      schemas: [urn.group],
      displayName: 'Pushed',
      members: [],
    })
    expect(made).toMatchObject({ status: 201, body: { displayName: 'Pushed', members: [] } })
    const path = `/Groups/${made.body.id}`
    const members = async () =>
      (await okta.ask('GET', path)).body.members.map(({ value }: { value: string }) => value).sort()
    const rename = { op: 'replace', value: { id: made.body.id, displayName: 'Pushed again' } }
    const come = (...ids: (string | undefined)[]) =>
      ids.map((value) => ({ value, display: `${value}@okta.local` }))
    expect(
      (await okta.ask('PATCH', path, patch(rename, { op: 'add', path: 'members', value: come(ann, bob) })))
        .status,
    ).toBe(204)
    expect(await members()).toEqual([ann, bob].sort())
    const swap = patch(
      { op: 'remove', path: `members[value eq "${ann}"]` },
      { op: 'add', path: 'members', value: come(cat) },
    )
    expect((await okta.ask('PATCH', path, swap)).status).toBe(204)
    expect(await members()).toEqual([bob, cat].sort())
    expect(
      (await okta.ask('PATCH', path, patch({ op: 'replace', path: 'members', value: come(ann) }))).status,
    ).toBe(204)
    expect(await members()).toEqual([ann])
    const put = { schemas: [urn.group], id: made.body.id, displayName: 'Put', members: come(bob, cat) }
    expect(await okta.ask('PUT', path, put)).toMatchObject({ status: 200, body: { displayName: 'Put' } })
    expect(await members()).toEqual([bob, cat].sort())
    expect((await okta.ask('DELETE', path)).status).toBe(204)
    expect((await okta.ask('GET', path)).status).toBe(404)
    expect((await okta.ask('GET', `/Users/${bob}`)).body.groups).toBeUndefined()
  })
})

describe("the checks of Okta's own test", () => {
  test('1, 2: a list has its shape, and a user of it is found by id', async () => {
    await okta.user('listed@okta.local')
    const list = await okta.ask('GET', '/Users?count=1&startIndex=1')
    expect(list.status).toBe(200)
    expect(list.headers.get('content-type')).toMatch(/^application\/scim\+json/)
    expect(list.body.schemas).toContain('urn:ietf:params:scim:api:messages:2.0:ListResponse')
    for (const field of ['itemsPerPage', 'startIndex', 'totalResults'])
      expect(list.body[field]).toEqual(expect.any(Number))
    const [user] = list.body.Resources
    expect(user).toMatchObject({ id: expect.any(String), userName: expect.any(String), active: true })
    expect(await okta.ask('GET', `/Users/${user.id}`)).toMatchObject({ status: 200, body: { id: user.id } })
  })

  test('3, 4: nobody of that name is an empty list, nobody of that id an error', async () => {
    expect(await okta.ask('GET', `/Users${filtered('userName eq "nobody@at.all"')}`)).toMatchObject({
      status: 200,
      body: { totalResults: 0 },
    })
    const missing = await okta.ask('GET', '/Users/00000000-0000-0000-0000-000000000000')
    expect(missing).toMatchObject({
      status: 404,
      body: { schemas: [urn.error], status: '404', detail: expect.any(String) },
    })
  })

  test('5 to 8: created, read back, not created twice, in no case', async () => {
    const userName = 'Runscope.User@okta.local'
    const made = await okta.ask('POST', '/Users', {
      schemas: [urn.user],
      userName,
      name: { givenName: 'Runscope', familyName: 'User' },
      emails: [{ primary: true, value: userName, type: 'work' }],
      displayName: 'Runscope User',
      active: true,
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ active: true, id: expect.any(String), userName })
    expect(made.headers.get('location')).toBe(made.body.meta.location)
    expect((await okta.ask('GET', `/Users/${made.body.id}`)).body).toEqual(made.body)
    for (const each of [userName, userName.toUpperCase()]) {
      expect(await okta.ask('POST', '/Users', newUser(each))).toMatchObject({
        status: 409,
        body: { status: '409' },
      })
      const found = await okta.ask('GET', `/Users${filtered(`userName eq "${each.toLowerCase()}"`)}`)
      expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ userName }] })
    }
  })

  test('9, 10: groups are a list, and have an id and a name', async () => {
    await okta.group('A team')
    const groups = await okta.ask('GET', '/Groups')
    expect(groups.status).toBe(200)
    expect(groups.body.Resources.length).toBe(groups.body.totalResults)
    expect(groups.body.Resources[0]).toMatchObject({
      id: expect.any(String),
      displayName: expect.any(String),
    })
  })

  test('11, 12: no way in without a key, and no answer of another shape where nothing is', async () => {
    // Who is let in is the subject of access.test.ts; here everybody is.
    for (const path of ['/Nowhere', '/Users/x/y', '']) {
      expect(await okta.ask('GET', path)).toMatchObject({
        status: 404,
        body: { schemas: [urn.error], status: '404' },
      })
    }
  })
})
