/**
 * Integers for what has a name, and what is kept of each: the memory that the graphs of one generation share. An id
 * stands for an object, the ids after it for its relations in the model's order; so object#relation needs no table.
 * It knows no tuples; graph.ts gives the columns meaning.
 */
import { Slab } from './slab.ts'

/** Of an id without what its records take: five columns, and the share of its name in a map. */
const idBytes = 24
const nameBytes = 72

const idMax = 2 ** 26
/** Entries of the maps that hold ids and what is beside them, half of what one map may. */
const entriesMax = 2 ** 23

/** Two ids as one number, exactly. */
export function pairOf(id: number, other: number): number {
  return id * idMax + other
}

export class Arena {
  readonly slab = new Slab()
  /** By id: the object that it is, or is a relation of. */
  objects = new Int32Array(firstIds)
  /** By id: the number of the object's type in its graph's model. */
  types = new Uint16Array(firstIds)
  /** By id: addresses of records, 0 where none is kept. */
  edges = new Int32Array(firstIds)
  placements = new Int32Array(firstIds)
  above = new Int32Array(firstIds)
  /** By id of an object. */
  readonly names: string[] = []
  readonly #bytesMax: number
  #ids = 1
  #entries = 0
  #bytesBeside = 0

  /** @param bytesMax - from which on it is full */
  constructor(bytesMax = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax
  }

  /** About; close enough to bound it. */
  get bytes(): number {
    return this.slab.bytes + this.#ids * idBytes + this.#bytesBeside
  }

  /**
   * Nothing more is to be put here: it takes what it may, or the next ids might be too large for `pairOf`, addresses
   * for their column, or names for a map.
   */
  get isFull(): boolean {
    if (this.bytes > this.#bytesMax || this.slab.isFull) return true
    return this.#ids > idMax / 2 || this.#entries > entriesMax
  }

  /** Counts what is kept elsewhere under ids of this arena. */
  keepBeside(bytes: number): void {
    this.#entries++
    this.#bytesBeside += bytes
  }

  /** The id of a new object; those of its `relations` follow. */
  add(name: string, type: number, relations: number): number {
    const object = this.#ids
    this.#ids += 1 + relations
    if (this.#ids > this.objects.length) this.#grow()
    for (let id = object; id < this.#ids; id++) {
      this.objects[id] = object
      this.types[id] = type
    }
    this.names[object] = name
    this.keepBeside(nameBytes + name.length)
    return object
  }

  name(object: number): string {
    return this.names[object] ?? ''
  }

  #grow(): void {
    const ids = Math.max(this.objects.length * 2, this.#ids)
    const longer = (column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(ids)
      grown.set(column)
      return grown
    }
    this.objects = longer(this.objects)
    this.edges = longer(this.edges)
    this.placements = longer(this.placements)
    this.above = longer(this.above)
    const types = new Uint16Array(ids)
    types.set(this.types)
    this.types = types
  }
}

const firstIds = 256
