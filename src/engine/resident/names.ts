/**
 * Which id has a name: a hash table over the cards of an arena, where the names are. It grows table by table, so that
 * no name waits for all of them to be put elsewhere. Exact: a name is compared whole before it is found.
 */
import { type Arena, idMax } from './arena.ts'

/** Slots of a table before it is halved into two. */
const slotsMax = 4_096
const firstSlots = 16
/** Of ten slots this many may be taken. */
const takenOfTen = 7
/** Bits of a hash: the low ones find the table, the high ones the slot, those between tell most others in it apart. */
const tableBitsMax = 15
const tagBits = 0x1f << tableBitsMax
/** Where a slot keeps those bits, above the id. */
const tagShift = Math.log2(idMax) - tableBitsMax
const idBits = idMax - 1

/** One of the tables: slots are ids with a tag, 0 where free. */
interface Table {
  readonly slots: Int32Array
  readonly shift: number
  /** Low bits that the hashes in it share. */
  readonly depth: number
  taken: number
}

export class Names {
  readonly #arena: Arena
  /** By the low bits of a hash, as many as the deepest needs: others are here several times. */
  #tables: Table[]

  constructor(arena: Arena) {
    this.#arena = arena
    this.#tables = [this.#table(firstSlots, 0)]
  }

  /** 0: no id has it. */
  find(name: string): number {
    const { spelling } = this.#arena
    if (!spelling.take(name)) return 0
    const { hash } = spelling
    const { slots, shift } = this.#tables[hash & (this.#tables.length - 1)] as Table
    const tag = (hash & tagBits) << tagShift
    for (let at = hash >>> shift; ; at = (at + 1) & (slots.length - 1)) {
      const slot = slots[at] as number
      if (slot === 0) return 0
      const id = slot & idBits
      if (slot - id === tag && this.#arena.isSpelled(id, spelling)) return id
    }
  }

  /** @param id - of a card with a name that none here has */
  add(id: number): void {
    const hash = this.#arena.hashOf(id)
    let table = this.#tableOf(hash)
    while ((table.taken + 1) * 10 > table.slots.length * takenOfTen) {
      this.#grow(table, hash)
      table = this.#tableOf(hash)
    }
    put(table, hash, id)
  }

  #tableOf(hash: number): Table {
    return this.#tables[hash & (this.#tables.length - 1)] as Table
  }

  /** To twice its size, or in two of its size. */
  #grow(table: Table, hash: number): void {
    const { slots, depth } = table
    if (slots.length < slotsMax || depth === tableBitsMax) {
      const larger = this.#table(slots.length * 2, depth)
      this.#replace(table, hash, [larger, larger])
    } else {
      if (this.#tables.length === 2 ** depth) this.#tables = [...this.#tables, ...this.#tables]
      const halves = [this.#table(slotsMax, depth + 1), this.#table(slotsMax, depth + 1)] as const
      this.#replace(table, hash, halves)
    }
    this.#arena.keepTable(-slots.byteLength)
  }

  /** @param hash - of one that is in the table @param by - the next bit of a hash */
  #replace({ slots, depth }: Table, hash: number, by: readonly [Table, Table]): void {
    const stride = 2 ** depth
    const first = hash & (stride - 1)
    for (let at = first; at < this.#tables.length; at += stride) {
      this.#tables[at] = (at & stride) === 0 ? by[0] : by[1]
    }
    for (const slot of slots) {
      if (slot === 0) continue
      const moved = this.#arena.hashOf(slot & idBits)
      put((moved & stride) === 0 ? by[0] : by[1], moved, slot & idBits)
    }
  }

  #table(count: number, depth: number): Table {
    this.#arena.keepTable(count * 4)
    return { slots: new Int32Array(count), shift: 32 - Math.log2(count), depth, taken: 0 }
  }
}

function put(table: Table, hash: number, id: number): void {
  const { slots, shift } = table
  let at = hash >>> shift
  while (slots[at] !== 0) at = (at + 1) & (slots.length - 1)
  slots[at] = ((hash & tagBits) << tagShift) | id
  table.taken += 1
}
