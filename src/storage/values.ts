/**
 * Values: every row's content as msgpack and back; schema/keys.md has the drawing. Documents from outside (contexts,
 * attributes, models, assertions) are kept as JSON text inside, so that they come back exactly: msgpackr renames
 * `__proto__` keys and mends lone surrogates.
 */
import { createHash, hash } from 'node:crypto'
import { Packr } from 'msgpackr'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type { Provenance, StoredTuple, Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import type { Draft } from './heads.ts'
import { nameOf } from './names.ts'
import type { Slice, Work } from './slice.ts'
import type { ChangeEntry, TupleChange } from './storage.ts'

const packr = new Packr({ useRecords: false })

/** A slice of a buffer that msgpackr fills once and leaves alone; rows may keep it as long as they like. */
export function pack(value: unknown): Buffer {
  return packr.pack(value)
}

/** The caller names the shape that the row's kind promises. */
export function unpack<Shape>(bytes: Buffer): Shape {
  return packr.unpack(bytes)
}

/** Bytes of a text when packed. */
export function textBytes(text: string): number {
  const bytes = Buffer.byteLength(text)
  return bytes + (bytes < 32 ? 1 : bytes < 256 ? 2 : 3)
}

/** What a tuple row holds beside its key. */
export interface TupleRow {
  readonly revision: number
  readonly timestamp: number
  readonly provenance?: Provenance
  readonly condition?: TupleCondition
  readonly expiresAt?: number
}

type Absent = 0
type TupleCells = [
  revision: number,
  timestamp: number,
  caller?: string | Absent,
  source?: string | Absent,
  condition?: string | Absent,
  context?: string | Absent,
  expiresAt?: number,
]

export function packTuple(row: TupleRow): Buffer {
  const { provenance, condition, expiresAt } = row
  const cells: TupleCells = [row.revision, row.timestamp]
  if (provenance !== undefined || condition !== undefined || expiresAt !== undefined) {
    cells.push(provenance?.caller ?? 0, provenance?.source ?? 0)
  }
  if (condition !== undefined || expiresAt !== undefined)
    cells.push(condition?.name ?? 0, contextText(condition))
  if (expiresAt !== undefined) cells.push(expiresAt)
  return pack(cells)
}

export function unpackTuple(key: TupleKey, bytes: Buffer): StoredTuple {
  const [revision, timestamp, caller, source, condition, context, expiresAt] = unpack<TupleCells>(bytes)
  return {
    object: key.object,
    relation: key.relation,
    subject: key.subject,
    ...payloadOf(condition, context, expiresAt),
    timestamp,
    revision,
    ...provenanceOf(caller, source),
  }
}

/** The instant in a tuple row, without building the tuple. */
export function expiryOf(bytes: Buffer): number | undefined {
  return unpack<TupleCells>(bytes)[6]
}

/** From this instant on the tuple is absent. */
export function isExpired(tuple: Tuple, now: number): boolean {
  return tuple.expiresAt !== undefined && tuple.expiresAt <= now
}

/** Whether an edge is not to be believed before its tuple was read. */
export function isQualified(tuple: Pick<Tuple, 'condition' | 'expiresAt'>): boolean {
  return tuple.condition !== undefined || tuple.expiresAt !== undefined
}

/** Bytes of the checksum in front of a change row. */
const checksumBytes = 16
/** What an entry is chained by: the checksum before it, and its revision in 8 bytes. */
const chainBytes = checksumBytes + 8

/** Changes in one msgpack value: a long entry is packed and unpacked in slices of this many. */
export const changesPerChunk = 1000

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

/**
 * The first value of a change row's payload. `entities` are `+type:id` for a put, `-type:id` for a delete; `digests`
 * are of the documents' rows: the model's, of each entity put, the assertions'.
 */
export function packChangeHead(entry: Omit<ChangeEntry, 'tuples'>, digests: readonly Buffer[] = []): Buffer {
  const { provenance = {}, entities = [] } = entry
  const { caller, source, actor, requestId } = provenance
  const marks = entities.map(({ operation, entity }) => (operation === 'put' ? '+' : '-') + entity)
  const cells: ChangeCells = [
    entry.timestamp,
    caller ?? 0,
    source ?? 0,
    entry.model ?? 0,
    marks,
    entry.assertions ?? 0,
  ]
  const isDigested = digests.length > 0
  if (actor !== undefined || requestId !== undefined || isDigested) cells.push(actor ?? 0)
  if (requestId !== undefined || isDigested) cells.push(requestId ?? 0)
  if (isDigested) cells.push(Buffer.concat(digests))
  return pack(cells)
}

/** What the log keeps of a document's row, so that one that was changed in place is found. */
export function digestOf(row: Buffer): Buffer {
  return hash('sha256', row, 'buffer').subarray(0, checksumBytes)
}

/** The digests in a change row, in the order of `packChangeHead`, each as a latin1 string; none in entries of before. */
export function digestsIn(row: Buffer): readonly string[] {
  const [cells] = packr.unpackMultiple(row.subarray(checksumBytes)) as [ChangeCells]
  const text = Buffer.from(cells[8] ?? []).toString('latin1')
  return Array.from({ length: text.length / checksumBytes }, (_, i) =>
    text.slice(i * checksumBytes, (i + 1) * checksumBytes),
  )
}

const flag = { write: 1, condition: 2, context: 4, expiry: 8 } as const

/** Up to `changesPerChunk` changes as one flat array: flags, object, relation, subject, and what the flags announce. */
export function packChanges(changes: readonly TupleChange[]): Buffer {
  const cells: (string | number)[] = []
  for (const { operation, tuple } of changes) {
    const { condition, expiresAt } = tuple
    let flags = operation === 'write' ? flag.write : 0
    if (condition !== undefined) flags |= flag.condition
    if (condition?.context !== undefined) flags |= flag.context
    if (expiresAt !== undefined) flags |= flag.expiry
    cells.push(flags, tuple.object, tuple.relation, tuple.subject)
    if (condition !== undefined) cells.push(condition.name)
    if (condition?.context !== undefined) cells.push(JSON.stringify(condition.context))
    if (expiresAt !== undefined) cells.push(expiresAt)
  }
  return pack(cells)
}

/** The row of an entry whose payload chunks were packed before, chained to the row before it, and its checksum. */
export function* sealChange(
  before: Buffer,
  revision: number,
  payload: readonly Buffer[],
  slice: Slice,
): Work<{ readonly row: Buffer; readonly checksum: Buffer }> {
  // What is hashed is the row with the chain in front of it: they share a buffer, and the checksum takes the chain's place.
  const hashed = Buffer.allocUnsafe(payload.reduce((sum, part) => sum + part.length, chainBytes))
  const row = hashed.subarray(chainBytes - checksumBytes)
  writeChain(hashed, before, revision)
  const whole = payload.length < 3 ? undefined : createHash('sha256').update(hashed.subarray(0, chainBytes))
  let end = chainBytes
  for (const part of payload) {
    hashed.set(part, end)
    end += part.length
    whole?.update(part)
    if (slice.isOver) yield
  }
  const checksum = (whole?.digest() ?? hash('sha256', hashed, 'buffer')).subarray(0, checksumBytes)
  row.set(checksum)
  return { row, checksum }
}

export function checksumIn(row: Buffer): Buffer {
  return row.subarray(0, checksumBytes)
}

/** Whether a change row is what was written, after a row with the checksum `before`. */
export function isChained(before: Buffer, revision: number, row: Buffer): boolean {
  const chain = Buffer.alloc(chainBytes)
  writeChain(chain, before, revision)
  return checksumOf(chain, row.subarray(checksumBytes)).equals(checksumIn(row))
}

/** What the first entry of a store is chained to: the store itself, so that logs cannot be exchanged. */
export function chainStart(store: string): Buffer {
  return createHash('sha256').update(store).digest().subarray(0, checksumBytes)
}

/** What stands before the payload in what is hashed. */
function writeChain(into: Buffer, before: Buffer, revision: number): void {
  into.set(before)
  into.writeUInt16BE(0, checksumBytes)
  into.writeUIntBE(revision, checksumBytes + 2, 6)
}

/** In one call: half the price of a hash that is fed. */
function checksumOf(chain: Buffer, payload: Buffer): Buffer {
  return hash('sha256', Buffer.concat([chain, payload]), 'buffer').subarray(0, checksumBytes)
}

export function unpackChange(revision: number, row: Buffer): ChangeEntry {
  const values = packr.unpackMultiple(row.subarray(checksumBytes)) as unknown[]
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
  let cells: ChangeCells | undefined
  packr.unpackMultiple(row.subarray(checksumBytes), (value: unknown) => {
    cells = value as ChangeCells
    return false
  })
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
    into.push({ operation, tuple: { ...key, ...payloadOf(condition, context, expiresAt) } })
  }
}

function payloadOf(
  condition?: string | Absent,
  context?: string | Absent,
  expiresAt?: number,
): Partial<Tuple> {
  const named = typeof condition === 'string' ? { condition: conditionOf(condition, context) } : {}
  return expiresAt === undefined ? named : { ...named, expiresAt }
}

function conditionOf(name: string, context?: string | Absent): TupleCondition {
  return typeof context === 'string' ? { name, context: JSON.parse(context) as JsonObject } : { name }
}

function contextText(condition: TupleCondition | undefined): string | Absent {
  return condition?.context === undefined ? 0 : JSON.stringify(condition.context)
}

type Cell = string | Absent | undefined

export function provenanceOf(
  caller: Cell,
  source: Cell,
  actor?: Cell,
  requestId?: Cell,
): { provenance?: Provenance } {
  const provenance = {
    ...(typeof caller === 'string' ? { caller } : {}),
    ...(typeof actor === 'string' ? { actor } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  }
  return Object.keys(provenance).length === 0 ? {} : { provenance }
}

/** The end of a store's log, rewritten by every commit. */
export interface StoreHead {
  readonly revision: number
  readonly checksum: Buffer
  readonly timestamp: number
  /** Number of the epoch of the last commit. */
  readonly epoch: number
  /** The latest model's id. */
  readonly model?: string
}

export function packHead(head: StoreHead): Buffer {
  return pack([head.revision, head.checksum, head.timestamp, head.epoch, head.model ?? 0])
}

/** Packed once, however many commits of a group come to it. */
export function draftOfHead(head: StoreHead): Draft {
  return { pack: () => nameOf(packHead(head)), weight: 0 }
}

export function unpackHead(bytes: Buffer): StoreHead {
  const [revision, checksum, timestamp, epoch, model] =
    unpack<[number, Uint8Array, number, number, string | Absent]>(bytes)
  const head = { revision, checksum: Buffer.from(checksum), timestamp, epoch }
  return model === 0 ? head : { ...head, model }
}

/** A revision and a document: the row of a model, of an entity. */
export function packDocument(revision: number, document: JsonObject | ModelJson): Buffer {
  return pack([revision, JSON.stringify(document)])
}

export function unpackDocument<Shape>(bytes: Buffer): {
  readonly revision: number
  readonly document: Shape
} {
  const [revision, text] = unpack<[number, string]>(bytes)
  return { revision, document: JSON.parse(text) as Shape }
}
