/** The lane lets in whom the app lets in, and nobody else: credentials on connections that are kept. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Gate } from '../../../src/callers/gate.ts'
import { KeySet } from '../../../src/callers/key-set.ts'
import { Scopes } from '../../../src/callers/scopes.ts'
import { Tokens } from '../../../src/callers/token.ts'
import { SteadyClock } from '../../../src/lib/clock.ts'
import { audience, issuer, keySetOf, signerOf, tokenOf } from '../../callers/issuer.ts'
import { openRing, operator, type Ring } from '../../callers/ring.ts'
import { storeId } from '../fake.ts'
import { body, guarded, key, listing, type Part, post, startTwins, type Twins, writing } from './twins.ts'

let ring: Ring
let twins: Twins
beforeAll(async () => {
  ring = await openRing()
  twins = await startTwins(ring.gate)
})
afterAll(() => twins.close())

let before: { answered: number; handedOver: number }
beforeEach(() => {
  before = { ...twins.counts }
})

/** The statuses of the answers, which are alike, and how many of them the lane gave. */
async function statuses(...parts: Part[]): Promise<{ statuses: number[]; answered: number; text: string }> {
  const { lane, app } = await twins.ask(...parts)
  expect(lane).toEqual(app)
  const found = [...lane.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
  return { statuses: found, answered: twins.counts.answered - before.answered, text: lane.text }
}

/** What the lane answers alone: for parts that may happen once only. */
async function laneAlone(...parts: Part[]): Promise<number[]> {
  const { text } = await twins.askLane(...parts)
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}

const json = 'Content-Type: application/json'
const as = (credential: string, content = body('1'), verb = 'check') =>
  post(content, { headers: [json, `Authorization: Bearer ${credential}`], verb })
const batch = (...ids: string[]) =>
  JSON.stringify({ checks: ids.map((id) => ({ tuple_key: key(id), correlation_id: id })) })

const stranger = `kith_${storeId}_${'a'.repeat(43)}`

test.each([
  ['check', body('1'), 'check'],
  ['batch-check', batch('1'), 'check'],
  ['list-objects', listing('anne'), 'list'],
  ['write', writing('1'), 'write'],
])('%s: nobody passes without credentials, or with wrong ones', async (verb, content, right) => {
  const none = await statuses(post(content, { headers: [json], verb }))
  expect(none).toMatchObject({ statuses: [401], answered: 0 })
  expect(none.text).toContain('www-authenticate: Bearer realm="kith"')
  expect(none.text).not.toMatch(/kith-zookie|openfga/)
  for (const credential of [stranger, 'x', `${stranger}=`]) {
    expect(await statuses(as(credential, content, verb))).toMatchObject({ statuses: [401], answered: 0 })
  }
  const other = await ring.key(right === 'check' ? 'list' : 'check')
  expect(await statuses(as(other, content, verb))).toMatchObject({ statuses: [403], answered: 0 })
  const known = await ring.key(right)
  expect(await statuses(as(known, content, verb))).toMatchObject({ statuses: [200], answered: 1 })
})

test('a kept connection: a head seen before is still asked for its credentials', async () => {
  const known = await ring.key('check')
  const sent = [as(known), as(known), post(body('1'), { headers: [json] }), as(known)]
  expect(await statuses(...sent)).toMatchObject({ statuses: [200, 200, 401, 200], answered: 2 })
  expect(await statuses(as(known), as(known), as(stranger))).toMatchObject({ statuses: [200, 200, 401] })
})

test('the wrong right, and a store out of scope', async () => {
  expect(await statuses(as(await ring.key('read')))).toMatchObject({ statuses: [403], answered: 0 })
  const elsewhere = await ring.key(`check:${storeId.replace(/.$/, 'Z')}`)
  expect(await statuses(as(elsewhere))).toMatchObject({ statuses: [404], answered: 0 })
})

test('a revoked key is refused on the very next request of its connection', async () => {
  const { info, key: text } = await ring.keys.create({ name: 'a', scopes: Scopes.of(['check']) }, operator)
  const revoke = () => ring.keys.revoke(info.id, operator)
  expect(await laneAlone(as(text), as(text), revoke, as(text))).toEqual([200, 200, 401])
})

test('so is one whose end has come', async () => {
  const scopes = Scopes.of(['check'])
  const { key: text } = await ring.keys.create({ name: 'a', scopes, expiresAt: ring.now + 5_000 }, operator)
  const tick = () => {
    ring.now += 5_000
  }
  expect(await laneAlone(as(text), as(text), tick, as(text))).toEqual([200, 200, 401])
})

test('and the secret before a rotation, when its time is over', async () => {
  const { info, key: text } = await ring.keys.create({ name: 'a', scopes: Scopes.of(['check']) }, operator)
  const { key: second } = await ring.keys.rotate(info.id, 60_000, operator)
  const tick = () => {
    ring.now += 60_000
  }
  expect(await laneAlone(as(text), as(second), tick, as(second), as(text))).toEqual([200, 200, 200, 401])
})

test('a write: the right to write, of the types that it names, and who made it', async () => {
  const refused = await statuses(as(await ring.key('check'), writing('1'), 'write'))
  expect(refused).toMatchObject({ statuses: [403], answered: 0 })
  const typed = await ring.key(`write:${storeId}:document`)
  for (const verb of ['writes', 'deletes']) {
    const foreign = JSON.stringify({
      [verb]: { tuple_keys: [key('1'), { ...key('1'), object: 'folder:1' }] },
    })
    expect(await statuses(as(typed, foreign, 'write'))).toMatchObject({ statuses: [403] })
  }
  const { lane, app } = await twins.ask(as(typed, writing('1'), 'write'))
  expect(lane).toEqual(app)
  expect(lane.calls).toMatchObject([
    ['write', { provenance: { caller: expect.stringMatching(/^key:/), source: 'api' } }],
  ])
})

test('types of objects: of the check, of each item, of contextual tuples, and traces', async () => {
  const typed = await ring.key(`check:${storeId}:document`)
  const foreign = { user: 'user:anne', relation: 'viewer', object: 'folder:1' }
  const contextual = body('1', { contextual_tuples: { tuple_keys: [foreign] } })
  const items = { checks: [key('1'), foreign].map((tuple_key, i) => ({ tuple_key, correlation_id: `${i}` })) }
  const refused = [
    await statuses(as(typed, JSON.stringify({ tuple_key: foreign }))),
    await statuses(as(typed, contextual)),
    await statuses(as(typed, JSON.stringify(items), 'batch-check')),
  ]
  for (const { statuses: found, text } of refused) {
    expect(found).toEqual([403])
    expect(text).toContain(`the caller lacks the scope check:${storeId}:folder`)
  }
  expect(await statuses(as(typed, body('1', { trace: true })))).toMatchObject({ statuses: [403] })
  expect(await statuses(as(typed), as(typed, batch('1', '2'), 'batch-check'))).toMatchObject({
    statuses: [200, 200],
  })
})

test('a user is named by who may, and the log has that user', async () => {
  const naming = async (user: string, ...scopes: string[]) => {
    const headers = [json, `Authorization: Bearer ${await ring.key(...scopes)}`, `Kith-Actor: ${user}`]
    const { lane, app } = await twins.ask(post(writing('1'), { headers, verb: 'write' }))
    expect(lane).toEqual(app)
    return { status: Number(lane.text.slice(9, 12)), calls: lane.calls }
  }
  const noted = [['write', { provenance: { actor: 'user:eve', caller: expect.stringMatching(/^key:/) } }]]
  expect(await naming('user:eve', 'write', 'act')).toMatchObject({ status: 200, calls: noted })
  expect(await naming('user:eve', 'write')).toEqual({ status: 403, calls: [] })
  expect(await naming('eve', 'write', 'act')).toEqual({ status: 400, calls: [] })
})

test('types of objects: of a list, and of its contextual tuples', async () => {
  const typed = await ring.key(`list:${storeId}:document`)
  const foreign = { user: 'user:anne', relation: 'viewer', object: 'folder:1' }
  const refused = [
    listing('anne', { type: 'folder' }),
    listing('anne', { contextual_tuples: { tuple_keys: [foreign] } }),
  ]
  for (const content of refused) {
    const { statuses: found, text } = await statuses(as(typed, content, 'list-objects'))
    expect(found).toEqual([403])
    expect(text).toContain(`the caller lacks the scope list:${storeId}:folder`)
  }
  expect(await statuses(as(typed, listing('anne'), 'list-objects'))).toMatchObject({ statuses: [200] })
})

test('a token is the app’s until it was verified, then the lane’s too', async () => {
  const signer = await signerOf('k')
  const clock = new SteadyClock(() => ring.now)
  const rules = { issuer, audience, algorithms: ['ES256'], skewMs: 0, scopeClaim: 'scope' }
  const tokens = new Tokens(rules, new KeySet(async () => keySetOf(signer), clock).find, clock)
  const others = await startTwins(new Gate({ bearers: [tokens] }, clock))
  const token = await tokenOf(signer, ring.now)
  const ask = async (credential: string) => {
    // A signature takes another thread: the answer is waited for as whoever asks meanwhile waits.
    const verified = () => tokens.find(credential, ring.now)
    const { lane, app } = await others.ask(as(credential), verified)
    expect(lane).toEqual(app)
    const status = Number(/HTTP\/1\.1 (\d{3})/.exec(lane.text)?.[1])
    return [status, others.counts.answered, others.counts.handedOver]
  }
  expect(await ask(token)).toEqual([200, 0, 1])
  expect(await ask(token)).toEqual([200, 1, 1])
  expect(await ask(await tokenOf(signer, ring.now, { scope: 'kith:read' }))).toEqual([403, 1, 2])
  await others.close()
})

test('tuples of an organization take the right `tuples` beside `write`, on both roads', async () => {
  const [half, whole] = [await ring.key('write'), await ring.key('write', 'tuples')]
  try {
    guarded.now = true
    const refused = await statuses(as(half, writing('1'), 'write'))
    expect(refused).toMatchObject({ statuses: [403], answered: 1 })
    expect(refused.text).toContain(`the caller lacks the scope tuples:${storeId}`)
    expect(await statuses(as(whole, writing('1'), 'write'))).toMatchObject({ statuses: [200], answered: 2 })
  } finally {
    guarded.now = false
  }
  expect(await statuses(as(half, writing('1'), 'write'))).toMatchObject({ statuses: [200], answered: 3 })
})
