/**
 * The texts that were put in last, by name: a ring of bytes outside of V8's heap, where a hundred thousand small ones would be
 * handed on, marked and swept by the collector again and again. What is put in overwrites what was put in longest ago. It may
 * have lost a text; one that it has is the last that was put in by that name.
 */
import { shortChars } from './packing.ts'
import { hashOf } from './written.ts'

/** Length of the name in two bytes, of the text in four. */
const headBytes = 6
/** Places that a name may be noted at. */
const ways = 4

export interface RingSize {
  /** A piece of the ring is made when it is needed; what does not fit into one is not taken. */
  readonly pieceBytes: number
  readonly pieces: number
  /** A power of two: so many times `ways` names are known. */
  readonly buckets: number
}

export class Ring {
  readonly #size: RingSize
  readonly #bytesMax: number
  /** Where entries begin, counted from the very first byte on; 0 is none. Made with the first of them. */
  #starts = new Float64Array(0)
  readonly #pieces: Buffer[] = []
  /** Where the next one begins. INVARIANT: what began at most `bytesMax` before is whole. */
  #end: number

  constructor(size: RingSize) {
    this.#size = size
    this.#bytesMax = size.pieceBytes * size.pieces
    this.#end = 2 * this.#bytesMax
  }

  get(name: string): string | undefined {
    const slot = this.#slotOf(name)
    if (slot === -1) return undefined
    const start = this.#starts[slot] as number
    const piece = this.#pieceAt(start)
    const at = start % this.#size.pieceBytes
    const from = at + headBytes + name.length
    return piece.toString('latin1', from, from + piece.readUInt32LE(at + 2))
  }

  has(name: string): boolean {
    return this.#slotOf(name) !== -1
  }

  /** @param text - of one byte a character, as the name is */
  put(name: string, text: string): void {
    if (this.#starts.length === 0) this.#starts = new Float64Array(this.#size.buckets * ways)
    const known = this.#slotOf(name)
    const bytes = headBytes + name.length + text.length
    const { pieceBytes } = this.#size
    if (bytes > pieceBytes || name.length > 0xffff) {
      if (known !== -1) this.#starts[known] = 0
      return
    }
    let at = this.#end % pieceBytes
    if (at + bytes > pieceBytes) {
      this.#end += pieceBytes - at
      at = 0
    }
    this.#starts[known === -1 ? this.#oldestOf(name) : known] = this.#end
    const piece = this.#pieceAt(this.#end)
    piece.writeUInt16LE(name.length, at)
    piece.writeUInt32LE(text.length, at + 2)
    copy(name, piece, at + headBytes)
    copy(text, piece, at + headBytes + name.length)
    this.#end += bytes
  }

  delete(name: string): void {
    const slot = this.#slotOf(name)
    if (slot !== -1) this.#starts[slot] = 0
  }

  /** -1: it is not here. */
  #slotOf(name: string): number {
    const first = this.#bucketOf(name)
    const oldest = this.#end - this.#bytesMax
    for (let slot = first; slot < first + ways; slot++) {
      const start = this.#starts[slot] as number
      if (start >= oldest && this.#isNamed(start, name)) return slot
    }
    return -1
  }

  #oldestOf(name: string): number {
    const first = this.#bucketOf(name)
    let oldest = first
    for (let slot = first + 1; slot < first + ways; slot++) {
      if ((this.#starts[slot] as number) < (this.#starts[oldest] as number)) oldest = slot
    }
    return oldest
  }

  #bucketOf(name: string): number {
    return (hashOf(name) & (this.#size.buckets - 1)) * ways
  }

  /** Names differ at their ends. */
  #isNamed(start: number, name: string): boolean {
    const piece = this.#pieceAt(start)
    const at = start % this.#size.pieceBytes
    if (piece.readUInt16LE(at) !== name.length) return false
    for (let i = name.length - 1; i >= 0; i--) {
      if (piece[at + headBytes + i] !== name.charCodeAt(i)) return false
    }
    return true
  }

  #pieceAt(start: number): Buffer {
    const { pieceBytes, pieces } = this.#size
    const index = Math.floor(start / pieceBytes) % pieces
    const piece = this.#pieces[index]
    if (piece !== undefined) return piece
    const made = Buffer.allocUnsafeSlow(pieceBytes)
    this.#pieces[index] = made
    return made
  }
}

function copy(text: string, to: Buffer, at: number): void {
  if (text.length > shortChars) to.write(text, at, text.length, 'latin1')
  else for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i)
}
