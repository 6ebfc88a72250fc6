/**
 * Keys: every row's name as bytes, and back. Order-preserving and injective; schema/keys.md has the drawing with
 * the values. Nothing here reads or writes.
 *
 *   kind (1 byte) | store number (4, big endian) | component ... | last component
 *
 * Components are in components.ts. A prefix of whole components names exactly the rows under it, whatever the ids hold, and
 * byte order is the order by (type, id, relation, subject). Numbers are fixed width, big endian.
 */
import { assert } from '../lib/assert.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { begin, componentAt, lastText } from './components.ts'
import type { Placement } from './storage.ts'

/** The first byte of a key. Letters, so that a dump can be read. */
export const kind = {
  aside: 0x62, // b store type id
  assertions: 0x61, // a store model
  change: 0x43, // C store revision
  credential: 0x6b, // k 0 id
  entity: 0x6e, // n store type id
  epoch: 0x50, // P number
  epochStarts: 0x70, // p store
  expiry: 0x65, // e instant store type id relation subject
  forward: 0x66, // f store type id relation
  forwardPage: 0x67, // g store type id relation part page
  format: 0x21, // !
  head: 0x48, // H store
  journal: 0x4a, // J number
  model: 0x6d, // m store id
  modelOrder: 0x6f, // o store revision
  placement: 0x71, // q store subject type id relation
  relay: 0x77, // w store
  reverse: 0x72, // r store subject
  sequence: 0x23, // #
  store: 0x53, // S store
  tuple: 0x54, // T store type id relation subject
  tuplesets: 0x74, // t store
} as const

/** Where the components begin in keys of the form kind | store | ... */
export const prefixBytes = 5

/** The two listings of a forward head. */
export type Part = 'usersets' | 'plain'

export const formatKey = Buffer.of(kind.format)
export const sequenceKey = Buffer.of(kind.sequence)

export const storeKey = (store: number): Buffer => begin(kind.store, store).taken()
export const headKey = (store: number): Buffer => begin(kind.head, store).taken()
export const epochKey = (epoch: number): Buffer => begin(kind.epoch, epoch).taken()
export const epochStartsKey = (store: number): Buffer => begin(kind.epochStarts, store).taken()
export const tuplesetsKey = (store: number): Buffer => begin(kind.tuplesets, store).taken()
export const relayKey = (store: number): Buffer => begin(kind.relay, store).taken()
/** A change of a store itself; `number` counts them over all stores. */
export const journalKey = (number: number): Buffer => {
  const key = Buffer.alloc(9, kind.journal)
  key.writeBigUInt64BE(BigInt(number), 1)
  return key
}
export const modelKey = (store: number, id: string): Buffer => begin(kind.model, store).last(id).taken()
/** Of the folder, not of a store: no store has number 0. */
export const credentialKey = (id: string): Buffer => begin(kind.credential, 0).last(id).taken()
export const assertionsKey = (store: number, model: string): Buffer =>
  begin(kind.assertions, store).last(model).taken()

export function changeKey(store: number, revision: number): Buffer {
  return begin(kind.change, store).number(revision).taken()
}

export function modelOrderKey(store: number, revision: number): Buffer {
  return begin(kind.modelOrder, store).number(revision).taken()
}

export function isLogEntry(key: Uint8Array): boolean {
  return key[0] === kind.change
}

/** The revision at the end of a change or model-order key. */
export function revisionIn(key: Buffer): number {
  return key.readUIntBE(prefixBytes + 2, 6)
}

export function entityKey(store: number, type: string, id: string): Buffer {
  return begin(kind.entity, store).component(type).last(id).taken()
}

/** Of an entity, or of a document beside the log. */
export function readEntityKey(key: Buffer): { readonly type: string; readonly id: string } {
  const type = componentAt(key, prefixBytes)
  return { type: type.text, id: lastText(key, type.end) }
}

export function asideKey(store: number, type: string, id: string): Buffer {
  return begin(kind.aside, store).component(type).last(id).taken()
}

export function tupleKey(store: number, object: string, relation: string, subject: string): Buffer {
  return begin(kind.tuple, store).object(object).component(relation).last(subject).taken()
}

/** Tuple rows of a store, of a type, of an object, of a relation: as far as fields are given. */
export function tuplePrefix(
  store: number,
  at: { type?: string; object?: string; relation?: string },
): Buffer {
  const key = begin(kind.tuple, store)
  if (at.object !== undefined) {
    key.object(at.object)
    if (at.relation !== undefined) key.component(at.relation)
  } else if (at.type !== undefined) key.component(at.type)
  return key.taken()
}

/** Every tuple row of the objects that come after `type:id`. */
export function tuplesAfterObject(store: number, type: string, id: string): Buffer {
  return prefixEnd(begin(kind.tuple, store).component(type).component(id).taken())
}

export function readTupleKey(key: Buffer): TupleKey {
  return readTuple(key, prefixBytes)
}

export function forwardKey(store: number, object: string, relation: string): Buffer {
  return begin(kind.forward, store).object(object).last(relation).taken()
}

/** Forward heads of one type. */
export function forwardPrefix(store: number, type: string): Buffer {
  return begin(kind.forward, store).component(type).taken()
}

export function readForwardKey(key: Buffer): Placement {
  const type = componentAt(key, prefixBytes)
  const id = componentAt(key, type.end)
  return { object: `${type.text}:${id.text}`, relation: lastText(key, id.end) }
}

export function forwardPageKey(
  store: number,
  object: string,
  relation: string,
  part: Part,
  page: number,
): Buffer {
  const key = begin(kind.forwardPage, store).object(object).component(relation)
  return key
    .byte(part === 'usersets' ? 0 : 1)
    .number(page)
    .taken()
}

export function readForwardPageKey(key: Buffer): Placement & { readonly part: Part; readonly page: number } {
  const type = componentAt(key, prefixBytes)
  const id = componentAt(key, type.end)
  const relation = componentAt(key, id.end)
  const part = key[relation.end] === 0 ? 'usersets' : 'plain'
  return {
    object: `${type.text}:${id.text}`,
    relation: relation.text,
    part,
    page: key.readUIntBE(relation.end + 3, 6),
  }
}

export function reverseKey(store: number, subject: string): Buffer {
  return begin(kind.reverse, store).last(subject).taken()
}

export function readReverseKey(key: Buffer): string {
  return lastText(key, prefixBytes)
}

export function placementKey(store: number, subject: string, object: string, relation: string): Buffer {
  return begin(kind.placement, store).component(subject).object(object).last(relation).taken()
}

export function placementPrefix(store: number, subject: string, type?: string): Buffer {
  const key = begin(kind.placement, store).component(subject)
  if (type !== undefined) key.component(type)
  return key.taken()
}

export function readPlacementKey(key: Buffer): TupleKey {
  const subject = componentAt(key, prefixBytes)
  const type = componentAt(key, subject.end)
  const id = componentAt(key, type.end)
  return { subject: subject.text, object: `${type.text}:${id.text}`, relation: lastText(key, id.end) }
}

/** Where what follows a prefix begins in a key that was read as text. */
export function textStart(prefix: Buffer): number {
  return prefix.toString().length
}

/**
 * The same as `readPlacementKey`, of a key as text; `start` is that of the subject's prefix.
 * @param neighbour - the placement of a key beside it: its relation is often the same, and then the same text
 */
export function readPlacementText(key: string, start: number, neighbour?: Placement): Placement {
  const type = key.indexOf(endText, start)
  const id = key.indexOf(endText, type + endText.length)
  const object = `${key.slice(start, type)}:${key.slice(type + endText.length, id)}`
  const relation = restOf(key, id + endText.length, neighbour?.relation)
  return { object: unescapedText(object), relation: unescapedText(relation) }
}

/** The same as `lastText`, of a key as text. */
export function lastInText(key: string, start: number): string {
  return unescapedText(key.slice(start))
}

/** 0x00 within a component is followed by 0xFF, which no UTF-8 has. */
function unescapedText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0\uFFFD', '\0') : text
}

const endText = '\0\x01'

/** What is left of a key, as the text that is known where that is the same. */
function restOf(key: string, start: number, known = ''): string {
  return key.length - start === known.length && key.endsWith(known) ? known : key.slice(start)
}

/** Not under the store: one range over the whole folder finds what expired, whoever's it is. */
export function expiryKey(instant: number, store: number, tuple: TupleKey): Buffer {
  const key = begin(kind.expiry, 0).rewind(1).number(instant).number32(store)
  return key.object(tuple.object).component(tuple.relation).last(tuple.subject).taken()
}

/** Expiry rows of instants before `instant`. */
export function expiryBefore(instant: number): { readonly gte: Buffer; readonly lt: Buffer } {
  const bound = (at: number) => begin(kind.expiry, 0).rewind(1).number(at).taken()
  return { gte: bound(0), lt: bound(instant) }
}

export function readExpiryKey(key: Buffer): {
  readonly instant: number
  readonly store: number
  readonly tuple: TupleKey
} {
  return { instant: key.readUIntBE(3, 6), store: key.readUInt32BE(9), tuple: readTuple(key, 13) }
}

/** All rows of one kind, of one store where `store` is given. */
export function kindPrefix(of: number, store?: number): Buffer {
  return store === undefined ? Buffer.of(of) : begin(of, store).taken()
}

/** The first key after every key that begins with `prefix`. */
export function prefixEnd(prefix: Buffer): Buffer {
  const last = prefix.length - 1
  const byte = prefix[last]
  assert(byte !== undefined, 'an empty prefix has no end')
  if (byte === 0xff) return prefixEnd(prefix.subarray(0, last))
  const after = Buffer.from(prefix)
  after[last] = byte + 1
  return after
}

/** The first key after `key`. */
export function keyAfter(key: Uint8Array): Buffer {
  return Buffer.concat([key, Buffer.of(0)])
}

/**
 * The order of the UTF-8 bytes of two strings. JavaScript compares UTF-16 units, which puts surrogates (above
 * U+FFFF) before U+E000..U+FFFF; everything else agrees.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? lifted(x) - lifted(y) : x - y
  }
  return a.length - b.length
}

/** The order of placement keys of one subject: by type, id, relation. */
export function comparePlacement(a: Placement, b: Placement): number {
  if (a.object === b.object) return compareText(a.relation, b.relation)
  const [i, j] = [a.object.indexOf(':'), b.object.indexOf(':')]
  const byType = compareText(a.object.slice(0, i), b.object.slice(0, j))
  return byType === 0 ? compareText(a.object.slice(i), b.object.slice(j)) : byType
}

function lifted(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

function readTuple(key: Buffer, start: number): TupleKey {
  const type = componentAt(key, start)
  const id = componentAt(key, type.end)
  const relation = componentAt(key, id.end)
  return { object: `${type.text}:${id.text}`, relation: relation.text, subject: lastText(key, relation.end) }
}
