/** Requests as Entra ID really sends them, with and without the flag that makes them standard. */
import { describe, expect, test } from 'vitest'
import { filtered, openProvider, patch, urn } from './provider.ts'

const { stage, provider: entra } = await openProvider()
let made = 0

const newUser = (userName: string) => ({
  schemas: [urn.user, urn.enterprise],
  externalId: `0a21f0f2-${userName}`,
  userName,
  active: true,
  emails: [{ primary: true, type: 'work', value: userName }],
  meta: { resourceType: 'User' },
  name: { formatted: 'given family', familyName: 'family', givenName: 'given' },
  roles: [],
})

async function user(): Promise<string> {
  const userName = `u${made++}@entra.local`
  return await entra.user(userName, newUser(userName))
}

test.each(['Users', 'Groups'])('the connection is tested by a name that nobody of %s has', async (kind) => {
  const attribute = kind === 'Users' ? 'userName' : 'displayName'
  const answer = await entra.ask(
    'GET',
    `/${kind}${filtered(`${attribute} eq "6f0d1a1e-9f38-4a4e-a6ce-000000000000"`)}`,
  )
  expect(answer).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [] } })
})

test('created, and found by each of the attributes that are matched by', async () => {
  const userName = 'Test_User@entra.local'
  const { status, body } = await entra.ask('POST', '/Users', newUser(userName))
  expect(status).toBe(201)
  for (const filter of [
    `userName eq "${userName.toLowerCase()}"`,
    `externalId eq "0a21f0f2-${userName}"`,
    `emails[type eq "work"].value eq "${userName}"`,
    `emails.value eq "${userName}"`,
    `userName eq "${userName}" and externalId eq "0a21f0f2-${userName}"`,
    `${urn.user}:userName eq "${userName}"`,
  ]) {
    expect((await entra.ask('GET', `/Users${filtered(filter)}`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: body.id }],
    })
  }
})

describe('one user is changed', () => {
  const enterprise = (name: string) => `${urn.enterprise}:${name}`
  test.each([
    [
      'capitalized operations',
      [{ op: 'Replace', path: 'displayName', value: 'New' }],
      { displayName: 'New' },
    ],
    [
      'a value path',
      [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@entra.local' }],
      { emails: [{ primary: true, type: 'work', value: 'new@entra.local' }] },
    ],
    [
      'a part of a name',
      [{ op: 'Replace', path: 'name.familyName', value: 'Other' }],
      { name: { familyName: 'Other', givenName: 'given' } },
    ],
    [
      'an extension',
      [{ op: 'Add', path: enterprise('department'), value: 'Sales' }],
      { [urn.enterprise]: { department: 'Sales' } },
    ],
    [
      'a manager by id alone',
      [{ op: 'Add', path: enterprise('manager'), value: 'usr_1' }],
      { [urn.enterprise]: { manager: { value: 'usr_1' } } },
    ],
    [
      'a value path that does not exist yet',
      [
        { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '123' },
        { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Paris' },
        { op: 'Add', path: 'addresses[type eq "work"].country', value: 'FR' },
      ],
      {
        phoneNumbers: [{ type: 'mobile', value: '123' }],
        addresses: [{ type: 'work', locality: 'Paris', country: 'FR' }],
      },
    ],
    [
      'several attributes without a path, with dots and URNs',
      [
        {
          op: 'replace',
          value: {
            displayName: 'Several',
            'name.givenName': 'Sev',
            [enterprise('employeeNumber')]: '42',
            [enterprise('department')]: 'Care',
            'emails[type eq "work"].value': 'several@entra.local',
          },
        },
      ],
      {
        displayName: 'Several',
        emails: [{ value: 'several@entra.local' }],
        name: { givenName: 'Sev' },
        [urn.enterprise]: { employeeNumber: '42', department: 'Care' },
      },
    ],
    ['a title', [{ op: 'Add', path: 'title', value: 'Lead' }], { title: 'Lead' }],
    [
      'removal of an attribute',
      [
        { op: 'Add', path: 'nickName', value: 'N' },
        { op: 'Remove', path: 'nickName' },
      ],
      {},
    ],
    [
      'roles as they come',
      [{ op: 'Add', path: 'roles', value: [{ value: 'x', display: 'X', primary: 'True' }] }],
      { roles: [{ value: 'x', display: 'X', primary: true }] },
    ],
  ])('by %s', async (_, operations, expected) => {
    const id = await user()
    const answer = await entra.ask('PATCH', `/Users/${id}`, patch(...operations))
    expect(answer).toMatchObject({ status: 200, body: expected })
    expect((await entra.ask('GET', `/Users/${id}`)).body).toEqual(answer.body)
    expect(answer.body.nickName).toBeUndefined()
  })

  test.each([
    ['as text', { op: 'Replace', path: 'active', value: 'False' }],
    ['as a boolean, with the flag', { op: 'replace', path: 'active', value: false }],
    ['in small letters', { op: 'replace', path: 'active', value: 'false' }],
    ['as one of a list', { op: 'Replace', path: 'active', value: [{ value: 'False' }] }],
  ])('disabled %s, and still returned', async (_, operation) => {
    const id = await user()
    expect(await entra.ask('PATCH', `/Users/${id}`, patch(operation))).toMatchObject({
      status: 200,
      body: { active: false },
    })
    expect((await entra.ask('GET', `/Users${filtered(`id eq "${id}"`)}`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ active: false }],
    })
    expect(await stage.check(id, 'user_of', `organization:${stage.id}`)).toBe(false)
  })

  test('deleted', async () => {
    const id = await user()
    expect((await entra.ask('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await entra.ask('GET', `/Users/${id}`)).status).toBe(404)
    expect((await entra.ask('DELETE', `/Users/${id}`)).status).toBe(404)
  })
})

describe('groups', () => {
  const foreign = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'

  test('created with a schema of another service and without members; found without reading members', async () => {
    const created = await entra.ask('POST', '/Groups', {
      schemas: [urn.group, foreign],
      externalId: '8aa1a0c0-c4c3',
      displayName: 'Entra group',
      meta: { resourceType: 'Group' },
    })
    expect(created).toMatchObject({
      status: 201,
      body: { externalId: '8aa1a0c0-c4c3', displayName: 'Entra group' },
    })
    for (const path of [
      `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "ENTRA GROUP"')}`,
      `/Groups?excludedAttributes=members&filter=${encodeURIComponent('externalId eq "8aa1a0c0-c4c3"')}`,
    ]) {
      const { body } = await entra.ask('GET', path)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: created.body.id }] })
      expect(body.Resources[0].members).toBeUndefined()
    }
    const one = await entra.ask('GET', `/Groups/${created.body.id}?excludedAttributes=members`)
    expect(one.body).toMatchObject({ id: created.body.id })
    expect(one.body.members).toBeUndefined()
  })

  test('renamed, members added and removed in both spellings, and asked for', async () => {
    const id = await entra.group('Renamed')
    const [ann, bob] = [await user(), await user()]
    const path = `/Groups/${id}`
    const rename = patch({ op: 'Replace', path: 'displayName', value: 'Renamed again' })
    expect(await entra.ask('PATCH', path, rename)).toMatchObject({ status: 204, body: '' })
    const ref = (value: string) => [{ $ref: null, value }]
    const steps = [
      [{ op: 'Add', path: 'members', value: ref(ann) }, [ann]],
      [{ op: 'Add', path: 'members', value: ref(bob) }, [ann, bob]],
      [{ op: 'Remove', path: 'members', value: ref(ann) }, [bob]],
      [{ op: 'add', path: 'members', value: ref(ann) }, [ann, bob]],
      [{ op: 'remove', path: `members[value eq "${bob}"]` }, [ann]],
    ] as const
    for (const [operation, members] of steps) {
      expect((await entra.ask('PATCH', path, patch(operation))).status).toBe(204)
      const { body } = await entra.ask('GET', path)
      expect(body.members.map(({ value }: { value: string }) => value).sort()).toEqual([...members].sort())
      for (const each of [ann, bob]) {
        const { body: found } = await entra.ask(
          'GET',
          `/Groups${filtered(`id eq "${id}" and members eq "${each}"`)}`,
        )
        expect([each, found.totalResults]).toEqual([
          each,
          (members as readonly string[]).includes(each) ? 1 : 0,
        ])
      }
    }
    expect((await entra.ask('GET', path)).body.displayName).toBe('Renamed again')
    expect((await entra.ask('DELETE', path)).status).toBe(204)
  })
})

test('the schemas are a list without nulls, names in camel case', async () => {
  const { status, body } = await entra.ask('GET', '/Schemas')
  expect(status).toBe(200)
  expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([urn.user, urn.enterprise, urn.group])
  expect(JSON.stringify(body)).not.toContain('null')
  for (const name of JSON.stringify(body).matchAll(/"name":"([^"$]+)"/g))
    expect(name[1]).toMatch(/^[A-Za-z0-9]+$/)
})
