/** The examples of RFC 7644 and 7643: filters, PATCH, paging, attributes, versions, what the service says of itself. */
import { beforeAll, describe, expect, test } from 'vitest'
import { filtered, openProvider, patch, urn } from './provider.ts'

const { provider } = await openProvider()
const ids: Record<string, string> = {}

const people = {
  bjensen: {
    name: { formatted: 'Ms. Barbara J Jensen, III', familyName: 'Jensen', givenName: 'Barbara' },
    displayName: 'Babs Jensen',
    title: 'Tour Guide',
    userType: 'Employee',
    emails: [
      { value: 'bjensen@example.com', type: 'work', primary: true },
      { value: 'babs@jensen.example.org', type: 'home' },
    ],
    ims: [{ value: 'someaimhandle', type: 'aim' }],
    addresses: [
      { type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood', primary: true },
      { type: 'home', streetAddress: '456 Hollywood Blvd', locality: 'Hollywood' },
    ],
    externalId: '701984',
  },
  jsmith: {
    name: { familyName: "O'Malley" },
    userType: 'Intern',
    emails: [{ value: 'j@smith.example.net', type: 'work' }],
  },
  contractor: {
    userType: 'Contractor',
    ims: [{ value: 'c@foo.com', type: 'xmpp' }],
    title: 'Carpenter',
    [urn.enterprise]: { employeeNumber: '701984', manager: { value: 'm1' } },
  },
}

beforeAll(async () => {
  for (const [userName, fields] of Object.entries(people))
    ids[userName] = await provider.user(userName, fields)
})

describe('filters', () => {
  const all = ['bjensen', 'boss@example.com', 'contractor', 'jsmith']
  test.each([
    ['userName eq "bjensen"', ['bjensen']],
    ['userName Eq "BJENSEN"', ['bjensen']],
    [`name.familyName co "O'Malley"`, ['jsmith']],
    ['userName sw "J"', ['jsmith']],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', ['jsmith']],
    ['userName ew "@EXAMPLE.COM"', ['boss@example.com']],
    ['title pr', ['bjensen', 'contractor']],
    ['not (title pr)', ['boss@example.com', 'jsmith']],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['bjensen', 'contractor', 'jsmith']],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', ['bjensen', 'contractor', 'jsmith']],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
    ['meta.resourceType eq "User"', all],
    ['title pr and userType eq "Employee"', ['bjensen']],
    ['title pr or userType eq "Intern"', ['bjensen', 'contractor', 'jsmith']],
    [`schemas eq "${urn.enterprise}"`, ['contractor']],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen']],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      ['contractor', 'jsmith'],
    ],
    ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      ['bjensen', 'boss@example.com', 'contractor'],
    ],
    // About one address: his at home is not the one for work.
    ['emails[type eq "work"].value eq "babs@jensen.example.org"', []],
    ['emails[type eq "home"].value eq "BABS@jensen.example.org"', ['bjensen']],
    ['emails.value eq "babs@jensen.example.org"', ['bjensen']],
    ['emails eq "bjensen@example.com"', ['bjensen']],
    ['title pr or userType eq "Intern" and userType eq "Employee"', ['bjensen', 'contractor']],
    ['(title pr or userType eq "Intern") and userType eq "Employee"', ['bjensen']],
    ['title eq null', ['boss@example.com', 'jsmith']],
    ['title ne null and active eq true', ['bjensen', 'contractor']],
    ['active eq "True"', all],
    ['active ne true', []],
    ['title gt "D"', ['bjensen']],
    [`${urn.enterprise}:employeeNumber eq "701984"`, ['contractor']],
    [`${urn.enterprise}:manager eq "m1"`, ['contractor']],
    [`${urn.enterprise} pr`, ['contractor']],
    ['externalId eq "701984" and title co "guide"', ['bjensen']],
    ['externalId eq "701984" and title co "nothing"', []],
    ['externalId eq "701984" or userName eq "jsmith"', ['bjensen', 'jsmith']],
    ['title eq "Tour Guide"', ['bjensen']],
    ['title eq "a \\"quoted\\" \\\\ \\u00e9"', []],
    ['groups pr', []],
  ])('%s', async (filter, expected) => {
    for (const { status, body } of [
      await provider.ask('GET', `/Users${filtered(filter)}`),
      await provider.ask('POST', '/Users/.search', { filter }),
    ]) {
      expect(status).toBe(200)
      expect(body.Resources.map(({ userName }: { userName: string }) => userName).sort()).toEqual(expected)
      expect(body.totalResults).toBe(expected.length)
    }
  })

  test('text in quotes is JSON: quotes, backslashes and escapes are themselves', async () => {
    const title = 'a "quoted" \\ é\\"'
    const id = await provider.user('quoting', { title })
    const { body } = await provider.ask('GET', `/Users${filtered(`title eq ${JSON.stringify(title)}`)}`)
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
    await provider.ask('DELETE', `/Users/${id}`)
  })

  test.each([
    'userName',
    'userName eq',
    'userName eq bjensen',
    'userName eq "bjensen',
    'userName = "bjensen"',
    'userName eq "a" and',
    '(userName eq "a"',
    'userName eq "a")',
    'not userName eq "a"',
    'emails[type eq "work"',
    'emails[type eq "work"]].value pr',
    'emails[nonsense eq "work"]',
    'nonsense eq "a"',
    'name eq "a"',
    'active gt true',
    'active eq "perhaps"',
    'userName eq 1',
    'meta.created gt "yesterday"',
    'title gt null',
    '"userName" eq "a"',
    `userName eq "a\nb"`,
  ])('%s is refused', async (filter) => {
    expect(await provider.ask('GET', `/Users${filtered(filter)}`)).toMatchObject({
      status: 400,
      body: { schemas: [urn.error], status: '400', scimType: 'invalidFilter' },
    })
  })

  test.each([
    ['long', `userName eq "${'a'.repeat(5000)}"`],
    ['deep', `${'('.repeat(500)}title pr${')'.repeat(500)}`],
    ['deep in nots', `${'not ('.repeat(200)}title pr${')'.repeat(200)}`],
    ['deep in brackets', `${'emails['.repeat(100)}type pr${']'.repeat(100)}`],
    ['of many terms', Array.from({ length: 200 }, () => 'title pr').join(' or ')],
    ['line breaks without an end', `userName eq "${'\n'.repeat(2000)}`],
    ['backslashes without an end', `userName eq "${'\\'.repeat(3999)}`],
    ['dots', `${'a.'.repeat(1000)}b eq "x"`],
    // What reads some of them twice never ends.
  ])('%s: a filter is no burden', async (_, filter) => {
    const { status } = await provider.ask('POST', '/Users/.search', { filter })
    expect(status).toBe(400)
  })

  test('of groups members compare by their ids', async () => {
    const [inner, id = ''] = [await provider.group('Members'), ids.bjensen]
    await provider.ask(
      'PATCH',
      `/Groups/${inner}`,
      patch({ op: 'add', path: 'members', value: [{ value: id }] }),
    )
    for (const [filter, total] of [
      [`members.value eq "${id}"`, 1],
      [`members[value eq "${id}"]`, 1],
      [`members eq "${id}" and displayName eq "members"`, 1],
      [`not (members eq "${id}")`, 0],
      [`displayName sw "mem" and members eq "${ids.jsmith}"`, 0],
    ] as const) {
      expect([filter, (await provider.ask('GET', `/Groups${filtered(filter)}`)).body.totalResults]).toEqual([
        filter,
        total,
      ])
    }
    for (const filter of ['members pr', 'members.value co "a"', 'members[type eq "User"]']) {
      expect((await provider.ask('GET', `/Groups${filtered(filter)}`)).body.scimType).toBe('invalidFilter')
    }
    await provider.ask('DELETE', `/Groups/${inner}`)
  })
})

describe('PATCH', () => {
  const asked = async (...operations: readonly object[]) => {
    const id = await provider.user(`patched${Math.random()}`, {
      ...people.bjensen,
      emails: [],
      externalId: undefined,
    })
    const answer = await provider.ask('PATCH', `/Users/${id}`, patch(...operations))
    await provider.ask('DELETE', `/Users/${id}`)
    return answer
  }

  test('adds attributes without a path', async () => {
    const { body } = await asked({
      op: 'add',
      value: { emails: [{ value: 'babs@patch.example.org', type: 'home' }], nickname: 'Babs' },
    })
    expect(body).toMatchObject({
      emails: [{ value: 'babs@patch.example.org', type: 'home' }],
      nickName: 'Babs',
    })
  })

  test('replaces a value that a filter chooses, all of it', async () => {
    const value = {
      type: 'work',
      streetAddress: '911 Universal City Plaza',
      locality: 'Hollywood',
      country: 'US',
    }
    const { body } = await asked({ op: 'replace', path: 'addresses[type eq "work"]', value })
    expect(body.addresses).toEqual([value, people.bjensen.addresses[1]])
  })

  test('replaces a part of the values that a filter chooses', async () => {
    const path = 'addresses[type eq "work"].streetAddress'
    const { body } = await asked({ op: 'replace', path, value: '1010 Broadway Ave' })
    expect(body.addresses).toEqual([
      { ...people.bjensen.addresses[0], streetAddress: '1010 Broadway Ave' },
      people.bjensen.addresses[1],
    ])
  })

  test('replaces several attributes without a path', async () => {
    const emails = [
      { value: 'bjensen@patch.example.com', type: 'work', primary: true },
      { value: 'babs@patch.example.com', type: 'home' },
    ]
    const { body } = await asked({ op: 'replace', value: { emails, nickName: 'Babs' } })
    expect(body).toMatchObject({ emails, nickName: 'Babs' })
  })

  test('removes what a filter chooses, parts of it, and all', async () => {
    expect((await asked({ op: 'remove', path: 'addresses[type eq "home"]' })).body.addresses).toEqual([
      people.bjensen.addresses[0],
    ])
    expect(
      (await asked({ op: 'remove', path: 'addresses[type eq "work"].streetAddress' })).body.addresses,
    ).toEqual([{ type: 'work', locality: 'Hollywood', primary: true }, people.bjensen.addresses[1]])
    expect((await asked({ op: 'remove', path: 'addresses' })).body.addresses).toBeUndefined()
    expect((await asked({ op: 'remove', path: 'name.familyName' })).body.name).toEqual({
      formatted: people.bjensen.name.formatted,
      givenName: 'Barbara',
    })
    expect((await asked({ op: 'remove', path: 'ims', value: [{ value: 'other' }] })).body.ims).toEqual(
      people.bjensen.ims,
    )
  })

  test('a new first choice is the only one, and the user’s own address', async () => {
    const { body } = await asked(
      { op: 'add', path: 'emails', value: [{ value: 'one@patch.example.com', type: 'work', primary: true }] },
      {
        op: 'add',
        path: 'emails',
        value: [{ value: 'two@patch.example.com', type: 'other', primary: true }],
      },
    )
    expect(body.emails).toEqual([
      { value: 'one@patch.example.com', type: 'work', primary: false },
      { value: 'two@patch.example.com', type: 'other', primary: true },
    ])
  })

  test('adding what is there already changes nothing, not even the version', async () => {
    const before = (await provider.ask('GET', `/Users/${ids.bjensen}`)).body
    const same = [
      { op: 'add', path: 'emails', value: [people.bjensen.emails[1]] },
      { op: 'replace', path: 'title', value: 'Tour Guide' },
    ]
    expect((await provider.ask('PATCH', `/Users/${ids.bjensen}`, patch(...same))).body).toEqual(before)
  })

  test('the name that is shown follows its parts until it is given itself', async () => {
    const id = await provider.user('shown', { name: { givenName: 'Ann', familyName: 'Lee' } })
    const change = async (value: object) =>
      (await provider.ask('PATCH', `/Users/${id}`, patch({ op: 'replace', value }))).body.displayName
    expect(await change({ 'name.familyName': 'Ray' })).toBe('Ann Ray')
    expect(await change({ displayName: 'Annie' })).toBe('Annie')
    expect(await change({ 'name.familyName': 'Lee' })).toBe('Annie')
    await provider.ask('DELETE', `/Users/${id}`)
  })
})

describe('PUT', () => {
  test('what is not in the body goes, members that are not spoken of stay', async () => {
    const id = await provider.user('replaced', {
      title: 'T',
      nickName: 'N',
      emails: [{ value: 'r@put.example' }],
    })
    const { body } = await provider.ask('PUT', `/Users/${id}`, { userName: 'replaced', nickName: 'M' })
    expect(Object.keys(body).sort()).toEqual(['active', 'id', 'meta', 'nickName', 'schemas', 'userName'])
    const group = await provider.group('Replaced', [id])
    const renamed = await provider.ask('PUT', `/Groups/${group}`, { displayName: 'Renamed', externalId: 'x' })
    expect(renamed.body).toMatchObject({ displayName: 'Renamed', externalId: 'x', members: [{ value: id }] })
    const emptied = await provider.ask('PUT', `/Groups/${group}`, { displayName: 'Renamed', members: [] })
    expect(emptied.body.members).toEqual([])
    expect(emptied.body.externalId).toBeUndefined()
    await provider.ask('DELETE', `/Users/${id}`)
  })

  test('what is not there is not made', async () => {
    expect((await provider.ask('PUT', '/Users/usr_nobody', { userName: 'x' })).status).toBe(404)
    expect((await provider.ask('PUT', '/Groups/idp_nobody', { displayName: 'x' })).status).toBe(404)
  })

  test.each([
    ['no userName', '/Users', {}],
    ['an empty userName', '/Users', { userName: ' ' }],
    ['control characters', '/Users', { userName: 'a\u0000b' }],
    ['an unpaired surrogate', '/Users', { userName: 'a\ud800' }],
    [
      'too much',
      '/Users',
      { userName: 'much', addresses: Array.from({ length: 90 }, () => ({ formatted: 'x'.repeat(900) })) },
    ],
    [
      'too many',
      '/Users',
      { userName: 'many', roles: Array.from({ length: 101 }, (_, value) => ({ value: `${value}` })) },
    ],
    ['a list for an object', '/Users', { userName: 'list', name: ['a', 'b'] }],
    ['no displayName', '/Groups', {}],
    ['members that are none', '/Groups', { displayName: 'None', members: [{ display: 'x' }] }],
  ])('%s is refused', async (_, path, body) => {
    expect(await provider.ask('POST', path, body)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    })
  })

  test.each(['{', '[]', '"a"', ''])('a body of %j is refused', async (body) => {
    for (const path of ['/Users', '/Groups']) {
      expect(await provider.ask('POST', path, body)).toMatchObject({
        status: 400,
        body: { scimType: 'invalidSyntax' },
      })
    }
  })
})

describe('which attributes are shown', () => {
  test.each([
    ['attributes=userName', ['id', 'schemas', 'userName']],
    ['attributes=NAME.familyName,emails.type', ['emails', 'id', 'name', 'schemas']],
    ['attributes=nonsense', ['id', 'schemas']],
    [
      'excludedAttributes=name,emails,meta,ims,id,schemas,addresses',
      ['active', 'displayName', 'externalId', 'id', 'schemas', 'title', 'userName', 'userType'],
    ],
  ])('%s', async (query, expected) => {
    const { body } = await provider.ask('GET', `/Users/${ids.bjensen}?${query}`)
    expect(Object.keys(body).sort()).toEqual(expected)
    const { body: list } = await provider.ask('GET', `/Users${filtered('userName eq "bjensen"')}&${query}`)
    expect(list.Resources).toEqual([body])
  })

  test('parts of parts', async () => {
    const { body } = await provider.ask('GET', `/Users/${ids.bjensen}?attributes=name.familyName,emails.type`)
    expect(body).toMatchObject({
      name: { familyName: 'Jensen' },
      emails: [{ type: 'work' }, { type: 'home' }],
    })
    expect(body.name.givenName).toBeUndefined()
    const { body: other } = await provider.ask('GET', `/Users/${ids.bjensen}?excludedAttributes=emails.value`)
    expect(other.emails).toEqual([{ type: 'work', primary: true }, { type: 'home' }])
    expect((await provider.ask('GET', '/Users?attributes=id&excludedAttributes=id')).status).toBe(400)
  })
})

describe('versions', () => {
  test('a user', async () => {
    const id = await provider.user('versioned')
    const path = `/Users/${id}`
    const first = await provider.ask('GET', path)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[\d.]+"$/)
    expect(first.body.meta.version).toBe(etag)
    expect(await provider.ask('GET', path, undefined, { 'if-none-match': etag })).toMatchObject({
      status: 304,
      body: '',
    })
    const title = (value: string) => patch({ op: 'replace', path: 'title', value })
    expect((await provider.ask('PATCH', path, title('a'), { 'if-match': `W/"0.0", ${etag}` })).status).toBe(
      200,
    )
    expect((await provider.ask('GET', path, undefined, { 'if-none-match': etag })).status).toBe(200)
    const late = await provider.ask('PATCH', path, title('b'), { 'if-match': etag })
    expect(late).toMatchObject({ status: 412, body: { status: '412' } })
    expect((await provider.ask('PUT', path, { userName: 'v' }, { 'if-match': etag })).status).toBe(412)
    expect((await provider.ask('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412)
    expect((await provider.ask('GET', path)).body.title).toBe('a')
    expect((await provider.ask('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(204)
  })

  test.each<[string, (userName: string) => object]>([
    ['a name alone', () => ({})],
    ['inactive', () => ({ active: false, displayName: 'Away' })],
    ['parts of a name', () => ({ name: { givenName: 'A', familyName: 'B' }, externalId: 'x' })],
    [
      'addresses',
      (name) => ({ emails: [{ value: `h${name}@e.com` }, { value: `${name}@e.com`, primary: true }] }),
    ],
    ['a company', () => ({ title: 'Head', [urn.enterprise]: { department: 'Sales', employeeNumber: '7' } })],
    [
      'other letters',
      (name) => ({ DISPLAYNAME: 'Loud', Emails: [{ Value: `${name}@e.com` }], shoeSize: 43 }),
    ],
  ])('users who come at once are answered as they are read: %s', async (what, fieldsOf) => {
    const queries = ['', '?attributes=userName,emails.value', '?excludedAttributes=meta,emails']
    const each = async (query: string, index: number) => {
      const userName = `${what.replaceAll(' ', '-')}-${index}`
      const made = await provider.ask('POST', `/Users${query}`, { userName, ...fieldsOf(userName) })
      expect(made.status).toBe(201)
      const path = `/Users/${made.body.id}`
      expect(made.headers.get('location')).toMatch(new RegExp(`^https?://.*/scim/v2/${provider.org}${path}$`))
      const read = await provider.ask('GET', path + query)
      expect(made.headers.get('etag')).toBe(read.headers.get('etag'))
      expect(JSON.stringify(made.body)).toBe(JSON.stringify(read.body))
    }
    await Promise.all(queries.map(each))
  })

  test('whose answer is asked for in a way that there is not: nothing is changed', async () => {
    const both = '?attributes=id&excludedAttributes=id'
    const person = await provider.user('asked for both')
    const team = await provider.group('Asked for both')
    const rename = (path: string) => patch({ op: 'replace', path, value: 'Not so' })
    for (const [method, path, body] of [
      ['POST', '/Users', { userName: 'never made' }],
      ['PUT', `/Users/${person}`, { userName: 'asked for both', title: 'Not so' }],
      ['PATCH', `/Users/${person}`, rename('title')],
      ['POST', '/Groups', { displayName: 'Never made' }],
      ['PUT', `/Groups/${team}`, { displayName: 'Not so' }],
      ['PATCH', `/Groups/${team}`, rename('displayName')],
    ] as const) {
      expect((await provider.ask(method, path + both, body)).status).toBe(400)
    }
    expect((await provider.ask('GET', `/Users/${person}`)).body.title).toBeUndefined()
    expect((await provider.ask('GET', `/Groups/${team}`)).body.displayName).toBe('Asked for both')
    expect((await provider.ask('POST', '/Users', { userName: 'never made' })).status).toBe(201)
    const found = await provider.ask('GET', '/Groups?filter=displayName eq "Never made"')
    expect(found.body.totalResults).toBe(0)
  })

  test('a user, whose version is also that of the groups that are shown', async () => {
    const id = await provider.user('versioned by groups')
    const group = await provider.group('Versioning')
    const path = `/Users/${id}`
    const version = async () => {
      const etag = (await provider.ask('GET', path)).headers.get('etag') ?? ''
      const { body } = await provider.ask('GET', `/Users?filter=userName eq "versioned by groups"`)
      expect(body.Resources[0].meta.version).toBe(etag)
      const filter = encodeURIComponent(`meta.version eq "${etag.replaceAll('"', '\\"')}"`)
      const found = await provider.ask('GET', `/Users?filter=${filter}&excludedAttributes=groups`)
      expect(found.body.Resources).toMatchObject([{ id, meta: { version: etag } }])
      return etag
    }
    const seen = [await version()]
    const members = (op: string) => patch({ op, path: 'members', value: [{ value: id }] })
    for (const change of [
      members('add'),
      patch({ op: 'replace', path: 'displayName', value: 'Versioned still' }),
      members('remove'),
      members('add'),
    ]) {
      await provider.ask('PATCH', `/Groups/${group}`, change)
      seen.push(await version())
    }
    const [none, first, renamed, left, again] = seen
    expect([left, again]).toEqual([none, renamed])
    expect(new Set([none, first, renamed]).size).toBe(3)
    expect((await provider.ask('GET', path, undefined, { 'if-none-match': none ?? '' })).status).toBe(200)
    const title = patch({ op: 'replace', path: 'title', value: 'a' })
    expect((await provider.ask('PATCH', path, title, { 'if-match': first ?? '' })).status).toBe(412)
    expect((await provider.ask('PATCH', path, title, { 'if-match': again ?? '' })).status).toBe(200)
  })

  test('a group, whose version is also that of who is in it', async () => {
    const id = await provider.group('Versioned')
    const [path, ann] = [`/Groups/${id}`, await provider.user('versioned too')]
    const version = async () => (await provider.ask('GET', path)).headers.get('etag') ?? ''
    const seen = [await version()]
    const add = patch({ op: 'add', path: 'members', value: [{ value: ann }] })
    await provider.ask('PATCH', path, add)
    seen.push(await version())
    await provider.ask('PATCH', path, patch({ op: 'replace', path: 'displayName', value: 'Versioned too' }))
    seen.push(await version())
    await provider.ask('DELETE', `/Users/${ann}`)
    seen.push(await version())
    expect(new Set(seen).size).toBe(4)
    expect((await provider.ask('PATCH', path, add, { 'if-match': seen[0] ?? '' })).status).toBe(412)
    expect((await provider.ask('DELETE', path, undefined, { 'if-match': await version() })).status).toBe(204)
  })

  test('of many who change the version they saw, one does', async () => {
    const id = await provider.user('contended')
    const etag = (await provider.ask('GET', `/Users/${id}`)).headers.get('etag') ?? ''
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        provider.ask('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: `t${index}` }), {
          'if-match': etag,
        }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)])
  })
})

describe('of itself', () => {
  test('what it does', async () => {
    const { body, headers } = await provider.ask('GET', '/ServiceProviderConfig')
    expect(headers.get('content-type')).toBe('application/scim+json')
    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: expect.any(Number) },
      changePassword: { supported: false },
      sort: { supported: false },
      etag: { supported: true },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    })
  })

  test('which resources, and every attribute of them', async () => {
    const types = (await provider.ask('GET', '/ResourceTypes')).body
    expect(types.Resources).toMatchObject([
      {
        id: 'User',
        endpoint: '/Users',
        schema: urn.user,
        schemaExtensions: [{ schema: urn.enterprise, required: false }],
      },
      { id: 'Group', endpoint: '/Groups', schema: urn.group, schemaExtensions: [] },
    ])
    expect((await provider.ask('GET', '/ResourceTypes/User')).body).toEqual(types.Resources[0])
    const schemas = (await provider.ask('GET', '/Schemas')).body
    for (const each of schemas.Resources) {
      expect((await provider.ask('GET', `/Schemas/${each.id}`)).body).toEqual(each)
    }
    const names = schemas.Resources.flatMap((each: { attributes: { name: string }[] }) =>
      each.attributes.map(({ name }) => name),
    )
    for (const name of Object.keys((await provider.ask('GET', `/Users/${ids.bjensen}`)).body)) {
      const isCommon = ['schemas', 'id', 'externalId', 'meta'].includes(name)
      expect([name, isCommon || names.includes(name) || name === urn.enterprise]).toEqual([name, true])
    }
    expect((await provider.ask('GET', '/Schemas/urn:nothing')).status).toBe(404)
    expect((await provider.ask('GET', '/ResourceTypes/Printer')).status).toBe(404)
  })

  test('what it does not do is 501, what is not there 404, each as an error of SCIM', async () => {
    for (const [method, path, status] of [
      ['GET', '/Me', 501],
      ['POST', '/Bulk', 501],
      ['GET', '/Printers', 404],
      ['GET', '/Users/usr_nobody', 404],
      ['PATCH', '/Users/usr_nobody', 404],
      ['GET', '/Users/a%20b', 404],
      ['GET', '/Users/%E2%82%AC', 404],
    ] as const) {
      const body = method === 'POST' || method === 'PATCH' ? patch() : undefined
      const answer = await provider.ask(method, path, body)
      expect([path, answer.status, answer.body.schemas, answer.body.status]).toEqual([
        path,
        status,
        [urn.error],
        `${status}`,
      ])
      expect(answer.headers.get('content-type')).toBe('application/scim+json')
    }
  })

  test('a method that a resource does not take is 405, and `Allow` names those that it does', async () => {
    const id = await provider.user('allowed@example.com')
    const [all, one] = ['GET, HEAD, POST', 'GET, HEAD, PUT, PATCH, DELETE']
    for (const [method, path, allow] of [
      ['PUT', '/Users', all],
      ['DELETE', '/Users', all],
      ['POST', `/Users/${id}`, one],
      ['PATCH', '/Groups', all],
      ['POST', '/Groups/idp_x', one],
      ['POST', '/Schemas', 'GET, HEAD'],
      ['GET', '/Bulk', 'POST'],
    ] as const) {
      const { status, body, headers } = await provider.ask(method, path, method === 'GET' ? undefined : {})
      expect([method, path, status, body.status, headers.get('allow')]).toEqual([
        method,
        path,
        405,
        '405',
        allow,
      ])
    }
  })

  test('plain JSON for who takes nothing else; a dry run is refused', async () => {
    const { headers } = await provider.ask('GET', '/Users', undefined, { accept: 'application/json' })
    expect(headers.get('content-type')).toBe('application/json')
    for (const accept of ['application/scim+json, application/json', '*/*', 'application/scim+json']) {
      const answer = await provider.ask('GET', '/Users', undefined, { accept })
      expect(answer.headers.get('content-type')).toBe('application/scim+json')
    }
    expect((await provider.ask('POST', '/Users?dryRun=true', { userName: 'dry' })).status).toBe(400)
    expect((await provider.ask('GET', `/Users${filtered('userName eq "dry"')}`)).body.totalResults).toBe(0)
  })

  test('one search over users and groups, paged as one list', async () => {
    await provider.group('Searched A')
    await provider.group('Searched B')
    const all = (await provider.ask('POST', '/.search', { filter: 'meta.resourceType pr' })).body
    const kinds = all.Resources.map(({ meta }: { meta: { resourceType: string } }) => meta.resourceType)
    expect(kinds).toEqual([...kinds].sort().reverse())
    expect(all.totalResults).toBe(all.Resources.length)
    for (let startIndex = 1; startIndex <= all.totalResults; startIndex++) {
      const { body } = await provider.ask('POST', '/.search', {
        filter: 'meta.resourceType pr',
        startIndex,
        count: 2,
      })
      expect(body.Resources).toEqual(all.Resources.slice(startIndex - 1, startIndex + 1))
      expect(body.totalResults).toBe(all.totalResults)
    }
    const one = await provider.ask('POST', '/.search', {
      filter: 'displayName eq "searched a"',
      attributes: ['displayName'],
    })
    expect(one.body).toMatchObject({ totalResults: 1, Resources: [{ displayName: 'Searched A' }] })
    expect((await provider.ask('POST', '/.search', { filter: 'userName sw "b"' })).body.totalResults).toBe(2)
    expect((await provider.ask('POST', '/.search', { filter: 'nonsense pr' })).body.totalResults).toBe(0)
  })
})
