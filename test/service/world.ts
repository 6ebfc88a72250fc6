/** A store in memory with a model and tuples, and the shorthand the tests of this room speak. */
import { expect, onTestFinished } from 'vitest'
import { SteadyClock } from '../../src/lib/clock.ts'
import { Fault, type FaultCode } from '../../src/lib/fault.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import type { KithOptions } from '../../src/service/options.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'

const documents = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type folder
  relations
    define viewer: [user, user:*, group#member]
type document
  relations
    define parent: [folder]
    define owner: [user, user with recent]
    define blocked: [user]
    define viewer: [user, user with recent, user with small, group#member] or owner or viewer from parent
    define reader: viewer but not blocked
condition recent(now: timestamp, until: timestamp) {
  now < until
}
condition small(size: int, limit: int) {
  size < limit
}
`

export interface World {
  readonly kith: Kith
  readonly storage: LevelStorage
  readonly store: string
  readonly model: string
  /** Moves time. */
  readonly clock: { now: number }
  write(...tuples: readonly (string | Tuple)[]): Promise<string>
  check(key: string): Promise<boolean>
}

export const noon = Date.UTC(2026, 0, 1, 12)

export async function world(
  tuples: readonly (string | Tuple)[] = [],
  { dsl = documents, ...options }: KithOptions & { dsl?: string } = {},
): Promise<World> {
  const clock = { now: noon }
  const storage = await openStorage(
    { memory: true },
    { clock: new SteadyClock(() => clock.now), sweepEveryMs: 0 },
  )
  onTestFinished(() => storage.close())
  const kith = kithOver(storage, options)
  const { id: store } = await kith.createStore('test')
  const { id: model } = await kith.writeModel({ store, json: await parseDsl(dsl) })
  const made: World = {
    kith,
    storage,
    store,
    model,
    clock,
    write: async (...more) => (await kith.write({ store, writes: more.map(tupleOf) })).zookie,
    check: async (key) => (await kith.check({ store, tuple: keyOf(key) })).allowed,
  }
  for (let from = 0; from < tuples.length; from += 100) await made.write(...tuples.slice(from, from + 100))
  return made
}

/** `document:1#viewer@user:anne` */
export function keyOf(text: string): Tuple {
  const hash = text.indexOf('#')
  const at = text.indexOf('@', hash)
  return { object: text.slice(0, hash), relation: text.slice(hash + 1, at), subject: text.slice(at + 1) }
}

function tupleOf(tuple: string | Tuple): Tuple {
  return typeof tuple === 'string' ? keyOf(tuple) : tuple
}

/** What was refused, as `code: message`; fails when nothing was. */
export async function refusal(work: unknown): Promise<string> {
  const thrown = await Promise.resolve(work).then(
    () => undefined,
    (fault: unknown) => fault,
  )
  expect(thrown, 'a refusal').toBeInstanceOf(Fault)
  return thrown instanceof Fault ? `${thrown.code}: ${thrown.message}` : ''
}

export async function refusedAs(work: unknown): Promise<FaultCode> {
  return (await refusal(work)).split(':')[0] as FaultCode
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

export async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items
}
