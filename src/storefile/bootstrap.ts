/**
 * Makes a store what a store file says: for GitOps, so running it again changes nothing. It adds and updates; what
 * the file does not mention stays, because people write tuples too.
 */
import { canonical } from '../lib/canonical.ts'
import type { Json, JsonObject } from '../lib/json.ts'
import type { AssertionJson } from '../model/assertion.ts'
import type { ModelJson } from '../model/json.ts'
import type { Kith } from '../service/kith.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { faultAt, type Placed } from './position.ts'
import type { StoreFile, StoreTest } from './storefile.ts'
import { demandFit, distinct, sameTuple, type Target, writeTuples } from './write-tuples.ts'

export interface Bootstrapped {
  /** The id of the store. */
  readonly store: string
  readonly created: boolean
  /** Tuples written or updated. */
  readonly written: number
}

const provenance = { source: 'bootstrap' }

/** Assertions that the API keeps with a model, and contextual tuples in one of them. */
const assertionsMax = 100
const contextualMax = 20

/**
 * Finds the store of the file's name or creates it, then writes what is missing: model, tuples, assertions.
 * `report` is told each thing done, and that nothing was.
 * @throws Fault where the file is wrong, with its place; the store is then as it was.
 */
export async function bootstrap(
  kith: Kith,
  file: StoreFile,
  report: (line: string) => void,
): Promise<Bootstrapped> {
  const top = { path: file.path, line: 1, column: 1 }
  const { name } = file
  if (name === undefined) throw faultAt(top, 'the file has no `name`; it says which store this is')
  const found = await storeNamed(kith, name)
  const latest = found === undefined ? undefined : await latestModel(kith, found)
  const json = file.model?.value ?? latest?.json
  if (json === undefined && file.tuples.length > 0) {
    throw faultAt(file.tuples[0]?.at ?? top, 'there are tuples but no model; add `model` or `model_file`')
  }
  if (json !== undefined) demandFit(json, file.tuples)

  const say = (line: string): void => report(`store ${name}: ${line}`)
  const store = found ?? (await kith.createStore(name, provenance)).id
  if (found === undefined) say(`created as ${store}`)
  const unchanged = { store, created: found === undefined, written: 0 }
  if (json === undefined) return unchanged
  const { model, wrote } = await ensureModel(kith, store, json, latest)
  if (wrote) say(`wrote model ${model}`)
  const written = await ensureTuples(kith, { store, model }, file, say)
  const asserted = await ensureAssertions(kith, { store, model }, file, say)
  if (found !== undefined && !wrote && written === 0 && !asserted) say('nothing to change')
  return { ...unchanged, written }
}

type Say = (line: string) => void

interface Latest {
  readonly id: string
  readonly json: ModelJson
}

/** The oldest store of this very name: names need not be unique, and a second run must find the first's. */
async function storeNamed(kith: Kith, name: string): Promise<string | undefined> {
  const { stores } = await kith.stores({ name, pageSize: 1 })
  return stores[0]?.id
}

async function latestModel(kith: Kith, store: string): Promise<Latest | undefined> {
  const { models } = await kith.models({ store, pageSize: 1 })
  return models[0]
}

async function ensureModel(
  kith: Kith,
  store: string,
  json: ModelJson,
  latest: Latest | undefined,
): Promise<{ model: string; wrote: boolean }> {
  if (latest !== undefined && sameModel(latest.json, json)) return { model: latest.id, wrote: false }
  return { model: (await kith.writeModel({ store, json, provenance })).id, wrote: true }
}

/** Both are in the normal form of model/shape.ts, so that equal models are equal JSON. */
function sameModel(one: ModelJson, other: ModelJson): boolean {
  return canonical(plain(one)) === canonical(plain(other))
}

/**
 * Writes what is absent, or present with another condition or expiry; one point read a tuple. Tuples that have
 * expired by now stay away: the file was right when it was written, and a restart must not fail on it.
 */
async function ensureTuples(kith: Kith, target: Target, file: StoreFile, say: Say): Promise<number> {
  const { store } = target
  const now = Date.now()
  const missing: Placed<Tuple>[] = []
  for (const tuple of distinct(file.tuples)) {
    const { object, relation, subject: user, expiresAt } = tuple.value
    if (expiresAt !== undefined && expiresAt <= now) continue
    const { tuples } = await kith.read({ store, filter: { object, relation, user }, pageSize: 1 })
    const [present] = tuples
    if (present === undefined || !sameTuple(present, tuple.value)) missing.push(tuple)
  }
  await writeTuples(kith, target, missing, provenance.source)
  if (missing.length > 0) say(`wrote ${missing.length} ${missing.length === 1 ? 'tuple' : 'tuples'}`)
  return missing.length
}

/** The first checks of the file's tests become the model's assertions. Answers whether anything was written. */
async function ensureAssertions(kith: Kith, target: Target, file: StoreFile, say: Say): Promise<boolean> {
  const usable = file.tests.filter((test) => test.model === undefined && test.tuples.length <= contextualMax)
  const all = usable.flatMap(assertionsOf)
  if (all.length === 0) return false
  const wanted = all.slice(0, assertionsMax)
  const { assertions } = await kith.assertions(target)
  if (canonical(plain(assertions)) === canonical(plain(wanted))) return false
  await kith.writeAssertions({ ...target, assertions: wanted, provenance })
  const cut = all.length > wanted.length ? ` of ${all.length}; the API keeps no more` : ''
  say(`wrote ${wanted.length} ${wanted.length === 1 ? 'assertion' : 'assertions'}${cut}`)
  return true
}

function assertionsOf(test: StoreTest): readonly AssertionJson[] {
  const contextual = test.tuples.map(({ value }) => wireTuple(value))
  return test.checks.flatMap(({ users, objects, context, assertions }) =>
    users.flatMap((user) =>
      objects.flatMap((object) =>
        assertions.map(({ relation, expected }) => ({
          tuple_key: { object, relation, user },
          expectation: expected,
          contextual_tuples: contextual,
          context: context ?? null,
        })),
      ),
    ),
  )
}

function wireTuple({ object, relation, subject, condition }: Tuple): JsonObject {
  const { name, context } = condition ?? {}
  if (name === undefined) return { user: subject, relation, object, condition: null }
  return { user: subject, relation, object, condition: { name, context: context ?? {} } }
}

/** Interfaces to plain JSON, without the fields that are undefined. */
function plain(value: ModelJson | readonly AssertionJson[]): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
