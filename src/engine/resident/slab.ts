/**
 * Records of integers, appended and never moved: an address stays good as long as the slab does. Nothing is given back
 * one by one; whoever holds a slab drops it whole. Address 0 is no record.
 */

const chunkBits = 16
const chunkInts = 1 << chunkBits
/** Selects the place within a chunk. */
const placeMask = chunkInts - 1
const firstInts = 1_024
/** 4 GiB, half of what addresses can tell apart. */
const chunksMax = 2 ** 14

export class Slab {
  /** By address without its low bits. */
  readonly chunks: Int32Array[] = [new Int32Array(firstInts)]
  /** Address of the next record. */
  #next = 1
  #bytes = firstInts * 4

  /** Whether the next records might have addresses of more than 31 bits. */
  get isFull(): boolean {
    return this.chunks.length > chunksMax
  }

  /** What the records take. */
  get bytes(): number {
    return this.#bytes
  }

  /** The address of `ints` zeroes in a row. */
  take(ints: number): number {
    if (placeOf(this.#next) + ints > chunkInts) this.#next = this.chunks.length << chunkBits
    const address = this.#next
    this.#demand(address >>> chunkBits, placeOf(address) + ints)
    this.#next = ints > chunkInts ? this.chunks.length << chunkBits : address + ints
    return address
  }

  /** The first chunk grows to its full size, so that little takes little; one record may need a longer one. */
  #demand(index: number, ints: number): void {
    const known = this.chunks[index]
    if (known !== undefined && known.length >= ints) return
    const usual = index === 0 ? Math.min(chunkInts, (known?.length ?? 0) * 2) : chunkInts
    const grown = new Int32Array(Math.max(usual, ints))
    if (known !== undefined) grown.set(known)
    this.#bytes += (grown.length - (known?.length ?? 0)) * 4
    this.chunks[index] = grown
    // What is longer than a chunk takes the addresses of several.
    for (let taken = chunkInts; taken < ints; taken += chunkInts) this.chunks.push(grown)
  }
}

/** The integers that a record lies in, from `placeOf` its address on. */
export function chunkOf(slab: Slab, address: number): Int32Array {
  return slab.chunks[address >>> chunkBits] as Int32Array
}

/** Where in its chunk. */
export function placeOf(address: number): number {
  return address & placeMask
}
