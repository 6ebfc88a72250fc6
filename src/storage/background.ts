/**
 * Work that nobody waits for, in bounded jobs through the ordinary writer: purging deleted stores, laying spread
 * tuplesets on pages, sweeping what expired. Each job finds by itself where the last one stopped, so a restart resumes.
 */

import type { TupleKey } from '../tuple/tuple.ts'
import { buildCommit, type Moment } from './commit.ts'
import type { Disk } from './disk.ts'
import { isPlain, isSpread, readHead, relayedUpTo, relayForward, unpackForward } from './forward.ts'
import type { Group, StoreState } from './group.ts'
import * as keys from './keys.ts'
import { nameOf, spotOf } from './names.ts'
import type { Listing } from './packed.ts'
import type { Applied } from './reader.ts'
import { packStore } from './sealed.ts'
import { drive } from './slice.ts'
import { Stage } from './stage.ts'
import type { Placement } from './storage.ts'
import { expiryOf, isQualified, pack, unpackTuple } from './values.ts'
import type { Writer } from './writer.ts'

/** Rows in one job: some 10 ms of building, so that writers in the queue hardly notice. */
const jobRows = 2000

/** Kinds whose rows carry the store's number in front, but for the store's own record. */
const purged = [
  keys.kind.tuple,
  keys.kind.forward,
  keys.kind.forwardPage,
  keys.kind.reverse,
  keys.kind.placement,
  keys.kind.change,
  keys.kind.model,
  keys.kind.modelOrder,
  keys.kind.assertions,
  keys.kind.entity,
  keys.kind.aside,
  keys.kind.tuplesets,
  keys.kind.relay,
  keys.kind.epochStarts,
  keys.kind.head,
]

export interface Room {
  readonly disk: Disk
  readonly applied: Applied
  readonly writer: Writer
  stateOf(number: number): StoreState | undefined
  moment(): Moment
}

/** Deletes every row of a deleted store, then says so in its record. */
export async function purge({ writer }: Room, state: StoreState): Promise<void> {
  for (const kind of purged) {
    const prefix = keys.kindPrefix(kind, state.number)
    for (;;) {
      const more = await writer.submit((group) => purgeSome(group, state.number, prefix))
      if (!more) break
    }
  }
  await writer.submit((group) => {
    const facts = group.factsOf(state)
    const row = { ...facts.row, deleted: 'purged' } as const
    const stage = new Stage(group.stage)
    stage.put(keys.storeKey(state.number), packStore(state.number, row))
    group.accept(state, stage, { ...facts, row })
  })
}

async function purgeSome(group: Group, store: number, prefix: Buffer): Promise<boolean> {
  for await (const entries of group.stage.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, jobRows)) {
    for (const [key, value] of entries) {
      group.stage.delete(key)
      if (key[0] !== keys.kind.tuple) continue
      const instant = expiryOf(value)
      if (instant !== undefined) group.stage.delete(keys.expiryKey(instant, store, keys.readTupleKey(key)))
    }
    return true
  }
  return false
}

/** Lays every spread head of the relations that have become tuplesets on pages. */
export async function relay({ applied, writer }: Room, state: StoreState): Promise<void> {
  const relations = state.facts.relaying
  for (const tupleset of relations) {
    const [type = '', relation = ''] = tupleset.split('#')
    const held = applied.reader.hold()
    const spread: Placement[] = []
    try {
      const prefix = keys.forwardPrefix(state.number, type)
      for await (const entries of held.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
        for (const [key, bytes] of entries) {
          const at = keys.readForwardKey(key)
          if (at.relation === relation && isSpread(unpackForward(nameOf(bytes)))) spread.push(at)
        }
      }
    } finally {
      held.release()
    }
    for (const at of spread) {
      for (;;) {
        const more = await writer.submit((group) => relaySome(group, state.number, at))
        if (!more) break
      }
    }
  }
  await writer.submit((group) => {
    const facts = group.factsOf(state)
    const left = facts.relaying.filter((tupleset) => !relations.includes(tupleset))
    const stage = new Stage(group.stage)
    if (left.length === 0) stage.delete(keys.relayKey(state.number))
    else stage.put(keys.relayKey(state.number), pack(left))
    group.accept(state, stage, { ...facts, relaying: left })
  })
}

async function relaySome(group: Group, store: number, at: Placement): Promise<boolean> {
  const head = readHead(group.stage, store, at.object, at.relation)
  if (head === undefined || !isSpread(head)) return false
  const prefix = keys.tuplePrefix(store, at)
  const upTo = relayedUpTo(head)
  const gte = upTo === '' ? prefix : keys.keyAfter(keys.tupleKey(store, at.object, at.relation, upTo))
  const subjects = new Map<string, Listing>()
  let more = false
  for await (const entries of group.stage.scan({ gte, lt: keys.prefixEnd(prefix) }, jobRows)) {
    for (const [key, bytes] of entries) {
      const tuple = unpackTuple(keys.readTupleKey(key), bytes)
      if (isPlain(tuple.subject)) subjects.set(tuple.subject, isQualified(tuple) ? 'qualified' : 'plain')
    }
    more = true
    if (subjects.size >= jobRows / 2) break
    more = false
  }
  const spot = spotOf(store, at.object, at.relation)
  await drive(relayForward(group.stage, spot, subjects, !more, group.slice), group.slice)
  return more
}

/** Deletes the tuples that have expired by now, each store's in its own revisions; answers how many. */
export async function sweep({ applied, writer, stateOf, moment }: Room): Promise<number> {
  let swept = 0
  const held = applied.reader.hold()
  try {
    for await (const entries of held.scan(keys.expiryBefore(moment().now + 1), jobRows)) {
      const byStore = new Map<number, TupleKey[]>()
      for (const [key] of entries) {
        const { store, tuple } = keys.readExpiryKey(key)
        const tuples = byStore.get(store)
        if (tuples === undefined) byStore.set(store, [tuple])
        else tuples.push(tuple)
      }
      for (const [number, expire] of byStore) {
        const state = stateOf(number)
        if (state === undefined || state.facts.row.deleted !== 'no') continue
        const change = { expire, provenance: { source: 'expiry' } }
        const { deleted } = await writer.submit((group) => buildCommit(group, state, change, moment()))
        swept += deleted
      }
    }
  } finally {
    held.release()
  }
  return swept
}
