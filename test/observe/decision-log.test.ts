/** The decision log: a line a decision, the same by both doors, sampled and masked, and never a secret. */
import { beforeEach, describe, expect, test } from 'vitest'
import { DecisionLog } from '../../src/observe/decision-log.ts'
import type { ObserveOptions } from '../../src/observe/options.ts'
import { type Doors, doors, type Ground, ground, viaApp } from './world.ts'

type Line = Readonly<Record<string, unknown>>

const settings: Omit<ObserveOptions, 'decisionLog' | 'watchesMax'> = {
  decisionLogAllows: 1,
  decisionLogDenies: 1,
  decisionLogPaths: 0,
  decisionLogMasks: ['context'],
}

let base: Ground
let lines: Line[]

beforeEach(async () => {
  base = await ground()
  lines = []
})

async function logged(given: Partial<typeof settings> = {}): Promise<Doors> {
  const sink = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = new DecisionLog(base.kith, sink, { ...settings, ...given })
  return doors(base, [log.see])
}

test.each(['fast', 'app'])('what a check was asked and answered, by the %s door', async (lane) => {
  const d = await logged()
  const headers: Record<string, string> = { 'x-request-id': 'mine', ...(lane === 'app' ? viaApp : {}) }
  for (const user of ['user:anne', 'user:eve']) await (await d.check(user, {}, headers)).text()
  const common = {
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    id: 'mine',
    caller: 'anonymous',
    verb: 'check',
    store: d.store,
    model: d.model,
    revision: 2,
    elapsed_ms: expect.any(Number),
    lane,
    object: 'document:1',
    relation: 'viewer',
  }
  expect(lines).toEqual([
    { ...common, subject: 'user:anne', allowed: true, source: expect.stringMatching(/^(graph|walked)$/) },
    { ...common, subject: 'user:eve', allowed: false, source: expect.stringMatching(/^(graph|walked)$/) },
  ])
  await (await d.check('user:anne', {}, headers)).text()
  expect(lines[2]).toMatchObject({ source: 'graph' })
})

test('items of a batch are lines of their own, a list is one with its count', async () => {
  const d = await logged()
  const item = (correlation_id: string, user: string, relation: string) => ({
    correlation_id,
    tuple_key: { user, relation, object: 'document:1' },
  })
  const checks = [
    item('a', 'user:anne', 'viewer'),
    item('b', 'user:eve', 'reader'),
    item('c', 'user:x', 'nothing'),
  ]
  for (const headers of [{}, viaApp]) await (await d.post('/batch-check', { checks }, headers)).text()
  const seen = lines.map(({ item, allowed, error, lane }) => [item, allowed, error, lane])
  expect(seen).toEqual(
    ['fast', 'app'].flatMap((lane) => [
      ['a', true, undefined, lane],
      ['b', false, undefined, lane],
      ['c', false, 'validation_error', lane],
    ]),
  )
  lines = []
  await (await d.post('/list-objects', { user: 'user:anne', relation: 'viewer', type: 'document' })).text()
  const object = { type: 'document', id: '1' }
  const asked = { object, relation: 'viewer', user_filters: [{ type: 'user' }], context: { size: 3 } }
  await (await d.post('/list-users', asked)).text()
  expect(lines).toMatchObject([
    { verb: 'list-objects', type: 'document', subject: 'user:anne', count: 1 },
    { verb: 'list-users', object: 'document:1', filter: { type: 'user' }, count: 2 },
  ])
})

test('a refusal is a line that says why and is no allow', async () => {
  const d = await logged()
  for (const headers of [{}, viaApp]) {
    const tuple_key = { user: 'user:anne', relation: 'nothing', object: 'document:1' }
    expect((await d.post('/check', { tuple_key }, headers)).status).toBe(400)
  }
  expect(lines).toMatchObject(
    ['fast', 'app'].map((lane) => ({
      allowed: false,
      error: 'validation_error',
      lane,
      subject: 'user:anne',
    })),
  )
})

describe('masks', () => {
  const secret = { context: { size: 3, ssn: 'secret' } }

  test('strike out context by default, and count contextual tuples', async () => {
    const d = await logged()
    const tuple_keys = [{ user: 'user:dan', relation: 'viewer', object: 'document:9' }]
    await (await d.check('user:cleo', { ...secret, contextual_tuples: { tuple_keys } })).text()
    expect(lines).toMatchObject([{ allowed: true, context: '***', contextual_tuples: 1 }])
    expect(JSON.stringify(lines)).not.toMatch(/secret|user:dan/)
  })

  test('leave it in where they are none; strike out names where they are asked to', async () => {
    const open = await logged({ decisionLogMasks: [] })
    await (await open.check('user:cleo', secret)).text()
    expect(lines).toMatchObject([{ context: secret.context }])
    lines = []
    const closed = await logged({ decisionLogMasks: ['subject', 'object', 'caller'], decisionLogPaths: 1 })
    await (await closed.check('user:anne')).text()
    await (await closed.check('user:anne', {}, { ...viaApp, authorization: 'Bearer sesame' })).text()
    expect(lines).toMatchObject([
      { subject: '***', object: '***', caller: '***' },
      { subject: '***', object: '***', caller: '***' },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/anne|document:1|anonymous|sesame|path/)
  })
})

test('allows and denies are sampled apart', async () => {
  const d = await logged({ decisionLogAllows: 3, decisionLogDenies: 0 })
  for (let i = 0; i < 7; i++) for (const user of ['user:anne', 'user:eve']) await (await d.check(user)).text()
  expect(lines.map(({ subject }) => subject)).toEqual(['user:anne', 'user:anne', 'user:anne'])
})

test('of so many lines one says why', async () => {
  const d = await logged({ decisionLogPaths: 2 })
  for (let i = 0; i < 3; i++) {
    await (await d.check('user:anne')).text()
    while (lines.length <= i) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(lines.map(({ path }) => typeof path)).toEqual(['string', 'undefined', 'string'])
  expect(lines[0]).toMatchObject({
    path: expect.stringContaining('user:anne'),
    path_allowed: true,
    path_revision: 2,
  })
})
