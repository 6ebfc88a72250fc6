/**
 * Replay: the log of one store read from its first entry, and what must follow from it written to a scratch disk under
 * the very keys of the real one. Deliberately not the writer's code: what it rebuilds is compared with what the writer
 * left (doctor.ts).
 */

import { setImmediate } from 'node:timers/promises'
import type { Disk, DiskBatch } from './disk.ts'
import * as entries from './entries.ts'
import type { StoreState } from './group.ts'
import * as keys from './keys.ts'
import { noValue, placementValue } from './reverse.ts'
import type { ChangeEntry } from './storage.ts'
import * as values from './values.ts'

/** A document as the log knows it. */
export interface Logged {
  /** That last wrote it. */
  readonly revision: number
  /** Of its row; undefined where the entry is of a version that kept none. */
  readonly digest: string | undefined
}

/** What the log says beside tuples. */
export interface Replayed {
  /** The last entry that is in order, as a head record; undefined for an empty log. */
  readonly head: values.StoreHead | undefined
  /** Why the log ends there although rows follow. */
  readonly broken: string | undefined
  readonly entries: number
  /** Models by id. */
  readonly models: ReadonlyMap<string, Logged>
  /** Entities that exist, by `type:id`. */
  readonly entities: ReadonlyMap<string, Logged>
  /** Assertions, by their model's id. */
  readonly assertions: ReadonlyMap<string, Logged>
}

/** Writes tuple, placement (for every tuple) and expiry rows to `scratch`. */
export async function replay(disk: Disk, scratch: Disk, { number, facts }: StoreState): Promise<Replayed> {
  const documents = { models: new Map(), entities: new Map(), assertions: new Map() }
  let head: values.StoreHead | undefined
  let broken: string | undefined
  let checksum = entries.chainStart(facts.row.id)
  let revision = 0
  const prefix = keys.kindPrefix(keys.kind.change, number)
  for await (const rows of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 100)) {
    for (const [key, row] of rows) {
      if (broken !== undefined) break
      const found = keys.revisionIn(key)
      if (found !== revision + 1) broken = `revision ${revision + 1} is missing, the next one is ${found}`
      else if (!entries.isChained(checksum, found, row))
        broken = `revision ${found} does not chain to the one before`
      if (broken !== undefined) break
      revision = found
      checksum = entries.checksumIn(row)
      const entry = entries.unpackChange(revision, row)
      replayDocuments(documents, entry, row)
      await replayTuples(scratch, number, entry)
      const model = entry.model ?? head?.model
      const { timestamp } = entry
      head = {
        revision,
        checksum,
        timestamp,
        epoch: facts.head.epoch,
        ...(model === undefined ? {} : { model }),
      }
    }
  }
  return { head, broken, entries: revision, ...documents }
}

type Documents = { readonly [Kind in 'models' | 'entities' | 'assertions']: Map<string, Logged> }

function replayDocuments(
  into: Documents,
  { revision, model, entities, assertions }: ChangeEntry,
  row: Buffer,
): void {
  if (model === undefined && entities === undefined && assertions === undefined) return
  const digests = entries.digestsIn(row).values()
  const logged = (): Logged => ({ revision, digest: digests.next().value })
  if (model !== undefined) into.models.set(model, logged())
  for (const { operation, entity } of entities ?? []) {
    if (operation === 'put') into.entities.set(entity, logged())
    else into.entities.delete(entity)
  }
  if (assertions !== undefined) into.assertions.set(assertions, logged())
}

async function replayTuples(scratch: Disk, store: number, entry: ChangeEntry): Promise<void> {
  if (entry.tuples.length === 0) return
  const { revision, timestamp, provenance } = entry
  const origin = { revision, timestamp, ...(provenance === undefined ? {} : { provenance }) }
  const batch = scratch.batch()
  let done = 0
  for (const { operation, tuple } of entry.tuples) {
    const { object, relation, subject, condition, expiresAt } = tuple
    const key = keys.tupleKey(store, object, relation, subject)
    const placement = keys.placementKey(store, subject, object, relation)
    if (operation === 'delete') {
      dropExpiry(scratch, batch, store, key)
      batch.delete(key)
      batch.delete(placement)
    } else {
      const row = {
        ...origin,
        ...(condition === undefined ? {} : { condition }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }
      batch.put(key, values.packTuple(row))
      batch.put(placement, placementValue(values.isQualified(tuple)))
      if (expiresAt !== undefined) batch.put(keys.expiryKey(expiresAt, store, tuple), noValue)
    }
    if (++done % 1000 === 0) await setImmediate()
  }
  await batch.write()
}

function dropExpiry(scratch: Disk, batch: DiskBatch, store: number, key: Buffer): void {
  const before = scratch.get(key)
  const instant = before === undefined ? undefined : values.expiryOf(before)
  if (instant !== undefined) batch.delete(keys.expiryKey(instant, store, keys.readTupleKey(key)))
}
