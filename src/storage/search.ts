/**
 * Tuples and objects by what is known of them: the rows under a prefix, or the placements of a subject. In order of the
 * keys, without what has expired; no question of the check path comes here.
 */
import { typeOf } from '../tuple/object.ts'
import type { StoredTuple, TupleKey } from '../tuple/tuple.ts'
import type { Entry } from './disk.ts'
import * as keys from './keys.ts'
import type { Reader } from './reader.ts'
import { isQualifiedValue, readReverse } from './reverse.ts'
import type { Page, Placed, Placement, TupleFilter } from './storage.ts'
import * as values from './values.ts'

/** Rows in one step of a scan. */
const chunkRows = 1000
/** Rows to look at before a scan for objects jumps over the rest of a large one. */
const objectChunkRows = 128

/** What is searched, as of when. */
export interface Ground {
  readonly reader: Reader
  /** Its number. */
  readonly store: number
  readonly now: number
}

/** A page of those that match, of a filter that leaves something open. @param after - the position of the last one before */
export async function searchTuples(
  ground: Ground,
  filter: TupleFilter,
  limit: number,
  after: Uint8Array | undefined,
): Promise<Page<StoredTuple>> {
  const { store } = ground
  const { subject, object } = filter
  const from = after === undefined ? undefined : Buffer.concat([keys.tuplePrefix(store, {}), after])
  const source =
    subject !== undefined && object === undefined
      ? tuplesOf(ground, subject, filter, from)
      : tuplesMatching(ground, filter, from)
  const rows: StoredTuple[] = []
  for await (const some of source) {
    rows.push(...some)
    if (rows.length > limit) break
  }
  const last = rows[limit - 1]
  if (rows.length <= limit || last === undefined) return { rows, next: undefined }
  // The row's key without kind and store, so that it names no other store's row.
  const next = keys.tupleKey(store, last.object, last.relation, last.subject).subarray(keys.prefixBytes)
  return { rows: rows.slice(0, limit), next }
}

function tuplesMatching(
  ground: Ground,
  filter: TupleFilter,
  from: Buffer | undefined,
): AsyncGenerator<StoredTuple[]> {
  const prefix = keys.tuplePrefix(ground.store, filter)
  const { relation, subject } = filter
  const matches = (key: TupleKey): boolean =>
    (relation === undefined || key.relation === relation) &&
    (subject === undefined || key.subject === subject)
  return tuplesUnder(ground, prefix, matches, from === undefined ? prefix : keys.keyAfter(from))
}

/** Those under a prefix of the tuple rows. */
export async function* tuplesUnder(
  { reader, now }: Ground,
  prefix: Buffer,
  matches: (key: TupleKey) => boolean,
  gte = prefix,
): AsyncGenerator<StoredTuple[]> {
  for await (const entries of reader.scan({ gte, lt: keys.prefixEnd(prefix) }, chunkRows)) {
    const rows: StoredTuple[] = []
    for (const [keyBytes, bytes] of entries) {
      const key = keys.readTupleKey(keyBytes)
      if (!matches(key)) continue
      const tuple = values.unpackTuple(key, bytes)
      if (!values.isExpired(tuple, now)) rows.push(tuple)
    }
    yield rows
  }
}

/** Those of one subject, found by its placements; these have the order of tuple keys. */
async function* tuplesOf(
  ground: Ground,
  subject: string,
  { type, relation }: TupleFilter,
  after: Buffer | undefined,
): AsyncGenerator<StoredTuple[]> {
  const { store, now } = ground
  const held = ground.reader.hold()
  try {
    const from = after === undefined ? undefined : keys.readTupleKey(after)
    for await (const placements of placementsAfter({ ...ground, reader: held }, subject, type, from)) {
      const rows: StoredTuple[] = []
      for (const { object, relation: at } of placements) {
        if ((type !== undefined && typeOf(object) !== type) || (relation ?? at) !== at) continue
        const bytes = held.get(keys.tupleKey(store, object, at, subject))
        if (bytes === undefined) continue
        const tuple = values.unpackTuple({ object, relation: at, subject }, bytes)
        if (!values.isExpired(tuple, now)) rows.push(tuple)
      }
      yield rows
    }
  } finally {
    held.release()
  }
}

async function* placementsAfter(
  { reader, store }: Ground,
  subject: string,
  type: string | undefined,
  from: Placement | undefined,
): AsyncGenerator<readonly Placed[]> {
  const listed = readReverse(reader, store, subject)
  if (listed !== undefined) {
    yield from === undefined ? listed : listed.filter((one) => keys.comparePlacement(one, from) > 0)
    return
  }
  const prefix = keys.placementPrefix(store, subject, type)
  const gte =
    from === undefined ? prefix : keys.keyAfter(keys.placementKey(store, subject, from.object, from.relation))
  for await (const entries of reader.scan({ gte, lt: keys.prefixEnd(prefix) }, chunkRows)) {
    yield entries.map(placedIn)
  }
}

function placedIn([key, bytes]: Entry): Placed {
  const { object, relation } = keys.readPlacementKey(key)
  return { object, relation, qualified: isQualifiedValue(bytes) }
}

interface ObjectStep {
  readonly objects: readonly string[]
  /** Where the next step begins; undefined at the end. */
  readonly next: Buffer | undefined
}

/** A step of the walk over objects of a type: small ones in one chunk, the rest of a large one jumped over. */
export async function nextObjects(
  { reader, store, now }: Ground,
  type: string,
  gte: Buffer,
): Promise<ObjectStep> {
  const lt = keys.prefixEnd(keys.tuplePrefix(store, { type }))
  const objects: string[] = []
  for await (const entries of reader.scan({ gte, lt }, objectChunkRows)) {
    for (const [keyBytes, bytes] of entries) {
      const key = keys.readTupleKey(keyBytes)
      if (objects.at(-1) === key.object) continue
      if (!values.isExpired(values.unpackTuple(key, bytes), now)) objects.push(key.object)
    }
    const lastKey = entries.at(-1)?.[0]
    if (lastKey === undefined) break
    const last = keys.readTupleKey(lastKey)
    const isListed = objects.at(-1) === last.object
    const next = isListed
      ? keys.tuplesAfterObject(store, type, last.object.slice(type.length + 1))
      : keys.keyAfter(lastKey)
    return { objects, next }
  }
  return { objects, next: undefined }
}
