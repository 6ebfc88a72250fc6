/**
 * Entries of the log as rows: packed, chained to the one before by a checksum, and back; schema/keys.md has the drawing.
 * Short ones, which nearly all are, are made in one go.
 */
import { createHash } from 'node:crypto'
import type { Provenance } from '../tuple/tuple.ts'
import { beginRow, type Row } from './packing.ts'
import type { Slice, Work } from './slice.ts'
import type { ChangeEntry, TupleChange } from './storage.ts'
import {
  type Absent,
  checksumBytes,
  digestOf,
  payloadOf,
  provenanceOf,
  unpackFirst,
  unpackMultiple,
} from './values.ts'

/** What an entry is chained by: the checksum before it, and its revision in 8 bytes. It stands before the payload in what is hashed. */
const chainBytes = checksumBytes + 8

/** Changes in one msgpack value: a long entry is packed and unpacked in slices of this many. */
const changesPerChunk = 1000
/** Changes of an entry that is made without a rest, some 50 us. */
const shortChanges = 100

type ChangeCells = [
  timestamp: number,
  caller: string | Absent,
  source: string | Absent,
  model: string | Absent,
  entities: readonly string[],
  assertions: string | Absent,
  /** The rest is there since 0.2, and cut after the last that is present. */
  actor?: string | Absent,
  requestId?: string | Absent,
  digests?: Uint8Array,
]

/** Whether `sealShort` will do. */
export function isShort({ tuples }: ChangeEntry): boolean {
  return tuples.length <= shortChanges
}

/** An entry's row, and the checksum that is in it. */
export interface Sealed {
  readonly row: Buffer
  readonly checksum: string
}

/**
 * @param before - the checksum of the entry before it
 * @param digests - of the documents' rows: the model's, of each entity put, the assertions'
 */
export function sealShort(before: string, entry: ChangeEntry, digests: string): Sealed {
  const row = beginRow().chars(before).fixed(entry.revision)
  putHead(row, entry, digests)
  if (entry.tuples.length > 0) putChanges(row, entry.tuples, 0, entry.tuples.length)
  const checksum = row.digest()
  // What is hashed is the row with the chain in front of it: the checksum takes the chain's place.
  const bytes = row.taken(chainBytes, checksumBytes)
  bytes.write(checksum, 0, checksumBytes, 'latin1')
  return { row: bytes, checksum }
}

/** The same in slices. */
export function* sealLong(before: string, entry: ChangeEntry, digests: string, slice: Slice): Work<Sealed> {
  const payload: Buffer[] = []
  const first = beginRow()
  putHead(first, entry, digests)
  payload.push(first.taken())
  for (let from = 0; from < entry.tuples.length; from += changesPerChunk) {
    const row = beginRow()
    putChanges(row, entry.tuples, from, Math.min(from + changesPerChunk, entry.tuples.length))
    payload.push(row.taken())
    // A chunk takes too long for the clock to be asked at every 16th only.
    yield
  }
  const bytes = Buffer.allocUnsafe(payload.reduce((sum, part) => sum + part.length, checksumBytes))
  const hashed = createHash('sha256').update(beginRow().chars(before).fixed(entry.revision).taken())
  let end = checksumBytes
  for (const part of payload) {
    bytes.set(part, end)
    end += part.length
    hashed.update(part)
    if (slice.isOver) yield
  }
  const checksum = hashed.digest('binary').slice(0, checksumBytes)
  bytes.write(checksum, 0, checksumBytes, 'latin1')
  return { row: bytes, checksum }
}

/** The first value of a payload. `entities` are `+type:id` for a put, `-type:id` for a delete. */
function putHead(row: Row, entry: ChangeEntry, digests: string): void {
  const { provenance, entities } = entry
  const isDigested = digests !== ''
  const isAsked = isDigested || provenance?.requestId !== undefined
  const isActed = isAsked || provenance?.actor !== undefined
  row.array(6 + Number(isActed) + Number(isAsked) + Number(isDigested)).number(entry.timestamp)
  row.maybe(provenance?.caller).maybe(provenance?.source).maybe(entry.model)
  row.array(entities?.length ?? 0)
  if (entities !== undefined) {
    for (const { operation, entity } of entities) row.text((operation === 'put' ? '+' : '-') + entity)
  }
  row.maybe(entry.assertions)
  if (isActed) row.maybe(provenance?.actor)
  if (isAsked) row.maybe(provenance?.requestId)
  if (isDigested) row.binary(digests)
}

const flag = { write: 1, condition: 2, context: 4, expiry: 8 } as const

/** Up to `changesPerChunk` changes as one flat array: flags, object, relation, subject, and what the flags announce. */
function putChanges(row: Row, changes: readonly TupleChange[], from: number, to: number): void {
  let cells = 4 * (to - from)
  for (let i = from; i < to; i++) cells += announced((changes[i] as TupleChange).tuple)
  row.array(cells)
  for (let i = from; i < to; i++) {
    const { operation, tuple } = changes[i] as TupleChange
    const { condition, expiresAt } = tuple
    let flags: number = operation === 'write' ? flag.write : 0
    if (condition !== undefined) flags |= flag.condition
    if (condition?.context !== undefined) flags |= flag.context
    if (expiresAt !== undefined) flags |= flag.expiry
    row.number(flags).text(tuple.object).text(tuple.relation).text(tuple.subject)
    if (condition !== undefined) row.text(condition.name)
    if (condition?.context !== undefined) row.text(JSON.stringify(condition.context))
    if (expiresAt !== undefined) row.number(expiresAt)
  }
}

/** Cells that the flags of a tuple announce. */
function announced({ condition, expiresAt }: TupleChange['tuple']): number {
  const conditional = condition === undefined ? 0 : condition.context === undefined ? 1 : 2
  return conditional + (expiresAt === undefined ? 0 : 1)
}

/** The digests in a change row, in their order, each as a latin1 string; none in entries of before. */
export function digestsIn(row: Buffer): readonly string[] {
  const cells = unpackFirst(row.subarray(checksumBytes)) as ChangeCells
  const text = Buffer.from(cells[8] ?? []).toString('latin1')
  return Array.from({ length: text.length / checksumBytes }, (_, i) =>
    text.slice(i * checksumBytes, (i + 1) * checksumBytes),
  )
}

export function checksumIn(row: Buffer): string {
  return row.toString('latin1', 0, checksumBytes)
}

/** Whether a change row is what was written, after a row with the checksum `before`. */
export function isChained(before: string, revision: number, row: Buffer): boolean {
  return (
    beginRow().chars(before).fixed(revision).raw(row.subarray(checksumBytes)).digest() === checksumIn(row)
  )
}

/** What the first entry of a store is chained to: the store itself, so that logs cannot be exchanged. */
export function chainStart(store: string): string {
  return digestOf(store)
}

export function unpackChange(revision: number, row: Buffer): ChangeEntry {
  const values = unpackMultiple(row.subarray(checksumBytes)) as unknown[]
  const [timestamp, caller, source, model, marks, assertions, actor, requestId] = values[0] as ChangeCells
  const tuples: TupleChange[] = []
  for (let i = 1; i < values.length; i++) readChanges(values[i] as (string | number)[], tuples)
  return {
    revision,
    timestamp,
    ...provenanceOf(caller, source, actor, requestId),
    tuples,
    ...(model === 0 ? {} : { model }),
    ...(marks.length === 0 ? {} : { entities: marks.map(entityChange) }),
    ...(assertions === 0 ? {} : { assertions }),
  }
}

/** Of the head alone: a long entry is not unpacked. */
export function unpackChangeOrigin(row: Buffer): Provenance | undefined {
  const cells = unpackFirst(row.subarray(checksumBytes)) as ChangeCells | undefined
  if (cells === undefined) return undefined
  const [, caller, source, , , , actor, requestId] = cells
  return provenanceOf(caller, source, actor, requestId).provenance
}

function entityChange(mark: string): { operation: 'put' | 'delete'; entity: string } {
  return { operation: mark.startsWith('+') ? 'put' : 'delete', entity: mark.slice(1) }
}

function readChanges(cells: readonly (string | number)[], into: TupleChange[]): void {
  let i = 0
  while (i < cells.length) {
    const flags = Number(cells[i++])
    const key = { object: String(cells[i++]), relation: String(cells[i++]), subject: String(cells[i++]) }
    const condition = flags & flag.condition ? String(cells[i++]) : undefined
    const context = flags & flag.context ? String(cells[i++]) : undefined
    const expiresAt = flags & flag.expiry ? Number(cells[i++]) : undefined
    const operation = flags & flag.write ? 'write' : 'delete'
    into.push({ operation, tuple: Object.assign(key, payloadOf(condition, context, expiresAt)) })
  }
}
