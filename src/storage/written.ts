/**
 * Which heads were written, of the stores that this process made: all of theirs went through its writer, so what was not
 * is not on disk, and nobody has to look. An import into a new store asks for a new head with every third tuple.
 *
 * A Bloom filter: it never says of a head that was written that it was not. 1 MiB, wrong the other way for 4 in 100 with a
 * million heads in it, for 38 with four; it fills for as long as the process runs.
 */
import { assert } from '../lib/assert.ts'

/** A power of two. */
const bits = 1 << 23

export class Written {
  /** Stores from this number on were made by this process: numbers ascend and are never given twice. */
  #since = Number.POSITIVE_INFINITY
  /** Made with the first such store. */
  #words = new Uint32Array(0)

  /** A store is being made. */
  begin(store: number): void {
    if (store >= this.#since) return
    // INVARIANT: `Catalog` gives ascending numbers; below one that is known about nothing would be known.
    assert(this.#since === Number.POSITIVE_INFINITY, 'stores are made with ascending numbers')
    this.#since = store
    this.#words = new Uint32Array(bits / 32)
  }

  /** Whether a head may be on disk. @param name - of a head (names.ts) */
  mayHave(name: string): boolean {
    if (storeIn(name) < this.#since) return true
    const hash = hashOf(name)
    return this.#has(hash) && this.#has(other(hash))
  }

  add(name: string): void {
    if (storeIn(name) < this.#since) return
    const hash = hashOf(name)
    this.#set(hash)
    this.#set(other(hash))
  }

  #has(hash: number): boolean {
    const bit = hash & (bits - 1)
    return ((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0
  }

  #set(hash: number): void {
    const bit = hash & (bits - 1)
    this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31))
  }
}

/** The store's number, behind the kind. */
function storeIn(name: string): number {
  return (
    name.charCodeAt(1) * 2 ** 24 +
    ((name.charCodeAt(2) << 16) | (name.charCodeAt(3) << 8) | name.charCodeAt(4))
  )
}

/** FNV-1a, mixed at the end: its low bits alone follow the last characters. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/** Another hash of the same name. */
function other(hash: number): number {
  const mixed = Math.imul(hash, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
