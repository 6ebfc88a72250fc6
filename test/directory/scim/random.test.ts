/**
 * Random provisioning in both providers' spellings, against plain rules: statuses, lists, totals, filters, and what checks say
 * of everybody in every group and in the product's, after every single change, with memory warm.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answer, sharedDirectory } from '../http.ts'
import { type Stage, stageOf } from '../stage.ts'
import { PlainWorld } from './plain.ts'
import { filtered, type Provider, patch, providerOf } from './provider.ts'

const directory = await sharedDirectory()

const number = fc.noBias(fc.nat({ max: 999 }))
const choice = fc.record({ verb: number, one: number, two: number, three: number, spelling: number })
type Choice = { readonly [Name in 'verb' | 'one' | 'two' | 'three' | 'spelling']: number }

interface Run {
  readonly world: PlainWorld
  readonly provider: Provider
  readonly stage: Stage
  readonly product: string
}

type Verb = (run: Run, choice: Choice) => Promise<void>

const word = (pool: string, at: number) => `${pool}${at % 5}`
const inSomeCase = (text: string, at: number) => (at % 2 === 0 ? text : text.toUpperCase())
const one = <Value>(values: Iterable<Value>, at: number): Value | undefined => {
  const all = [...values]
  return all[at % Math.max(1, all.length)]
}
const spelt = (spellings: readonly object[], at: number) => patch(spellings[at % spellings.length] ?? {})

function expectStatus({ status, body }: Answer, wanted: number): void {
  expect([status, status === wanted ? '' : body]).toEqual([wanted, ''])
}

/** A change of one attribute of a user: as a provider spells it, and as it is. */
const changes: readonly ((run: Run, choice: Choice) => readonly [object, object])[] = [
  (_, { two, three, spelling }) => {
    const userName = inSomeCase(word('name', two), three)
    return [
      { userName },
      spelt(
        [
          { op: 'Replace', path: 'userName', value: userName },
          { op: 'replace', value: { userName } },
        ],
        spelling,
      ),
    ]
  },
  (_, { two, three, spelling }) => {
    const email = inSomeCase(`${word('mail', two)}@x.example`, three)
    const all = [{ value: email, type: 'work', primary: true }]
    return [
      { email },
      spelt(
        [
          { op: 'Add', path: 'emails[type eq "work"].value', value: email },
          { op: 'replace', path: 'emails', value: all },
          { op: 'replace', value: { emails: all } },
        ],
        spelling,
      ),
    ]
  },
  (_, { two, spelling }) => {
    const title = word('title', two)
    return [
      { title },
      spelt(
        [
          { op: 'Add', path: 'title', value: title },
          { op: 'replace', value: { title } },
          { op: 'REPLACE', path: 'TITLE', value: [{ value: title }] },
        ],
        spelling,
      ),
    ]
  },
  (_, { spelling }) => [
    { title: undefined },
    spelt(
      [
        { op: 'Remove', path: 'title' },
        { op: 'replace', value: { title: null } },
      ],
      spelling,
    ),
  ],
  (_, { two, spelling }) => {
    const active = two % 2 === 0
    const asText = active ? 'True' : 'False'
    return [
      { active },
      spelt(
        [
          { op: 'Replace', path: 'active', value: asText },
          { op: 'replace', value: { active } },
          { op: 'replace', path: 'active', value: active },
        ],
        spelling,
      ),
    ]
  },
]

const makeUser: Verb = async ({ world, provider }, { one: a, two, three, spelling }) => {
  const user = {
    userName: inSomeCase(word('name', a), spelling),
    email: two % 3 === 0 ? undefined : `${word('mail', two)}@x.example`,
    title: undefined,
    externalId: word('ext', three),
    active: spelling % 4 !== 0,
  }
  const { email, ...said } = user
  const emails = email === undefined ? {} : { emails: [{ value: email, type: 'work', primary: true }] }
  const answer = await provider.ask('POST', '/Users', { ...said, ...emails })
  expectStatus(answer, world.isTaken(undefined, user) ? 409 : 201)
  if (answer.status === 201) world.users.set(answer.body.id, user)
}

const makeGroup: Verb = async ({ world, provider, stage, product }, { one: a, two, three, spelling }) => {
  const displayName = inSomeCase(word('Group', a), spelling)
  const members = [one(world.users.keys(), two), one(world.users.keys(), three)].flatMap((id) => id ?? [])
  const answer = await provider.ask('POST', '/Groups', {
    displayName,
    members: members.map((value) => ({ value })),
  })
  expectStatus(answer, world.isNameTaken(undefined, displayName) ? 409 : 201)
  if (answer.status !== 201) return
  const isMapped = spelling % 2 === 0
  world.groups.set(answer.body.id, { displayName, members: new Set(members), isMapped })
  if (!isMapped) return
  const user = `idp_group:${answer.body.id}#member`
  const tuple = { object: `group:${product}`, relation: 'sso_member', user }
  expectStatus(
    await directory.ask('POST', `/stores/${stage.id}/write`, { writes: { tuple_keys: [tuple] } }),
    200,
  )
}

const verbs: readonly Verb[] = [
  makeUser,
  makeGroup,
  async ({ world, provider }, { one: a, two, three }) => {
    const id = one(world.users.keys(), a)
    const before = id === undefined ? undefined : world.users.get(id)
    if (id === undefined || before === undefined) return
    const user = {
      ...before,
      userName: word('name', two),
      email: undefined,
      title: word('title', three),
      externalId: undefined,
    }
    const { userName, title } = user
    const answer = await provider.ask('PUT', `/Users/${id}`, {
      userName,
      title,
      id,
      groups: [],
      password: 'x',
    })
    expectStatus(answer, world.isTaken(id, user) ? 409 : 200)
    if (answer.status === 200) world.users.set(id, user)
  },
  ...changes.map(
    (change): Verb =>
      async (run, given) => {
        const { world, provider } = run
        const id = one(world.users.keys(), given.one)
        const before = id === undefined ? undefined : world.users.get(id)
        if (id === undefined || before === undefined) return
        const [after, body] = change(run, given)
        const user = { ...before, ...after }
        const answer = await provider.ask('PATCH', `/Users/${id}`, body)
        expectStatus(answer, world.isTaken(id, user) ? 409 : 200)
        if (answer.status === 200) world.users.set(id, user)
      },
  ),
  async ({ world, provider }, { one: a, two }) => {
    const id = one([...world.users.keys(), ...world.groups.keys()], a)
    if (id === undefined || two % 2 === 0) return
    expectStatus(await provider.ask('DELETE', `/${world.users.has(id) ? 'Users' : 'Groups'}/${id}`), 204)
    world.forget(id)
  },
  async ({ world, provider }, { one: a, two, spelling }) => {
    const id = one(world.groups.keys(), a)
    const group = id === undefined ? undefined : world.groups.get(id)
    if (id === undefined || group === undefined) return
    const displayName = word('Group', two)
    const body = spelt(
      [
        { op: 'Replace', path: 'displayName', value: displayName },
        { op: 'replace', value: { id, displayName } },
      ],
      spelling,
    )
    const answer = await provider.ask('PATCH', `/Groups/${id}`, body)
    expectStatus(answer, world.isNameTaken(id, displayName) ? 409 : 204)
    if (answer.status === 204) group.displayName = displayName
  },
  ...['add', 'add', 'remove', 'replace'].map(
    (op): Verb =>
      async ({ world, provider }, { one: a, two, three, spelling }) => {
        const id = one(world.groups.keys(), a)
        const group = id === undefined ? undefined : world.groups.get(id)
        if (group === undefined) return
        const all = [...world.users.keys(), ...world.groups.keys()]
        const named = [one(all, two), one(all, three)].filter((each) => each !== id)
        const members = [...new Set(named.flatMap((each) => each ?? []))]
        const value = members.map((each) => ({ $ref: null, value: each, display: 'x' }))
        const spellings = {
          add: [
            { op: 'Add', path: 'members', value },
            { op: 'add', value: { members: value } },
          ],
          remove: [
            { op: 'Remove', path: 'members', value },
            { op: 'remove', path: `members[${members.map((each) => `value eq "${each}"`).join(' or ')}]` },
          ],
          replace: [
            { op: 'replace', path: 'members', value },
            { op: 'replace', value: { members: value } },
          ],
        }[op as 'add' | 'remove' | 'replace']
        if (members.length === 0) return
        if (op === 'replace' && spelling % 3 === 0) {
          const body = { displayName: group.displayName, members: value }
          expectStatus(await provider.ask('PUT', `/Groups/${id}`, body), 200)
        } else expectStatus(await provider.ask('PATCH', `/Groups/${id}`, spelt(spellings, spelling)), 204)
        if (op === 'replace') group.members.clear()
        for (const each of members) {
          if (op === 'remove') group.members.delete(each)
          else group.members.add(each)
        }
      },
  ),
]

/** Everything there is to see, and what checks say. */
async function compare({ world, provider, stage, product }: Run, { two, three }: Choice): Promise<void> {
  const users = (await provider.ask('GET', `/Users${filtered('not (userName eq "boss@example.com")')}`)).body
  const seen = users.Resources.map((user: Record<string, unknown> & { emails?: { value: string }[] }) => [
    user.id,
    {
      userName: user.userName,
      email: user.emails?.[0]?.value,
      title: user.title,
      externalId: user.externalId,
      active: user.active,
    },
  ])
  expect(new Map(seen)).toEqual(world.users)
  expect(users.totalResults).toBe(world.users.size)
  const groups = (await provider.ask('GET', '/Groups')).body
  const shown = groups.Resources.map(
    (group: { id: string; displayName: string; members: { value: string }[] }) => [
      group.id,
      [group.displayName, group.members.map(({ value }) => value).sort()],
    ],
  )
  const wanted = [...world.groups].map(
    ([id, { displayName, members }]) => [id, [displayName, [...members].sort()]] as const,
  )
  expect(new Map(shown)).toEqual(new Map(wanted))
  await compareFilters({ world, provider }, two, three)
  const asked = [...world.users.keys()].flatMap((user) => [
    ...[...world.groups.keys()].map((group) => ({
      user,
      object: `idp_group:${group}`,
      expected: world.isIn(user, group),
    })),
    { user, object: `group:${product}`, expected: world.isInProduct(user) },
  ])
  for (let from = 0; from < asked.length; from += 50) {
    const some = asked.slice(from, from + 50)
    const checks = some.map(({ user, object }, index) => ({
      tuple_key: { user: `user:${user}`, relation: 'member', object },
      correlation_id: `c${index}`,
    }))
    const { body } = await directory.ask('POST', `/stores/${stage.id}/batch-check`, { checks })
    expect(some.map((each, index) => ({ ...each, expected: body.result[`c${index}`].allowed }))).toEqual(some)
  }
}

async function compareFilters(
  { world, provider }: Pick<Run, 'world' | 'provider'>,
  two: number,
  three: number,
) {
  const all = [...world.users.values()]
  const totals: readonly (readonly [string, string, number])[] = [
    [
      'Users',
      `userName eq "${word('NAME', two)}"`,
      all.filter(({ userName }) => userName.toLowerCase() === word('name', two)).length,
    ],
    [
      'Users',
      `externalId eq "${word('ext', two)}"`,
      all.filter(({ externalId }) => externalId === word('ext', two)).length,
    ],
    [
      'Users',
      `emails.value eq "${word('mail', two)}@x.example"`,
      all.filter(({ email }) => email?.toLowerCase() === `${word('mail', two)}@x.example`).length,
    ],
    [
      'Users',
      `active eq false and title pr`,
      all.filter(({ active, title }) => !active && title !== undefined).length,
    ],
    [
      'Groups',
      `displayName eq "${word('group', three)}"`,
      [...world.groups.values()].filter(
        ({ displayName }) => displayName.toLowerCase() === word('group', three),
      ).length,
    ],
    [
      'Groups',
      `members.value eq "${one(world.users.keys(), three)}"`,
      [...world.groups.values()].filter(({ members }) => members.has(one(world.users.keys(), three) ?? ''))
        .length,
    ],
  ]
  const [kind, filter, total] = one(totals, two + three) ?? ['', '', 0]
  const { body } = await provider.ask('GET', `/${kind}${filtered(filter)}&count=1`)
  expect([filter, body.totalResults, body.itemsPerPage]).toEqual([filter, total, Math.min(1, total)])
}

test('random changes are what plain rules say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(choice, { minLength: 10, maxLength: 40 }), async (choices) => {
      const stage = await stageOf(directory, 'enterprise')
      const run = {
        world: new PlainWorld(),
        provider: providerOf(directory, stage.id),
        stage,
        product: await stage.group('Product'),
      }
      // Somebody is there from the first change on: most changes would find nobody else.
      for (const at of [0, 1, 2, 3])
        await makeUser(run, { verb: 0, one: at, two: at, three: at, spelling: 1 })
      for (const at of [0, 1])
        await makeGroup(run, { verb: 0, one: at, two: at, three: at + 1, spelling: at })
      for (const each of choices) {
        await verbs[each.verb % verbs.length]?.(run, each)
        await compare(run, each)
      }
    }),
    { numRuns: 40 },
  )
})
