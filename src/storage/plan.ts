/**
 * The plan of a commit: what a Change does to the tuples of a state, or the Fault that refuses it. Preconditions are
 * judged against the state before the request; nothing is written here.
 */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../lib/fault.ts'
import type { StoredTuple, Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import { tupleKey } from './keys.ts'
import type { Slice } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Change, TupleFilter, View } from './storage.ts'
import { isExpired, unpackTuple } from './values.ts'

/** One tuple that the commit touches. */
interface Step {
  readonly key: Buffer
  readonly tuple: TupleKey
  /** The row before, expired or not. */
  readonly before: StoredTuple | undefined
  /** What is written; undefined deletes. */
  after: Tuple | undefined
}

export interface Plan {
  /** By the key's bytes as latin1. A step with `before` is a delete in the log, one with `after` a write, one with both is both. */
  readonly steps: ReadonlyMap<string, Step>
  readonly written: number
  readonly deleted: number
}

/** A Change as storage itself may ask for it: `expire` deletes what has expired. */
export interface OwnChange extends Change {
  readonly expire?: readonly TupleKey[]
}

interface Ground {
  readonly stage: Stage
  readonly store: number
  readonly view: View
  readonly steps: Map<string, Step>
  readonly slice: Slice
}

/** One point read for each delete and write; a scan for `deleteWhere`. */
export async function planOf(
  stage: Stage,
  store: number,
  view: View,
  change: OwnChange,
  slice: Slice,
): Promise<Plan> {
  const ground: Ground = { stage, store, view, steps: new Map(), slice }
  for (const tuple of change.deletes ?? []) {
    planDelete(ground, tuple, change.onMissing ?? 'error')
    if (slice.isOver) await slice.rest()
  }
  if (change.deleteWhere !== undefined) await planDeleteWhere(ground, change.deleteWhere)
  for (const tuple of change.expire ?? []) planExpiry(ground, tuple)
  const seen = new Set<string>()
  for (const tuple of change.writes ?? []) {
    planWrite(ground, tuple, change.onDuplicate ?? 'error', seen)
    if (slice.isOver) await slice.rest()
  }
  let written = 0
  for (const { after } of ground.steps.values()) if (after !== undefined) written++
  return { steps: ground.steps, written, deleted: ground.steps.size - written }
}

function planDelete(ground: Ground, tuple: TupleKey, onMissing: 'error' | 'ignore'): void {
  const { key, name, before } = rowOf(ground, tuple)
  if (ground.steps.has(name)) {
    if (onMissing === 'ignore') return
    throw duplicateFault(tuple)
  }
  if (before !== undefined && !isExpired(before, ground.view.now)) {
    ground.steps.set(name, { key, tuple, before, after: undefined })
  } else if (onMissing === 'error') {
    throw new Fault(
      'write_failed_due_to_invalid_input',
      `cannot delete a tuple which does not exist: ${tail(tuple)}`,
    )
  }
}

async function planDeleteWhere(ground: Ground, filter: TupleFilter): Promise<void> {
  let after: Uint8Array | undefined
  do {
    const page = await ground.view.tuples(filter, 1000, after)
    for (const tuple of page.rows) {
      const key = tupleKey(ground.store, tuple.object, tuple.relation, tuple.subject)
      const name = key.toString('latin1')
      if (!ground.steps.has(name)) ground.steps.set(name, { key, tuple, before: tuple, after: undefined })
    }
    after = page.next
    await ground.slice.rest()
  } while (after !== undefined)
}

function planExpiry(ground: Ground, tuple: TupleKey): void {
  const { key, name, before } = rowOf(ground, tuple)
  if (before !== undefined && isExpired(before, ground.view.now)) {
    ground.steps.set(name, { key, tuple, before, after: undefined })
  }
}

function planWrite(
  ground: Ground,
  tuple: Tuple,
  onDuplicate: 'error' | 'ignore' | 'update',
  seen: Set<string>,
): void {
  const { key, name, before } = rowOf(ground, tuple)
  const again = seen.has(name)
  // The same key twice in one request: imports bring such. The second is judged against the first.
  if (again && onDuplicate === 'error') throw duplicateFault(tuple)
  seen.add(name)
  const written = again ? ground.steps.get(name)?.after : undefined
  const present =
    written ?? (before !== undefined && !isExpired(before, ground.view.now) ? before : undefined)
  if (present !== undefined && onDuplicate === 'error') throw existsFault(tuple)
  if (present !== undefined && !isSame(present, tuple) && onDuplicate === 'ignore') throw conflictFault(tuple)
  if (written !== undefined && isSame(written, tuple)) return
  // Deletes precede writes: it would go and come back as it was.
  if (before !== undefined && present !== undefined && isSame(before, tuple)) ground.steps.delete(name)
  else ground.steps.set(name, { key, tuple, before, after: tuple })
}

function rowOf(
  { stage, store }: Ground,
  { object, relation, subject }: TupleKey,
): { readonly key: Buffer; readonly name: string; readonly before: StoredTuple | undefined } {
  const key = tupleKey(store, object, relation, subject)
  const bytes = stage.get(key)
  const before = bytes === undefined ? undefined : unpackTuple({ object, relation, subject }, bytes)
  return { key, name: key.toString('latin1'), before }
}

function isSame(a: Tuple, b: Tuple): boolean {
  return a.expiresAt === b.expiresAt && isSameCondition(a.condition, b.condition)
}

function isSameCondition(a: TupleCondition | undefined, b: TupleCondition | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.name === b.name && isDeepStrictEqual(plainJson(a.context ?? {}), plainJson(b.context ?? {}))
}

/** As it comes back from disk: what a caller built may differ in prototypes and undefined fields. */
function plainJson(document: object): unknown {
  return JSON.parse(JSON.stringify(document))
}

function tail({ object, relation, subject }: TupleKey): string {
  const named = `user: '${subject}', relation: '${relation}', object: '${object}'`
  return `${named}: tuple to be written already existed or the tuple to be deleted did not exist`
}

function existsFault(tuple: TupleKey): Fault {
  return new Fault(
    'write_failed_due_to_invalid_input',
    `cannot write a tuple which already exists: ${tail(tuple)}`,
  )
}

function conflictFault({ object, relation, subject }: TupleKey): Fault {
  return new Fault(
    'Aborted',
    'transactional write failed due to conflict: attempted to write a tuple which already exists with a different ' +
      `condition: user: '${subject}', relation: '${relation}', object: '${object}'`,
  )
}

function duplicateFault({ object, relation, subject }: TupleKey): Fault {
  return new Fault(
    'cannot_allow_duplicate_tuples_in_one_request',
    `duplicate tuple in write: user: '${subject}', relation: '${relation}', object: '${object}'`,
  )
}
