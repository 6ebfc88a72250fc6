/**
 * Rows that no log vouches for: records of stores, the journal, callers' keys, asides. Each ends in a digest of its key and its
 * cells, so that one which was changed where it lies is never believed. Rows of before digests are.
 */
import * as keys from './keys.ts'
import { keyOf } from './names.ts'
import { beginRow } from './packing.ts'
import type { StoreChange, StoreRecord } from './storage.ts'
import { digestOf, pack, provenanceOf, unpack } from './values.ts'

/** A store's record; `deleted` ones keep their row so that neither id nor number is ever given again. */
export interface StoreRow extends StoreRecord {
  readonly deleted: 'no' | 'purging' | 'purged'
  /** Whether the id came from our own maker: those only grow. */
  readonly made: boolean
}

type StoreCells = [
  id: string,
  name: string,
  created: number,
  updated: number,
  deleted: StoreRow['deleted'],
  made: boolean,
]

export function packStore(number: number, row: StoreRow): Buffer {
  const cells: StoreCells = [row.id, row.name, row.createdAt, row.updatedAt, row.deleted, row.made]
  return seal(keys.storeKey(number), cells)
}

/** Undefined where the row is not what was written. */
export function unpackStore(key: Buffer, row: Buffer): StoreRow | undefined {
  const cells = unseal<StoreCells>(key, row, 6)
  if (cells === undefined) return undefined
  const [id, name, createdAt, updatedAt, deleted, made] = cells
  return { id, name, createdAt, updatedAt, deleted, made }
}

type StoreChangeCells = [
  timestamp: number,
  operation: StoreChange['operation'],
  store: string,
  name: string,
  caller: string | 0,
  source: string | 0,
  actor: string | 0,
  requestId: string | 0,
]

export function packStoreChange(key: Buffer, change: StoreChange): Buffer {
  const { timestamp, operation, store, name, provenance = {} } = change
  const { caller = 0, source = 0, actor = 0, requestId = 0 } = provenance
  const cells: StoreChangeCells = [timestamp, operation, store, name, caller, source, actor, requestId]
  return seal(key, cells)
}

/** Undefined where the row is not what was written. */
export function unpackStoreChange(key: Buffer, row: Buffer): StoreChange | undefined {
  const cells = unseal<StoreChangeCells>(key, row, 8)
  if (cells === undefined) return undefined
  const [timestamp, operation, store, name, caller, source, actor, requestId] = cells
  return { timestamp, operation, store, name, ...provenanceOf(caller, source, actor, requestId) }
}

export function packText(key: Buffer, text: string): Buffer {
  const sealed = beginRow().raw(key).array(1).text(text).digest()
  return beginRow().array(2).text(text).binary(sealed).taken()
}

/** The text; undefined where the row is not what was written. */
export function unpackText(key: Buffer, row: Buffer): string | undefined {
  return unseal<[string]>(key, row, 1)?.[0]
}

function seal(key: Buffer, cells: readonly unknown[]): Buffer {
  return pack([...cells, digest(key, cells)])
}

/** @param width - cells before the digest; a row of before digests has just these, a single one bare */
function unseal<Cells>(key: Buffer, row: Buffer, width: number): Cells | undefined {
  const found = unpacked(row)
  const cells = Array.isArray(found) ? found : [found]
  if (cells.length === width) return typeof cells[0] === 'object' ? undefined : (cells as Cells)
  const own = cells.slice(0, width)
  const told: unknown = cells[width]
  const isOwn = cells.length === width + 1 && told instanceof Uint8Array && digest(key, own).equals(told)
  return isOwn ? (own as Cells) : undefined
}

function digest(key: Buffer, cells: readonly unknown[]): Buffer {
  return keyOf(digestOf(Buffer.concat([key, pack(cells)])))
}

/** Undefined where it is no row at all. */
function unpacked(row: Buffer): unknown {
  try {
    return unpack(row)
  } catch {
    return undefined
  }
}
