/**
 * Values: every row's content as msgpack and back; schema/keys.md has the drawing. Documents from outside (contexts,
 * attributes, models, assertions) are kept as JSON text inside, so that they come back exactly: msgpackr renames
 * `__proto__` keys and mends lone surrogates.
 */
import { hash } from 'node:crypto'
import { Packr } from 'msgpackr'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Provenance, StoredTuple, Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import { keyOf, nameOf } from './names.ts'
import { beginRow } from './packing.ts'

const packr = new Packr({ useRecords: false })

/** A slice of a buffer that msgpackr fills once and leaves alone; rows may keep it as long as they like. */
export function pack(value: unknown): Buffer {
  return packr.pack(value)
}

/** The caller names the shape that the row's kind promises. */
export function unpack<Shape>(bytes: Buffer): Shape {
  return packr.unpack(bytes)
}

/** Values that lie one after the other. */
export function unpackMultiple(bytes: Buffer): unknown[] {
  return packr.unpackMultiple(bytes) as unknown[]
}

/** The first of them; the others are not unpacked. */
export function unpackFirst(bytes: Buffer): unknown {
  let first: unknown
  packr.unpackMultiple(bytes, (value: unknown) => {
    first = value
    return false
  })
  return first
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

export type Absent = 0
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
  const width = expiresAt !== undefined ? 7 : condition !== undefined ? 6 : provenance !== undefined ? 4 : 2
  const packed = beginRow().array(width).number(row.revision).number(row.timestamp)
  if (width > 2) packed.maybe(provenance?.caller).maybe(provenance?.source)
  if (width > 4) packed.maybe(condition?.name).maybe(contextText(condition))
  if (expiresAt !== undefined) packed.number(expiresAt)
  return packed.taken()
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

export function payloadOf(
  condition?: string | Absent,
  context?: string | Absent,
  expiresAt?: number,
): Partial<Tuple> {
  const named = typeof condition === 'string' ? { condition: conditionOf(condition, context) } : {}
  return expiresAt === undefined ? named : { expiresAt, ...named }
}

function conditionOf(name: string, context?: string | Absent): TupleCondition {
  return typeof context === 'string' ? { name, context: JSON.parse(context) as JsonObject } : { name }
}

function contextText(condition: TupleCondition | undefined): string | undefined {
  return condition?.context === undefined ? undefined : JSON.stringify(condition.context)
}

type Cell = string | Absent | undefined

export function provenanceOf(
  caller: Cell,
  source: Cell,
  actor?: Cell,
  requestId?: Cell,
): { provenance?: Provenance } {
  const provenance: { -readonly [name in keyof Provenance]: Provenance[name] } = {}
  if (typeof caller === 'string') provenance.caller = caller
  if (typeof actor === 'string') provenance.actor = actor
  if (typeof source === 'string') provenance.source = source
  if (typeof requestId === 'string') provenance.requestId = requestId
  return Object.keys(provenance).length === 0 ? {} : { provenance }
}

/** The end of a store's log, rewritten by every group that makes it longer. */
export interface StoreHead {
  readonly revision: number
  /** Of the last entry, a character a byte. */
  readonly checksum: string
  readonly timestamp: number
  /** Number of the epoch of the last commit. */
  readonly epoch: number
  /** The latest model's id. */
  readonly model?: string
}

export function packHead(head: StoreHead): Buffer {
  return pack([head.revision, keyOf(head.checksum), head.timestamp, head.epoch, head.model ?? 0])
}

export function unpackHead(bytes: Buffer): StoreHead {
  const [revision, checksum, timestamp, epoch, model] =
    unpack<[number, Uint8Array, number, number, string | Absent]>(bytes)
  const head = { revision, checksum: nameOf(Buffer.from(checksum)), timestamp, epoch }
  return model === 0 ? head : { model, ...head }
}

/** A revision and a document, as JSON: the row of a model, of an entity. */
export function packDocument(revision: number, text: string): Buffer {
  return beginRow().array(2).number(revision).text(text).taken()
}

/** Bytes of a digest, and of the checksum in front of an entry. */
export const checksumBytes = 16

/** What the log keeps of a document's row, so that one that was changed in place is found; a character a byte. */
export function digestOf(row: Uint8Array | string): string {
  return hash('sha256', row, 'binary').slice(0, checksumBytes)
}

export function unpackDocument<Shape>(bytes: Buffer): {
  readonly revision: number
  readonly document: Shape
} {
  const [revision, text] = unpack<[number, string]>(bytes)
  return { revision, document: JSON.parse(text) as Shape }
}

/** Bytes of such a row before its document, at most: an array of two, a number, and how long the text is. */
const documentHeadMax = 1 + 9 + 5

/**
 * The document of such a row read as text, whatever became of the bytes before it. It begins at the only brace from which the
 * rest is JSON: an earlier one, of a number's bytes, nothing closes, and one within the document is closed before the end.
 */
export function documentInText(row: string): JsonObject {
  for (let at = row.indexOf('{'); at !== -1 && at <= documentHeadMax; at = row.indexOf('{', at + 1)) {
    const next = row[at + 1]
    if (next !== '"' && next !== '}') continue
    try {
      return JSON.parse(row.slice(at)) as JsonObject
    } catch {}
  }
  throw new Fault('internal_error', 'a document in the data folder cannot be read: run `kith doctor`')
}
