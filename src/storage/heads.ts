/**
 * Heads as the writer wrote or read them last, packed: a head that is written again and again is read once. Exact,
 * because nobody but the writer writes: what is here is the applied state, whenever a group is built. Beside them, which heads
 * there may be at all (written.ts), which no failed batch makes less true.
 */
import { kind } from './keys.ts'
import { Ring, type RingSize } from './ring.ts'
import { Written } from './written.ts'

/** What becomes a row's value when the row goes into a batch; never changed, only replaced. */
export interface Draft {
  /** Its bytes, one character each. */
  pack(): string
}

/**
 * 32 MiB, some 150,000 heads of a dozen names. An import changes the same 100,000 subjects in turns, and of heads that come in
 * turns a little less than all is none.
 */
const subjects: RingSize = { pieceBytes: 256 << 10, pieces: 128, buckets: 1 << 17 }
/** 8 MiB beside them: objects that grow are written with every commit, and would push the subjects out. */
const objects: RingSize = { pieceBytes: 256 << 10, pieces: 32, buckets: 1 << 14 }

/**
 * A subject's is kept from the first commit on that names it; an object's from the second on that changes it: most of those that
 * an import makes are never changed again.
 */
export class Heads {
  #subjects = new Ring(subjects)
  #objects = new Ring(objects)
  readonly #written = new Written()

  /** A store is being made: all of its heads will be written here. */
  begin(store: number): void {
    this.#written.begin(store)
  }

  /** Whether a head may be on disk; where not, nobody has to look. */
  mayHave(name: string): boolean {
    return this.#written.mayHave(name)
  }

  /** A head as it is packed. */
  get(name: string): string | undefined {
    return this.#ringOf(name)?.get(name)
  }

  keep(name: string, packed: string): void {
    this.#ringOf(name)?.put(name, packed)
  }

  /** Follows a row that is on its way to disk; undefined where it is deleted. */
  follow(name: string, value: string | Buffer | undefined): void {
    const ring = this.#ringOf(name)
    if (ring === undefined) return
    this.#written.add(name)
    if (typeof value !== 'string') ring.delete(name)
    else if (ring === this.#subjects || ring.has(name)) ring.put(name, value)
  }

  /** After a batch whose outcome is not known, and when nothing was written for long: an import leaves tens of megabytes. */
  forget(): void {
    this.#subjects = new Ring(subjects)
    this.#objects = new Ring(objects)
  }

  /** Undefined of what is no head. */
  #ringOf(name: string): Ring | undefined {
    const first = name.charCodeAt(0)
    if (first === kind.reverse) return this.#subjects
    return first === kind.forward || first === kind.forwardPage ? this.#objects : undefined
  }
}
