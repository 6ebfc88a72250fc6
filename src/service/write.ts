/**
 * Writes and deletes as one commit. The order of the checks is part of the contract: model, emptiness, writes,
 * deletes, duplicates, limit, options; preconditions and presence are judged inside the commit.
 */
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import type { Change, Decide } from '../storage/storage.ts'
import { parseObject } from '../tuple/object.ts'
import { isRelationName } from '../tuple/relation.ts'
import { parseSubject } from '../tuple/subject.ts'
import { printTuple, type TupleKey } from '../tuple/tuple.ts'
import { filterOf } from './filter.ts'
import { freshEnough, type Ground, viewOf } from './ground.ts'
import { guarded } from './guarded.ts'
import { keyText } from './keys.ts'
import { judgeOf } from './precondition.ts'
import type { WriteAnswer, WriteRequest } from './requests.ts'
import { demandWritable } from './writable.ts'

/**
 * Durable and visible when it resolves.
 * @throws Fault those of contract 1.3, precondition_failed, unavailable (the outcome is unknown)
 */
export async function write(ground: Ground, request: WriteRequest): Promise<WriteAnswer> {
  const waiting = freshEnough(ground, request)
  // Without a turn of the job queue where nothing is waited for: what comes together lands together.
  if (waiting !== undefined) await waiting
  const { model, change } = writeOf(ground, request)
  const { written, deleted } = await ground.storage.commit(request.store, change)
  // Of the state that it landed in: what shares an fsync shares a zookie, which costs as much as a check to seal.
  const { revision } = viewOf(ground, request.store)
  return { zookie: ground.storage.zookie(request.store, revision), model: model.id, written, deleted }
}

/** What a write asks of storage. @throws Fault those of contract 1.3 */
export function writeOf(
  ground: Ground,
  request: WriteRequest,
): { readonly model: Model; readonly change: Change | Decide } {
  const view = viewOf(ground, request.store)
  const model = ground.models.resolve(view, request.model)
  const max = ground.options.tuplesPerWriteMax
  const change = changeOf(request, { model, now: view.now, max })
  return { model, change: guarded(ground, view, change) }
}

interface Bounds {
  readonly model: Model
  readonly now: number
  readonly max: number
}

function changeOf(request: WriteRequest, { model, now, max }: Bounds): Change | Decide {
  const { writes = [], deletes = [], deleteWhere, preconditions = [] } = request
  if (writes.length + deletes.length + preconditions.length === 0 && deleteWhere === undefined) {
    throw new Fault(
      'invalid_write_input',
      'Invalid input. Make sure you provide at least one write, or at least one delete',
    )
  }
  for (const tuple of writes) demandWritable(model, tuple, now)
  for (const key of deletes) demandSubject(key)
  demandDistinct([...deletes, ...writes], max)
  const onDuplicate = onDuplicateOf(request.onDuplicate)
  const onMissing = option('on_missing', request.onMissing, ['error', 'ignore'])
  const judge = judgeOf(preconditions)
  const possible = deletes.filter((key) => demandPossible(key, onMissing))
  const { provenance } = request
  // Spelled out, not spread: all that look at it afterwards are faster for knowing its shape.
  const plain: Change =
    provenance === undefined
      ? { deletes: possible, onMissing, writes, onDuplicate }
      : { deletes: possible, onMissing, writes, onDuplicate, provenance }
  const change = deleteWhere === undefined ? plain : { deleteWhere: [filterOf(deleteWhere)], ...plain }
  if (judge === undefined) return change
  return async (view) => {
    await judge(view)
    return change
  }
}

/** Deletes are not held against the model, so that stale tuples can go; only the user is looked at. */
function demandSubject(key: TupleKey): void {
  if (parseSubject(key.subject) !== undefined) return
  throw new Fault(
    'validation_error',
    `Invalid tuple '${printTuple(key)}'. Reason: the 'user' field is malformed`,
  )
}

/** Whether storage can hold the key at all; what it cannot hold is missing. */
function demandPossible(key: TupleKey, onMissing: string): boolean {
  if (parseObject(key.object) !== undefined && isRelationName(key.relation)) return true
  if (onMissing === 'ignore') return false
  throw new Fault(
    'write_failed_due_to_invalid_input',
    `cannot delete a tuple which does not exist: ${printWire(key)}: tuple to be written already existed or the tuple to be deleted did not exist`,
  )
}

function demandDistinct(keys: readonly TupleKey[], max: number): void {
  // Most writes are of one tuple.
  if (keys.length === 1 && max > 0) return
  const seen = new Set<string>()
  for (const key of keys) {
    const identity = keyText(key)
    if (seen.has(identity)) {
      throw new Fault(
        'cannot_allow_duplicate_tuples_in_one_request',
        `duplicate tuple in write: ${printWire(key)}`,
      )
    }
    seen.add(identity)
  }
  if (keys.length > max) {
    throw new Fault(
      'exceeded_entity_limit',
      `The number of write operations exceeds the allowed limit of ${max}`,
    )
  }
}

/** @throws Fault validation_error */
export function onDuplicateOf(given: string | undefined): 'error' | 'ignore' | 'update' {
  return option('on_duplicate', given, ['error', 'ignore', 'update'])
}

/** The empty string is how the wire spells the default, the first of `allowed`. */
function option<Name extends string>(
  field: string,
  given: string | undefined,
  allowed: readonly [Name, ...Name[]],
): Name {
  if (given === undefined || given === '') return allowed[0]
  const found = allowed.find((name) => name === given)
  if (found === undefined) throw new Fault('validation_error', `invalid ${field} option: ${given}`)
  return found
}

function printWire({ object, relation, subject }: TupleKey): string {
  return `user: '${subject}', relation: '${relation}', object: '${object}'`
}
