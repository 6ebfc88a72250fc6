/**
 * Heads as the writer wrote or read them last, unpacked: a head that is written again and again is read once. Exact,
 * because nobody but the writer writes: what is here is the applied state, whenever a group is built. Beside them, which heads
 * there may be at all (written.ts), which no failed batch makes less true.
 */
import { kind } from './keys.ts'
import { Written } from './written.ts'

/** What becomes a row's value when the row goes into a batch; never changed, only replaced. */
export interface Draft {
  /** Its bytes, one character each. */
  pack(): string
  /** Bytes of memory, roughly. */
  readonly weight: number
}

/**
 * Bytes that one of the two generations may weigh: both hold some 140,000 heads of a dozen names. An import changes the same
 * 100,000 subjects in turns, and of heads that come in turns a little less than all is none.
 */
const weightMax = 28 << 20

const headKinds: ReadonlySet<number> = new Set([kind.forward, kind.forwardPage, kind.reverse])

/**
 * In two generations: when the young one is full it becomes the old one, and what nobody asked of that is dropped. A head
 * is kept from the second commit on that changes it: most of those that an import makes are never changed again.
 */
export class Heads {
  #young = new Map<string, Draft>()
  #old = new Map<string, Draft>()
  #weight = 0
  readonly #written = new Written()

  /** A store is being made: all of its heads will be written here. */
  begin(store: number): void {
    this.#written.begin(store)
  }

  /** Whether a head may be on disk; where not, nobody has to look. */
  mayHave(name: string): boolean {
    return this.#written.mayHave(name)
  }

  get(name: string): Draft | undefined {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.keep(name, old)
    return old
  }

  keep(name: string, head: Draft): void {
    if (this.#weight > weightMax) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#weight += head.weight - (this.#young.get(name)?.weight ?? 0)
    this.#young.set(name, head)
  }

  /** Follows a row that is on its way to disk; undefined where it is deleted. */
  follow(name: string, value: Draft | Buffer | undefined): void {
    if (!headKinds.has(name.charCodeAt(0))) return
    this.#written.add(name)
    if (value !== undefined && !Buffer.isBuffer(value)) {
      if (this.#young.has(name) || this.#old.has(name)) this.keep(name, value)
    } else {
      this.#young.delete(name)
      this.#old.delete(name)
    }
  }

  /** After a batch whose outcome is not known, and when nothing was written for long: an import leaves tens of megabytes. */
  forget(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#weight = 0
  }
}
