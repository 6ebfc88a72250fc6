/**
 * A name as the integers that its card holds, and their hash: one pass over its characters, which is most of what
 * finding a name costs. It is filled again and again, so that nothing is made for a name that is known.
 */
import { randomInt } from 'node:crypto'

/** Characters of the longest name. */
const lengthMax = 2 ** 11 - 1
const latinMax = 0xff

/** Unknown to callers: nobody can choose names that all meet in one slot. */
const seed = randomInt(2 ** 32)
const factor = randomInt(2 ** 31) * 2 + 1

export class Spelling {
  /** Four characters each, the first lowest; two where one is past Latin. Zeroes fill the last. */
  readonly ints = new Int32Array((lengthMax + 1) / 2)
  count = 0
  /** Characters. */
  length = 0
  isWide = false
  hash = 0

  /** False: it is longer than any name on a card. */
  take(name: string): boolean {
    const { length } = name
    if (length > lengthMax) return false
    const { ints } = this
    const whole = length & ~3
    let count = 0
    let units = 0
    let hash = seed
    for (let i = 0; i < whole; i += 4) {
      const a = name.charCodeAt(i)
      const b = name.charCodeAt(i + 1)
      const c = name.charCodeAt(i + 2)
      const d = name.charCodeAt(i + 3)
      units |= a | b | c | d
      const int = a | (b << 8) | (c << 16) | (d << 24)
      ints[count++] = int
      hash = mixed(hash, int)
    }
    if (whole < length) {
      let int = 0
      for (let i = whole; i < length; i++) {
        const unit = name.charCodeAt(i)
        units |= unit
        int |= unit << ((i - whole) * 8)
      }
      ints[count++] = int
      hash = mixed(hash, int)
    }
    if (units > latinMax) return this.#takeWide(name)
    this.isWide = false
    this.#told(length, count, hash)
    return true
  }

  #takeWide(name: string): boolean {
    const { length } = name
    let count = 0
    let hash = seed
    for (let i = 0; i < length; i += 2) {
      const high = i + 1 < length ? name.charCodeAt(i + 1) : 0
      const int = name.charCodeAt(i) | (high << 16)
      this.ints[count++] = int
      hash = mixed(hash, int)
    }
    this.isWide = true
    this.#told(length, count, hash)
    return true
  }

  #told(length: number, count: number, hash: number): void {
    this.length = length
    this.count = count
    this.hash = spread(hash)
  }
}

/** Integers that a name of so many characters takes. */
export function intsOf(length: number, isWide: boolean): number {
  return isWide ? (length + 1) >> 1 : (length + 3) >> 2
}

/** The hash of a name that is spelled in `count` integers from `first` on. */
export function hashOf(ints: Int32Array, first: number, count: number): number {
  let hash = seed
  for (let at = first; at < first + count; at++) hash = mixed(hash, ints[at] as number)
  return spread(hash)
}

/** Half by half: what differs is in the low bits before it is multiplied, so that nobody knows how the product does. */
function mixed(hash: number, int: number): number {
  return Math.imul(Math.imul(hash ^ (int & 0xffff), factor) ^ (int >>> 16), factor)
}

/** Of 32 bits, each of which hangs on every one of the hash. */
function spread(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0
}
