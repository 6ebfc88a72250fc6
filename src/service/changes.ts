/**
 * The changelog as clients see it: tuple changes only, oldest first, for ever. A token stands between two changes,
 * also inside one revision, so that a delete of 100,000 tuples pages like any other.
 */
import { Fault } from '../lib/fault.ts'
import type { ChangeEntry, View } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import type { Cursor } from './cursor.ts'
import { freshEnough, type Ground, pinned, viewOf } from './ground.ts'
import { pageSizeOf } from './page.ts'
import type { ChangesAnswer, ChangesRequest } from './requests.ts'

/** Entries of the first read, doubled up to the last. */
const entriesPerReadMin = 4
const entriesPerReadMax = 64

/** After which a read ends, with the entry that comes to it: one import commit holds thousands, and 64 would be a long turn. */
const perRead = { tuples: 1_000, bytes: 1 << 20 }

/** Changes looked at for one page. A filter that matches little ends the page here, with a token to go on from. */
const changesPerPageMax = 50_000

type Change = ChangesAnswer['changes'][number]

/** After `skip` changes of the entry that follows `revision`. */
interface Position {
  readonly revision: number
  readonly skip: number
}

/** @throws Fault invalid_continuation_token, query_string_type_continuation_token_mismatch, invalid_start_time */
export async function changes(ground: Ground, request: ChangesRequest): Promise<ChangesAnswer> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const limit = pageSizeOf(request.pageSize)
  const type = request.type ?? ''
  const cursor = ground.cursors.for('changes', request.store, {})
  const token = request.continuationToken ?? ''
  return pinned(view, async (pin) => {
    const from = await startOf(pin, cursor, request)
    const page = await collect(pin, { from, type, limit })
    // At the end a poller gets its own token back and can compare the two.
    const idle = page.changes.length === 0 && page.atHead
    return {
      zookie: ground.storage.zookie(request.store, pin.revision),
      changes: page.changes,
      continuationToken: idle ? token : cursor.seal(encode(page.next, type)),
    }
  })
}

async function startOf(view: View, cursor: Cursor, request: ChangesRequest): Promise<Position> {
  const bytes = cursor.open(request.continuationToken)
  if (bytes !== undefined) return decode(bytes, request.type ?? '')
  if (request.startTime === undefined) return { revision: 0, skip: 0 }
  if (!(request.startTime <= view.now)) throw new Fault('invalid_start_time', 'Invalid start time')
  return { revision: await lastBefore(view, request.startTime), skip: 0 }
}

/** The last revision committed before the instant, by bisection: timestamps never go back. */
export async function lastBefore(view: View, instant: number): Promise<number> {
  let before = 0
  let notBefore = view.revision + 1
  while (notBefore - before > 1) {
    const middle = Math.floor((before + notBefore) / 2)
    const [entry] = await view.changes(middle - 1, 1)
    if (entry !== undefined && entry.timestamp < instant) before = middle
    else notBefore = middle
  }
  return before
}

async function collect(
  view: View,
  { from, type, limit }: { from: Position; type: string; limit: number },
): Promise<{ changes: readonly Change[]; next: Position; atHead: boolean }> {
  const found: Change[] = []
  let next = from
  let entriesPerRead = entriesPerReadMin
  let seen = 0
  for (;;) {
    const entries = await view.changes(next.revision, entriesPerRead, perRead)
    if (entries.length === 0) return { changes: found, next, atHead: true }
    for (const entry of entries) {
      for (const [index, { operation, tuple }] of entry.tuples.entries()) {
        if (index < next.skip) continue
        if (type !== '' && typeOf(tuple.object) !== type) continue
        found.push(changeOf(entry, operation, tuple))
        if (found.length === limit) {
          return { changes: found, next: { revision: entry.revision - 1, skip: index + 1 }, atHead: false }
        }
      }
      // An entry without tuples costs a read too.
      seen += entry.tuples.length + 1
      next = { revision: entry.revision, skip: 0 }
      if (seen >= changesPerPageMax) return { changes: found, next, atHead: false }
    }
    entriesPerRead = Math.min(entriesPerRead * 2, entriesPerReadMax)
  }
}

/** What is deleted is a key: the condition it had is gone with it (contract 1.5). */
function changeOf(
  { timestamp, revision }: ChangeEntry,
  operation: Change['operation'],
  tuple: Change['tuple'],
): Change {
  const { object, relation, subject } = tuple
  return {
    operation,
    tuple: operation === 'write' ? tuple : { object, relation, subject },
    timestamp,
    revision,
  }
}

function encode({ revision, skip }: Position, type: string): Uint8Array {
  return Buffer.from(JSON.stringify([revision, skip, type]))
}

/** The bytes are our own: they were sealed. */
function decode(bytes: Uint8Array, type: string): Position {
  const [revision, skip, sealedType] = JSON.parse(Buffer.from(bytes).toString()) as [number, number, string]
  if (sealedType !== type) {
    throw new Fault(
      'query_string_type_continuation_token_mismatch',
      "The type in the querystring and the continuation token don't match",
    )
  }
  return { revision, skip }
}
