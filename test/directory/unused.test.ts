/** Which grants the checks were allowed by, and which were not seen in use; nobody is told more than is known. */
import { expect, test } from 'vitest'
import { dayMs } from '../../src/directory/analytics/calendar.ts'
import { beginSampling } from '../../src/directory/analytics/sampling.ts'
import { tidy } from '../../src/directory/analytics/tidy.ts'
import { directoryOver } from '../../src/directory/open.ts'
import { createApp } from '../../src/http/app.ts'
import { kithOn } from '../../src/service/open.ts'
import { sampledChecks } from '../../src/service/sampled.ts'
import { type Client, type Directory, openDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

const start = Date.parse('2026-03-01T12:00:00Z')

async function openSampled(every = 1) {
  const clock = { now: start }
  const sampling = every === 0 ? {} : { usageSample: every }
  const directory = await openDirectory({ now: () => clock.now, ...sampling })
  return { directory, clock }
}

interface Grant {
  readonly object: string
  readonly subject: string
  readonly lastUsed: string | null
}

async function unusedOf(client: Client, query = '') {
  const grants: Grant[] = []
  for (let token = ''; ; ) {
    const { status, body } = await client('GET', `/analytics/unused?${query}&continuationToken=${token}`)
    expect({ status, body }).toMatchObject({ status: 200 })
    grants.push(...body.grants)
    token = body.continuationToken
    if (token === '') return { grants, sampling: body.sampling, since: body.since }
  }
}

const briefly = (grants: readonly Grant[]) =>
  grants.map(({ object, subject, lastUsed }) => `${object} ${subject} ${lastUsed}`).sort()

/** Two bots in a group of two people. */
async function settle(directory: Directory) {
  const stage = await stageOf(directory, 'training')
  await stage.people('ann', 'bob')
  for (const id of ['pitch', 'quiz']) await stage.boss('POST', '/resources/bot', { id, name: id })
  const group = await stage.group('Sales')
  await stage.boss('POST', `/groups/${group}/members`, { users: ['ann', 'bob'] })
  await stage.boss('POST', `/groups/${group}/resources/bot`, { ids: ['pitch', 'quiz'] })
  return { stage, group: `group:${group}` }
}

async function restarted(directory: Directory, now: () => number, usageSample: number) {
  const { service, presets } = directory.ground
  const ground = directoryOver(service, presets, { now, usageSample })
  await beginSampling(ground)
  const app = createApp(kithOn(service), { directory: ground })
  const as = ({ id }: Stage): Client => {
    return async (method, path) => {
      const headers = { 'kith-actor': 'user:boss' }
      const response = await app.request(`/v1/orgs/${id}${path}`, { method, headers })
      return { status: response.status, body: await response.json(), headers: response.headers }
    }
  }
  return { ground, as }
}

test('the tuples behind an allowed check are used that day; the others are told, with what is known', async () => {
  const { directory, clock } = await openSampled()
  const { stage, group } = await settle(directory)
  const fresh = await unusedOf(stage.boss)
  expect(fresh).toMatchObject({ grants: [], since: '2025-12-01' })
  clock.now = start + 10 * dayMs
  expect(await stage.check('ann', 'can_access', 'bot:pitch')).toBe(true)
  expect(await stage.check('eve', 'can_access', 'bot:quiz')).toBe(false)
  await directory.sampler?.settled()
  const { grants, sampling } = await unusedOf(stage.boss, 'days=5')
  expect(briefly(grants)).toEqual([`${group} user:bob null`, `bot:quiz ${group} null`].sort())
  expect(sampling).toEqual({ every: 1, since: '2026-03-01', coversAll: true })
  expect(grants[0]).toMatchObject({
    objectName: 'quiz',
    subjectName: 'Sales',
    kind: 'share',
    level: 'access',
    grantedAt: '2026-03-01T12:00:00.000Z',
  })
  clock.now = start + 30 * dayMs
  const later = await unusedOf(stage.boss, 'days=15&pageSize=1')
  expect(briefly(later.grants)).toEqual(
    [
      `${group} user:ann 2026-03-11`,
      `${group} user:bob null`,
      `bot:pitch ${group} 2026-03-11`,
      `bot:quiz ${group} null`,
    ].sort(),
  )
  // Further back than anybody looked.
  expect((await unusedOf(stage.boss, 'days=40')).sampling.coversAll).toBe(false)
})

test('questions in the product’s words, batches, and checks that had to be walked are looked at; what is supposed is no grant', async () => {
  const { directory, clock } = await openSampled()
  const { stage, group } = await settle(directory)
  clock.now = start + 10 * dayMs
  const ask = (path: string, body: object) => directory.ask('POST', `/stores/${stage.id}${path}`, body)
  const supposed = { user: 'user:eve', relation: 'member', object: group }
  await ask('/check', {
    tuple_key: { user: 'user:eve', relation: 'can_access', object: 'bot:quiz' },
    contextual_tuples: { tuple_keys: [supposed] },
  })
  await directory.sampler?.settled()
  // What was only supposed is no grant; what it led to is.
  const { storage } = directory.ground.service
  const noted = await storage.view(stage.id).asides('@used', 10)
  expect(noted.rows.map(({ id }) => JSON.parse(id))).toEqual([['bot:quiz', 'in_group', group]])
  const key = { user: 'user:bob', relation: 'can_access', object: 'bot:pitch' }
  await ask('/batch-check', {
    checks: [
      { tuple_key: { ...key, user: 'user:eve' }, correlation_id: 'a' },
      { tuple_key: key, correlation_id: 'b' },
    ],
  })
  await directory.sampler?.settled()
  const { grants } = await unusedOf(stage.boss, 'days=5')
  expect(briefly(grants)).toEqual([`${group} user:ann null`])
  const asked = await directory.ask('POST', `/v1/orgs/${stage.id}/check`, {
    user: 'ann',
    relation: 'can_access',
    object: 'bot:quiz',
    consistency: 'full',
  })
  expect(asked.body).toEqual({ allowed: true })
  await directory.sampler?.settled()
  expect((await unusedOf(stage.boss, 'days=5')).grants).toEqual([])
})

test('one in three checks is looked at', async () => {
  const { directory, clock } = await openSampled(3)
  const { stage } = await settle(directory)
  clock.now = start + 10 * dayMs
  const left: number[] = []
  for (const user of ['ann', 'bob', 'ann', 'ann', 'ann', 'bob']) {
    await stage.check(user, 'can_access', 'bot:pitch')
    await directory.sampler?.settled()
    left.push((await unusedOf(stage.boss, 'days=5')).grants.length)
  }
  expect(left).toEqual([4, 4, 2, 2, 2, 1])
})

test('one in three is shown, single or in a batch, wherever a batch ends', async () => {
  const { directory } = await openSampled(0)
  const { stage } = await settle(directory)
  const shown: unknown[] = []
  const { check, batchCheck } = sampledChecks(directory.ground.service, {
    every: 3,
    take: ({ context }) => shown.push(context?.n),
  })
  const tuple = { object: 'bot:pitch', relation: 'can_access', subject: 'user:ann' }
  let asked = 0
  const one = () => ({ tuple, context: { n: ++asked } })
  for (const length of [1, 1, 1, 2, 5, 0, 7, 3, 0, 1]) {
    if (length === 0) await check({ store: stage.id, ...one() })
    else {
      const checks = Array.from({ length }, (_, i) => ({ correlationId: String(i), ...one() }))
      await batchCheck({ store: stage.id, checks })
    }
  }
  expect(shown).toEqual([3, 6, 9, 12, 15, 18, 21])
  // Why something was denied is dear, and used by nobody.
  const denied = { tuple: { ...tuple, subject: 'user:eve' }, context: { n: 'denied' } }
  for (let i = 0; i < 3; i++) await check({ store: stage.id, ...denied })
  expect(shown).toHaveLength(7)
})

test('nobody looked, somebody looked, nobody looked for a while: each is told', async () => {
  const { directory, clock } = await openSampled(0)
  const { stage } = await settle(directory)
  const now = () => clock.now
  clock.now = start + 10 * dayMs
  const never = await unusedOf(stage.boss, 'days=5')
  expect(never.sampling).toEqual({ every: 0, since: null, coversAll: false })
  expect(never.grants).toHaveLength(4)
  const first = await restarted(directory, now, 10)
  clock.now = start + 20 * dayMs
  const second = await restarted(directory, now, 100)
  const sampling = async (one: typeof first) => (await unusedOf(one.as(stage), 'days=5')).sampling
  expect(await sampling(second)).toEqual({ every: 100, since: '2026-03-11', coversAll: true })
  const third = await restarted(directory, now, 0)
  expect(await sampling(third)).toEqual({ every: 0, since: null, coversAll: false })
  const fourth = await restarted(directory, now, 10)
  expect(await sampling(fourth)).toEqual({ every: 10, since: '2026-03-21', coversAll: false })
})

test('what is granted no more is forgotten', async () => {
  const { directory, clock } = await openSampled()
  const { stage, group } = await settle(directory)
  const { storage } = directory.ground.service
  await stage.check('ann', 'can_access', 'bot:pitch')
  await directory.sampler?.settled()
  const kept = async () => (await storage.view(stage.id).asides('@used', 10)).rows.map(({ id }) => id)
  const before = await kept()
  expect(before).toContain(JSON.stringify([group, 'member', 'user:ann']))
  await stage.boss('DELETE', `/${group.replace(':', 's/')}/members/ann`)
  clock.now = start + dayMs
  const { attributes = {} } = storage.view(stage.id).entity('@errand', 'analytics') ?? {}
  await tidy(directory.ground, { org: stage.id, attributes }, new AbortController().signal)
  expect(await kept()).toEqual(before.filter((id) => !id.includes('user:ann')))
})

test('of each person’s permissions only who oversees them is told; what is asked wrongly is named', async () => {
  const { directory } = await openSampled()
  const { stage } = await settle(directory)
  expect((await stage.as('ann')('GET', '/analytics/unused')).status).toBe(403)
  expect((await stage.as('stranger')('GET', '/analytics/unused')).status).toBe(404)
  for (const days of ['0', '-1', '3651', '1.5', 'all', '99999999999']) {
    const { status, body } = await stage.boss('GET', `/analytics/unused?days=${days}`)
    expect([days, status, body.error.field]).toEqual([days, 422, 'days'])
  }
})

test('more than can wait is left out, and what is looked at takes no part in the answer', async () => {
  const { directory } = await openSampled()
  const { stage } = await settle(directory)
  const key = (i: number) => ({
    user: `user:ann`,
    relation: 'can_access',
    object: i % 2 === 0 ? 'bot:pitch' : 'bot:quiz',
  })
  const checks = Array.from({ length: 50 }, (_, i) => ({ tuple_key: key(i), correlation_id: String(i) }))
  for (let i = 0; i < 30; i++) {
    const { body } = await directory.ask('POST', `/stores/${stage.id}/batch-check`, { checks })
    expect(
      Object.values(body.result as Record<string, { allowed: boolean }>).every(({ allowed }) => allowed),
    ).toBe(true)
  }
  const sampled = { store: stage.id, tuple: { object: 'bot:pitch', relation: 'can_access', subject: '' } }
  for (let i = 0; i < 5_000; i++) {
    directory.sampler?.take({ ...sampled, tuple: { ...sampled.tuple, subject: `user:${i}` } })
  }
  // What is deleted meanwhile, or never was there, ends nothing.
  directory.sampler?.take({ ...sampled, store: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })
  await directory.sampler?.stop()
  expect(await stage.check('ann', 'can_access', 'bot:pitch')).toBe(true)
})
