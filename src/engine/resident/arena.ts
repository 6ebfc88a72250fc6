/**
 * Integers for what has a name, and what is kept of each: the memory that the graphs of one generation share. An object
 * has a card; the id of the object is the card's address, and the ids after it are its relations in the model's order.
 *
 *     name, padded | sign, width, type, length | a slot each: relations in order, then what the type's layout has
 *                    ^ the id
 *
 * Slots hold addresses of records, 0 where none is kept; a head is the only negative integer from there on, so every
 * id leads to its object. It knows no tuples; graph.ts gives the slots meaning.
 */
import { assert } from '../../lib/assert.ts'
import { Slab } from './slab.ts'
import { hashOf, intsOf, Spelling } from './spelling.ts'

/** Ids are below it. */
export const idMax = 2 ** 26
/** Entries beside the slabs, half of what one map may hold. */
const entriesMax = 2 ** 23

const headBit = 1 << 31
/** The name has characters of two bytes. */
const wideBit = 1 << 30
const typeShift = 11
const typesMax = 2 ** 19
/** Of the length, which is below. */
const lengthBits = 2 ** typeShift - 1

/** Two ids as one number, exactly. */
export function pairOf(id: number, other: number): number {
  return id * idMax + other
}

export class Arena {
  readonly cards: Slab
  readonly slab: Slab
  readonly bytesMax: number
  /** For one name at a time, of whichever graph. */
  readonly spelling = new Spelling()
  #entries = 0
  #bytesBeside = 0

  /** @param bytesMax - from which on it is full */
  constructor(bytesMax?: number) {
    this.bytesMax = bytesMax ?? Number.POSITIVE_INFINITY
    this.cards = new Slab(bytesMax)
    this.slab = new Slab(bytesMax)
  }

  /** Exact, but for what is beside the slabs. */
  get bytes(): number {
    return (this.cards.taken + this.slab.taken) * 4 + this.#bytesBeside
  }

  /**
   * Nothing more is to be put here: it takes what it may, or the next ids might be too large for `pairOf`, addresses
   * for a slot, or entries for a map.
   */
  get isFull(): boolean {
    if (this.bytes > this.bytesMax || this.slab.isFull) return true
    return this.cards.taken > idMax / 2 || this.#entries > entriesMax
  }

  /** Counts an entry of a map under ids of this arena. */
  keepBeside(bytes: number): void {
    this.#entries++
    this.#bytesBeside += bytes
  }

  /** Counts a table or a list over ids of this arena; less than nothing: one that was counted is gone. */
  keepTable(bytes: number): void {
    this.#bytesBeside += bytes
  }

  /** The id of a new object with so many slots. @param type - its number in the graph's model */
  add(name: string, type: number, slots: number): number {
    const { spelling } = this
    const fits = spelling.take(name)
    assert(fits && type < typesMax, 'a name and a type that were judged at the door')
    const { count, length, isWide } = spelling
    const start = this.cards.take(count + 1 + slots)
    assert(start + count + slots < idMax, 'an arena that was not full')
    const { ints } = this.cards
    for (let i = 0; i < count; i++) ints[start + i] = spelling.ints[i] as number
    const id = start + count
    ints[id] = headBit | (isWide ? wideBit : 0) | (type << typeShift) | length
    return id
  }

  /** The object that an id is, or is a relation of. O(relations), in a row. */
  objectOf(id: number): number {
    const { ints } = this.cards
    let object = id
    while ((ints[object] as number) >= 0) object--
    return object
  }

  /** The number of an object's type in its graph's model. */
  typeOf(object: number): number {
    return ((this.cards.ints[object] as number) >>> typeShift) & (typesMax - 1)
  }

  name(object: number): string {
    const head = this.cards.ints[object] as number
    const { bytes } = this.cards
    const length = head & lengthBits
    const isWide = (head & wideBit) !== 0
    const first = (object - intsOf(length, isWide)) * 4
    return isWide
      ? bytes.toString('utf16le', first, first + length * 2)
      : bytes.toString('latin1', first, first + length)
  }

  isSpelled(object: number, { ints: expected, count, length, isWide }: Spelling): boolean {
    const { ints } = this.cards
    const head = ints[object] as number
    if ((head & lengthBits) !== length || ((head & wideBit) !== 0) !== isWide) return false
    const first = object - count
    for (let i = 0; i < count; i++) if (ints[first + i] !== expected[i]) return false
    return true
  }

  /** Of an object's name, as its spelling has it. */
  hashOf(object: number): number {
    const { ints } = this.cards
    const head = ints[object] as number
    const count = intsOf(head & lengthBits, (head & wideBit) !== 0)
    return hashOf(ints, object - count, count)
  }
}
