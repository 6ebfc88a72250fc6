/** What is counted of use, for whom, once; the tables that it makes; who sees which rows; and how it stays small. */
import { beforeAll, describe, expect, test } from 'vitest'
import { dayMs, dayOf } from '../../src/directory/analytics/calendar.ts'
import { tidy } from '../../src/directory/analytics/tidy.ts'
import { type Client, type Directory, openDirectory, sharedGuarded } from './http.ts'
import { plant } from './plant.ts'
import { type Stage, stageOf } from './stage.ts'

const start = Date.parse('2026-03-20T12:00:00Z')
const { ring, directory } = await sharedGuarded({ now: () => start })

/** One whose clock can be put forward; no clock goes back. */
async function openTravelling() {
  const clock = { now: start }
  const travelling = await openDirectory({ now: () => clock.now })
  return { travelling, clock, storage: travelling.ground.service.storage }
}

const withAnalytics = ['training', 'enterprise', 'group-only', 'default'] as const

interface Event {
  readonly user: string
  readonly [field: string]: unknown
}

async function post(client: Client, ...events: readonly Event[]) {
  for (let i = 0; i < events.length; i += 1000) {
    const sent = await client('POST', '/analytics/events', { events: events.slice(i, i + 1000) })
    expect(sent).toMatchObject({ status: 200 })
  }
}

/** Rows by name, of all pages. */
async function tableOf(client: Client, query = '') {
  const rows: { name: string; queries: number; [field: string]: unknown }[] = []
  let total: unknown
  for (let token = ''; ; ) {
    const { status, body } = await client('GET', `/analytics/groups?${query}&continuationToken=${token}`)
    expect({ status, body }).toMatchObject({ status: 200 })
    rows.push(...body.groups)
    total = body.total
    token = body.continuationToken
    if (token === '') return { rows, total, names: rows.map(({ name }) => name) }
  }
}

async function queriesOf(client: Client, query = '') {
  const { rows } = await tableOf(client, query)
  return Object.fromEntries(rows.map(({ name, queries }) => [name, queries]))
}

async function join(stage: Stage, group: string, ...users: string[]) {
  const made = await stage.boss('POST', `/groups/${group}/members`, { users })
  expect(made.status).toBe(201)
}

describe.each(withAnalytics)('%s', (preset) => {
  test('T60, T62, Z6: each event counts for every group of its user, and once for the organization', async () => {
    const stage = await stageOf(directory, preset)
    const { boss } = stage
    await stage.people('ann', 'bob', 'eve')
    const [one, two] = [await stage.group('One'), await stage.group('Two')]
    await stage.group('Three')
    await join(stage, one, 'ann', 'bob')
    await join(stage, two, 'ann')
    for (const user of ['bob', 'bob', 'user:bob']) {
      expect(await boss('POST', '/analytics/events', { user })).toMatchObject({
        status: 200,
        body: { counted: 1, duplicates: 0 },
      })
    }
    const { rows, total } = await tableOf(boss)
    expect(rows).toMatchObject([
      { group: one, name: 'One', queries: 3, judged: 0, accuracy: null, satisfaction: null },
      { name: 'Three', queries: 0 },
      { group: two, name: 'Two', queries: 0 },
    ])
    expect(total).toMatchObject({ queries: 3 })
    await post(boss, { user: 'ann' }, { user: 'eve', correct: false })
    expect(await queriesOf(boss)).toEqual({ One: 4, Three: 0, Two: 1 })
    expect((await tableOf(boss)).total).toMatchObject({ queries: 5, judged: 1, accuracy: 0 })
    // Who leaves takes nothing along, and counts there no more.
    await boss('DELETE', `/groups/${one}/members/ann`)
    await post(boss, { user: 'ann' })
    expect(await queriesOf(boss)).toEqual({ One: 4, Three: 0, Two: 2 })
  })
})

test('sharing and the client portal have no analytics', async () => {
  for (const preset of ['sharing', 'client-portal']) {
    const boss = (await directory.organization(preset)).as('boss')
    const sent = await boss('POST', '/analytics/events', { user: 'boss' })
    expect(sent).toMatchObject({ status: 422, body: { error: { code: 'not_in_preset' } } })
    const { status, body } = await boss('GET', '/analytics/total')
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'not_in_preset' } } })
  }
})

test('T61: the figures of the document, exactly, in every order, and as a file', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const { boss } = stage
  await stage.people('tia', 'tom')
  await join(stage, await stage.group('Tier 1 Support'), 'tia')
  await join(stage, await stage.group('Tier 2 Support'), 'tom')
  await stage.group('=HYPERLINK("x")')
  const events = (user: string, queries: number, correct: number, ratings: readonly number[]): Event[] =>
    Array.from({ length: queries }, (_, i) => ({
      user,
      correct: i < correct,
      ...(i < ratings.length ? { satisfaction: ratings[i] } : {}),
    }))
  // 43 of 10, 46 of 10.
  await post(boss, ...events('tia', 8200, 7134, [5, 5, 5, 5, 5, 4, 4, 4, 3, 3]))
  await post(boss, ...events('tom', 4250, 3910, [5, 5, 5, 5, 5, 5, 4, 4, 4, 4]))
  const { rows, total } = await tableOf(boss)
  expect(rows).toMatchObject([
    { name: 'Tier 1 Support', queries: 8200, correct: 7134, judged: 8200, accuracy: 87, satisfaction: 4.3 },
    { name: 'Tier 2 Support', queries: 4250, correct: 3910, judged: 4250, accuracy: 92, satisfaction: 4.6 },
    { name: '=HYPERLINK("x")', queries: 0, accuracy: null, satisfaction: null },
  ])
  expect(total).toMatchObject({ queries: 12_450, accuracy: 89, satisfaction: 4.5, ratings: 20 })
  const [one, two, none] = ['Tier 1 Support', 'Tier 2 Support', '=HYPERLINK("x")']
  const orders = {
    'sort=accuracy': [two, one, none],
    'sort=accuracy&order=asc': [one, two, none],
    'sort=satisfaction': [two, one, none],
    'sort=queries&order=asc': [none, two, one],
    'sort=name': [none, one, two],
    'sort=name&order=desc': [two, one, none],
    'q=tier': [one, two],
  }
  for (const [query, names] of Object.entries(orders)) {
    expect([query, (await tableOf(boss, query)).names]).toEqual([query, names])
    expect([query, (await tableOf(boss, `${query}&pageSize=1`)).names]).toEqual([query, names])
  }
  const file = await boss('GET', '/analytics/groups?format=csv&sort=name')
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  const ids = Object.fromEntries(rows.map((row) => [row.name, row.group]))
  expect(file.body).toBe(
    `${[
      'group,name,queries,correct,judged,accuracy,satisfaction,ratings',
      `${ids[none]},"'=HYPERLINK(""x"")",0,0,0,,,0`,
      `${ids[one]},Tier 1 Support,8200,7134,8200,87,4.3,10`,
      `${ids[two]},Tier 2 Support,4250,3910,4250,92,4.6,10`,
    ].join('\r\n')}\r\n`,
  )
})

test('Z6: by day, over ranges, with both ends in; a rating may follow its query', async () => {
  const stage = await stageOf(directory, 'training')
  const { boss } = stage
  await stage.people('ann')
  const group = await stage.group('Onboarding')
  await join(stage, group, 'ann')
  const at = (day: string, time = '12:00:00Z') => `${day}T${time}`
  await post(
    boss,
    { user: 'ann', at: at('2026-03-18'), correct: true },
    { user: 'ann', at: at('2026-03-18', '23:59:59.999Z'), correct: false },
    // The day before, where it happened; the day after, as it is counted.
    { user: 'ann', at: at('2026-03-18', '22:00:00-05:00') },
    { user: 'ann', at: at('2026-02-28'), satisfaction: 2 },
  )
  await post(boss, { user: 'ann', at: at('2026-03-18'), queries: 0, satisfaction: 5, correct: true })
  const days = async (query: string) => {
    const { status, body } = await boss('GET', `/analytics/groups/${group}?${query}`)
    expect({ status, body }).toMatchObject({ status: 200, body: { group, name: 'Onboarding' } })
    return body
  }
  const week = await days('from=2026-03-17&to=2026-03-19')
  expect(week).toMatchObject({ from: '2026-03-17', to: '2026-03-19', queries: 3, judged: 3, correct: 2 })
  expect(week.days).toMatchObject([
    { day: '2026-03-17', queries: 0, accuracy: null },
    { day: '2026-03-18', queries: 2, judged: 3, accuracy: 67, satisfaction: 5 },
    { day: '2026-03-19', queries: 1 },
  ])
  expect(await queriesOf(boss, 'from=2026-03-19&to=2026-03-19')).toEqual({ Onboarding: 1 })
  expect(await queriesOf(boss, 'to=2026-02-28')).toEqual({ Onboarding: 1 })
  expect((await days('')).days).toHaveLength(30)
  const total = await boss('GET', '/analytics/total?from=2026-01-01')
  expect(total.body).toMatchObject({ from: '2026-01-01', to: '2026-03-20', queries: 4, satisfaction: 3.5 })
})

test('an event that is sent again counts once, alone, in one request, at one time, and on the day after', async () => {
  const { travelling, clock, storage } = await openTravelling()
  const stage = await stageOf(travelling, 'training')
  const { boss } = stage
  await stage.people('ann')
  const event = { id: 'e1', user: 'ann' }
  const send = (body: object) => boss('POST', '/analytics/events', body)
  const all = await Promise.all(Array.from({ length: 20 }, () => send(event)))
  expect(all.map(({ body }) => body.counted).sort()).toEqual([...Array(19).fill(0), 1])
  expect(
    (await send({ events: [event, { id: 'e2', user: 'ann' }, { id: 'e2', user: 'ann' }] })).body,
  ).toEqual({
    counted: 1,
    duplicates: 2,
  })
  await boss('DELETE', '/users/ann')
  expect((await send(event)).body).toEqual({ counted: 0, duplicates: 1 })
  clock.now = Date.parse('2026-03-21T23:00:00Z')
  expect((await send(event)).body).toEqual({ counted: 0, duplicates: 1 })
  await tidyNow(travelling, stage)
  expect((await send(event)).body).toEqual({ counted: 0, duplicates: 1 })
  clock.now = Date.parse('2026-03-22T01:00:00Z')
  await tidyNow(travelling, stage)
  expect((await storage.view(stage.id).asides('@event', 10)).rows).toEqual([])
  expect((await send({ ...event, user: 'boss' })).body).toEqual({ counted: 1, duplicates: 0 })
})

/** As the errand does. */
async function tidyNow({ ground }: Directory, { id: org }: Stage): Promise<void> {
  const attributes = ground.service.storage.view(org).entity('@errand', 'analytics')?.attributes
  expect(attributes).toMatchObject({ due: expect.any(Number) })
  await tidy(ground, { org, attributes: attributes ?? {} }, new AbortController().signal)
}

const refusals: [string, object | string, string, string][] = [
  ['a user of nobody', { user: 'nobody' }, 'unknown_reference', 'user'],
  ['a rating of 6', { user: 'ann', satisfaction: 6 }, 'invalid_field', 'satisfaction'],
  ['a rating of 0', { user: 'ann', satisfaction: 0 }, 'invalid_field', 'satisfaction'],
  ['half a rating', { user: 'ann', satisfaction: 4.5 }, 'invalid_field', 'satisfaction'],
  ['a huge number', { user: 'ann', queries: 1e300 }, 'invalid_field', 'queries'],
  ['a number below nothing', { user: 'ann', queries: -1 }, 'invalid_field', 'queries'],
  ['a verdict that is a word', { user: 'ann', correct: 'yes' }, 'invalid_field', 'correct'],
  ['no user', { correct: true }, 'invalid_field', 'user'],
  ['a field of no event', { user: 'ann', group: 'g' }, 'invalid_field', 'group'],
  ['tomorrow', { user: 'ann', at: '2026-03-21T12:00:00Z' }, 'invalid_field', 'at'],
  ['a far day', { user: 'ann', at: '9999-12-31T23:59:59Z' }, 'invalid_field', 'at'],
  ['a day of long ago', { user: 'ann', at: '2025-02-01T00:00:00Z' }, 'invalid_field', 'at'],
  ['a day of before the epoch', { user: 'ann', at: '0000-01-01T00:00:00Z' }, 'invalid_field', 'at'],
  ['no instant', { user: 'ann', at: '2026-02-30T00:00:00Z' }, 'invalid_field', 'at'],
  ['an instant that is a number', { user: 'ann', at: 1e15 }, 'invalid_field', 'at'],
  ['a resource of nothing', { user: 'ann', resource: 'bot:no' }, 'unknown_reference', 'resource'],
  ['a resource that is a group', { user: 'ann', resource: 'group:g' }, 'not_in_preset', 'resource'],
  ['a resource that is a word', { user: 'ann', resource: 'bot' }, 'not_in_preset', 'resource'],
  ['an id that is too long', { user: 'ann', id: 'x'.repeat(129) }, 'invalid_field', 'id'],
  ['an id with a line', { user: 'ann', id: 'x\u0000y' }, 'invalid_field', 'id'],
]

describe('what is wrong is named, and nothing of its request counts', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await stageOf(directory, 'training')
    await stage.people('ann')
    const other = await stageOf(directory, 'training')
    await other.people('zoe')
  })

  test.each(refusals)('%s', async (_, event, code, field) => {
    const alone = await stage.boss('POST', '/analytics/events', event)
    expect(alone).toMatchObject({ status: 422, body: { error: { code, field } } })
    const events = [{ id: 'fresh', user: 'ann' }, event]
    const among = await stage.boss('POST', '/analytics/events', { events })
    expect(among).toMatchObject({ status: 422, body: { error: { code, field: `events[1].${field}` } } })
    expect((await stage.boss('GET', '/analytics/total')).body.queries).toBe(0)
  })

  test('people and groups of another organization are like none', async () => {
    const sent = await stage.boss('POST', '/analytics/events', { user: 'zoe' })
    expect(sent).toMatchObject({ status: 422, body: { error: { code: 'unknown_reference', field: 'user' } } })
    const other = await stageOf(directory, 'training')
    const group = await other.group('Theirs')
    expect((await stage.boss('GET', `/analytics/groups/${group}`)).status).toBe(404)
    expect((await tableOf(stage.boss)).rows).toEqual([])
  })

  test('more than a thousand, both shapes at once, no body, a rehearsal', async () => {
    const events = Array.from({ length: 1001 }, () => ({ user: 'ann' }))
    for (const body of [{ events }, { events: [], user: 'ann' }, { events: 3 }, []]) {
      expect((await stage.boss('POST', '/analytics/events', body)).status).toBe(422)
    }
    expect((await stage.boss('POST', '/analytics/events?dryRun=true', { user: 'ann' })).status).toBe(422)
    expect((await stage.boss('POST', '/analytics/events', '{"user":"ann","satisfaction":NaN}')).status).toBe(
      400,
    )
    expect((await stage.boss('POST', '/analytics/events', { events: [] })).body).toEqual({
      counted: 0,
      duplicates: 0,
    })
    expect((await stage.boss('GET', '/analytics/total')).body.queries).toBe(0)
  })

  test.each([
    ['from=2026-03-21&to=2026-03-20', 'from'],
    ['from=2026-02-30', 'from'],
    ['to=today', 'to'],
    ['to=0000-01-02', 'to'],
    ['to=9999-12-31', 'to'],
    ['from=1001-01-01', 'from'],
    ['to=8999-12-31&from=1999-01-01', 'from'],
    ['sort=rank', 'sort'],
    ['order=up', 'order'],
    ['pageSize=0', 'pageSize'],
    ['format=xls', 'format'],
  ])('%s', async (query, field) => {
    const { status, body } = await stage.boss('GET', `/analytics/groups?${query}`)
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'invalid_field', field } } })
  })
})

test('who sees what: all of it, the groups that one manages, nothing', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('max', 'mia')
  const [mine, theirs] = [await stage.group('Mine'), await stage.group('Theirs')]
  const manager = { user: 'max', role: 'manager' }
  expect((await stage.boss('POST', `/groups/${mine}/members`, manager)).status).toBe(201)
  await join(stage, theirs, 'mia')
  await post(stage.boss, { user: 'max' }, { user: 'mia' })
  const [max, mia] = [stage.as('max'), stage.as('mia')]
  const seen = await tableOf(max)
  expect(seen).toMatchObject({ names: ['Mine'], total: undefined })
  expect((await max('GET', `/analytics/groups/${mine}`)).body).toMatchObject({ queries: 1 })
  expect((await max('GET', `/analytics/groups/${theirs}`)).status).toBe(404)
  for (const path of ['/analytics/total', '/analytics/resources/agent']) {
    expect([path, (await max('GET', path)).status]).toEqual([path, 403])
  }
  expect((await mia('GET', '/analytics/groups')).status).toBe(403)
  expect((await mia('GET', `/analytics/groups/${theirs}`)).status).toBe(403)
  expect((await mia('GET', '/analytics/groups?format=csv')).status).toBe(403)
  expect((await stage.as('stranger')('GET', '/analytics/groups')).status).toBe(404)
})

test('groups hidden from an administrator are no rows', async () => {
  const stage = await stageOf(directory, 'default')
  await stage.people('ann')
  const group = await stage.group('Open')
  await post(stage.boss, { user: 'ann' })
  expect((await tableOf(stage.boss)).names).toEqual(['Open'])
  const steward = { object: `group:${group}`, relation: 'steward' }
  const subjects = ['organization#admin', 'organization#operator']
  const deletes = subjects.map((each) => ({
    ...steward,
    user: each.replace('#', `:${stage.id}#`),
  }))
  const owner = { object: `group:${group}`, relation: 'owner', user: 'user:boss' }
  const taken = await directory.ask('POST', `/stores/${stage.id}/write`, {
    deletes: { tuple_keys: [...deletes.slice(0, 1), owner] },
    writes: { tuple_keys: [{ ...owner, user: 'user:ann' }] },
  })
  expect(taken).toMatchObject({ status: 200 })
  expect((await stage.boss('GET', `/groups/${group}`)).status).toBe(404)
  expect((await tableOf(stage.boss)).names).toEqual([])
  expect((await stage.boss('GET', `/analytics/groups/${group}`)).status).toBe(404)
  expect((await tableOf(stage.as('ann'))).names).toEqual(['Open'])
})

test('who may tell: an application of the right `usage`, or an administrator; nobody else', async () => {
  const stage = await stageOf(directory, 'training')
  const other = await stageOf(directory, 'training')
  await stage.people('ann')
  const send = async (scopes: string[], actor?: string, org = stage.id) => {
    const authorization = `Bearer ${await ring.key(...scopes)}`
    const headers = { authorization, ...(actor === undefined ? {} : { 'kith-actor': `user:${actor}` }) }
    return (await directory.ask('POST', `/v1/orgs/${org}/analytics/events`, { user: 'ann' }, headers)).status
  }
  expect(await send([`usage:${stage.id}`])).toBe(200)
  expect(await send([`usage:${stage.id}`], undefined, other.id)).toBe(404)
  expect(await send([`directory:${stage.id}`, `act:${stage.id}`], 'boss')).toBe(200)
  expect(await send([`directory:${stage.id}`, `act:${stage.id}`], 'ann')).toBe(403)
  expect(await send([`directory:${stage.id}`, `act:${stage.id}`])).toBe(403)
  expect(await send([`check:${stage.id}`])).toBe(403)
  expect(await send([`audit:${stage.id}`])).toBe(403)
  expect((await stage.boss('GET', '/analytics/total')).body.queries).toBe(2)
})

test('counting makes no revision, tells no watch, and leaves zookies as they are', async () => {
  const stage = await stageOf(directory, 'training')
  const { storage } = directory.ground.service
  await post(stage.boss, { user: 'boss' })
  const before = storage.view(stage.id).revision
  const told: unknown[] = []
  const stop = storage.onApplied((_, entry) => told.push(entry))
  await Promise.all(Array.from({ length: 50 }, () => post(stage.boss, { user: 'boss' })))
  stop()
  expect(told).toEqual([])
  expect(storage.view(stage.id).revision).toBe(before)
  expect((await stage.boss('GET', '/analytics/total')).body.queries).toBe(51)
})

test('resources are counted too; what is deleted takes its figures along, and its name begins anew', async () => {
  const stage = await stageOf(directory, 'training')
  const { boss } = stage
  await stage.people('ann')
  const bot = { id: 'helper', name: 'Helper' }
  expect((await boss('POST', '/resources/bot', bot)).status).toBe(201)
  const group = await stage.group('Onboarding')
  await join(stage, group, 'ann')
  await post(
    boss,
    { user: 'ann', resource: 'bot:helper' },
    { user: 'ann', resource: 'agent:helper', satisfaction: 4 },
  )
  const table = async () => (await boss('GET', '/analytics/resources/bot')).body.resources
  expect(await table()).toMatchObject([{ resource: 'helper', name: 'Helper', queries: 2, satisfaction: 4 }])
  expect((await boss('GET', '/analytics/resources/flow')).status).toBe(422)
  const kept = async () =>
    (await directory.ground.service.storage.view(stage.id).asides('@count', 100)).rows.map(({ id }) => id)
  expect(await kept()).toHaveLength(3)
  await boss('DELETE', '/resources/bot/helper')
  expect((await boss('POST', '/resources/bot', bot)).status).toBe(201)
  expect(await table()).toMatchObject([{ resource: 'helper', queries: 0 }])
  await boss('DELETE', `/groups/${group}`)
  expect(await kept()).toEqual([`2026-03/organization:${stage.id}`])
  expect((await boss('GET', '/analytics/total')).body.queries).toBe(2)
})

test('an archived group counts nothing and keeps what it has, unless it goes on giving', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const group = await stage.group('Old')
  await join(stage, group, 'ann')
  await post(stage.boss, { user: 'ann' })
  await stage.boss('POST', `/groups/${group}/archive`)
  await post(stage.boss, { user: 'ann' })
  expect(await queriesOf(stage.boss)).toEqual({ Old: 1 })
  const giving = (on: boolean) => stage.boss('PATCH', '', { settings: { archivedGroupsGive: on } })
  expect((await giving(true)).status).toBe(200)
  await post(stage.boss, { user: 'ann' })
  expect(await queriesOf(stage.boss)).toEqual({ Old: 2 })
  await giving(false)
  await stage.boss('POST', `/groups/${group}/unarchive`)
  await post(stage.boss, { user: 'ann' })
  expect(await queriesOf(stage.boss)).toEqual({ Old: 3 })
})

test('members by rule and through the identity provider count, those of a child group do not', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann', 'bob', 'cal')
  const [parent, child] = [await stage.group('Parent'), await stage.group('Child')]
  await stage.boss('PATCH', `/groups/${child}`, { parentId: parent })
  await join(stage, child, 'ann')
  await plant(directory, stage, (garden) => {
    for (const id of ['ann', 'bob']) garden.byRule(child, id)
  })
  const okta = { displayName: 'Okta', members: [{ value: 'cal' }] }
  const made = await directory.ask('POST', `/scim/v2/${stage.id}/Groups`, okta)
  const list = `idp_group:${JSON.parse(made.body).id}`
  const written = await directory.ask('POST', `/stores/${stage.id}/write`, {
    writes: {
      tuple_keys: [{ object: `group:${child}`, relation: 'sso_member', user: `${list}#member` }],
    },
  })
  expect(written).toMatchObject({ status: 200 })
  await post(stage.boss, { user: 'ann' }, { user: 'bob' }, { user: 'cal' })
  expect(await queriesOf(stage.boss)).toEqual({ Child: 3, Parent: 0 })
})

test('of months that are too old the sum is left, and ranges that cut one are told so; in the end it goes', async () => {
  const { travelling, clock, storage } = await openTravelling()
  const stage = await stageOf(travelling, 'training')
  const { boss } = stage
  await stage.people('ann')
  const group = await stage.group('Onboarding')
  await join(stage, group, 'ann')
  await post(
    boss,
    { user: 'ann', at: '2026-03-02T00:00:00Z' },
    { user: 'ann', at: '2026-03-19T00:00:00Z', correct: true },
  )
  const sum = { queries: 2, judged: 1, accuracy: 100 }
  clock.now = Date.parse('2027-05-04T12:00:00Z')
  await tidyNow(travelling, stage)
  const march = (query: string) => boss('GET', `/analytics/groups/${group}?${query}`)
  // The last of March is 400 days ago.
  expect((await march('from=2026-03-19&to=2026-03-31')).body).toMatchObject({ queries: 1 })
  clock.now = Date.parse('2027-05-07T12:00:00Z')
  const errand = () => storage.view(stage.id).entity('@errand', 'analytics')?.attributes ?? {}
  const before = errand()
  await tidy(travelling.ground, { org: stage.id, attributes: before }, AbortSignal.abort())
  expect(errand()).toEqual(before)
  await tidyNow(travelling, stage)
  for (const _ of ['once', 'again']) {
    const whole = await march('from=2026-03-01&to=2026-04-02')
    expect(whole.body).toMatchObject({ ...sum, months: [{ month: '2026-03', ...sum }] })
    expect(whole.body.days).toHaveLength(2)
    expect((await tableOf(boss, 'from=2026-03-01&to=2027-01-01')).rows).toMatchObject([sum])
    await post(boss, { user: 'ann' })
    await tidyNow(travelling, stage)
  }
  for (const [query, field, hint] of [
    ['from=2026-03-02&to=2026-04-01', 'from', 'from=2026-03-01'],
    ['from=2026-02-01&to=2026-03-30', 'to', 'to=2026-03-31'],
  ] as const) {
    const refused = { status: 422, body: { error: { code: 'invalid_field', field, hint } } }
    expect(await march(query)).toMatchObject(refused)
    expect(await boss('GET', `/analytics/groups?${query}`)).toMatchObject(refused)
    expect(await boss('GET', `/analytics/groups?format=csv&${query}`)).toMatchObject(refused)
  }
  clock.now = Date.parse('2036-03-10T12:00:00Z')
  await tidyNow(travelling, stage)
  const kept = await storage.view(stage.id).asides('@count', 100)
  expect([...new Set(kept.rows.map(({ id }) => id.slice(0, 7)))]).toEqual(['2027-05'])
  // Until then nothing is to be done.
  const { due } = storage.view(stage.id).entity('@errand', 'analytics')?.attributes ?? {}
  expect(new Date(Number(due)).toISOString()).toBe('2037-05-01T00:30:00.000Z')
  clock.now = Date.parse('2037-06-10T12:00:00Z')
  await tidyNow(travelling, stage)
  expect((await storage.view(stage.id).asides('@count', 1)).rows).toEqual([])
  expect(storage.view(stage.id).entity('@errand', 'analytics')).toBeUndefined()
  await post(boss, { user: 'ann' })
  expect(storage.view(stage.id).entity('@errand', 'analytics')).toBeDefined()
})

test('random events over random memberships are plain sums, for every range', async () => {
  const random = seeded(20_260_322)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const stage = await stageOf(directory, 'group-only')
  const users = ['a', 'b', 'c', 'd', 'e', 'f']
  await stage.people(...users)
  const groups = await Promise.all(['G1', 'G2', 'G3', 'G4'].map((name) => stage.group(name)))
  const members = new Map(groups.map((group) => [group, new Set<string>()]))
  const plain: { groups: string[]; day: string; correct?: boolean; satisfaction?: number }[] = []
  for (let round = 0; round < 25; round++) {
    const [group, user] = [pick(groups), pick(users)]
    const inside = members.get(group) ?? new Set()
    if (inside.delete(user)) await stage.boss('DELETE', `/groups/${group}/members/${user}`)
    else {
      inside.add(user)
      await join(stage, group, user)
    }
    const events = Array.from({ length: Math.floor(random() * 8) }, () => {
      const who = pick(users)
      const at = start - Math.floor(random() * 70) * dayMs
      const verdict = pick([{}, { correct: true }, { correct: false }])
      const rating = pick([{}, { satisfaction: 1 + Math.floor(random() * 5) }])
      const own = groups.filter((each) => members.get(each)?.has(who))
      plain.push({ groups: own, day: dayOf(at), ...verdict, ...rating })
      return { user: who, at: new Date(at).toISOString(), ...verdict, ...rating }
    })
    await post(stage.boss, ...events)
  }
  for (let round = 0; round < 12; round++) {
    const [one, other] = [pick(plain).day, pick(plain).day]
    const [from, to] = one < other ? [one, other] : [other, one]
    const within = plain.filter(({ day }) => from <= day && day <= to)
    const { rows, total } = await tableOf(stage.boss, `from=${from}&to=${to}&pageSize=3`)
    expect(total).toMatchObject(summed(within))
    expect(rows).toHaveLength(groups.length)
    for (const row of rows) {
      expect(row).toMatchObject(summed(within.filter((event) => event.groups.includes(String(row.group)))))
    }
  }
  function summed(events: typeof plain) {
    const judged = events.filter(({ correct }) => correct !== undefined)
    const ratings = events.flatMap(({ satisfaction = [] }) => satisfaction)
    const correct = judged.filter((event) => event.correct === true).length
    const sum = ratings.reduce((all, each) => all + each, 0)
    return {
      queries: events.length,
      judged: judged.length,
      correct,
      accuracy: judged.length === 0 ? null : Math.round((100 * correct) / judged.length),
      ratings: ratings.length,
      ratingSum: sum,
      satisfaction: ratings.length === 0 ? null : Math.round((10 * sum) / ratings.length) / 10,
    }
  }
})

/** Numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('rows whose figures are the same keep their order over pages', async () => {
  const { travelling, clock } = await openTravelling()
  const stage = await stageOf(travelling, 'training')
  for (let i = 0; i < 7; i++) await stage.group(`Group ${i % 3} ${i}`)
  for (const query of ['sort=queries', 'sort=accuracy&order=asc', 'sort=name']) {
    const { names } = await tableOf(stage.boss, query)
    expect((await tableOf(stage.boss, `${query}&pageSize=2`)).names).toEqual(names)
  }
  const first = await stage.boss('GET', '/analytics/groups?pageSize=2')
  const token = first.body.continuationToken
  const other = await stage.boss('GET', `/analytics/groups?pageSize=2&sort=name&continuationToken=${token}`)
  expect(other.status).toBe(400)
  // Midnight between two pages: the days stay those of the first.
  clock.now = start + dayMs
  const next = await stage.boss('GET', `/analytics/groups?pageSize=2&continuationToken=${token}`)
  expect(next.body).toMatchObject({ to: '2026-03-20', from: '2026-02-19' })
})
