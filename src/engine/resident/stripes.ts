/**
 * When was what last written? A fixed table of counters, one a stripe: whatever an answer read hashes to a stripe, and
 * a write marks the stripes of what it changed. An answer whose stripes were not marked since is what it was. Two things
 * in one stripe cost a needless miss, never a stale answer; what is absent has a stripe too.
 */
import type { ChangeEntry } from '../../storage/storage.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { TupleKey } from '../../tuple/tuple.ts'

const count = 2 ** 20

/** What can be read: one tuple, the usersets at a place, the plain subjects at a place, where a subject is placed. */
type Kind = 'point' | 'usersets' | 'subjects' | 'placements'
const seeds: Readonly<Record<Kind, number>> = { point: 1, usersets: 2, subjects: 3, placements: 4 }

export class Stripes {
  readonly #markedAt = new Float64Array(count)
  /** Commits applied in this process, of all stores. */
  #applied = 0

  get bytes(): number {
    return this.#markedAt.byteLength
  }

  get applied(): number {
    return this.#applied
  }

  /** Called for each commit after it is visible, before it is acknowledged. */
  apply(store: string, entry: ChangeEntry): void {
    this.#applied += 1
    const inStore = hashed(start, store)
    for (const { tuple } of entry.tuples) {
      const { object, relation, subject } = tuple
      const place = hashed(hashed(inStore, object), relation)
      this.#mark('point', hashed(place, subject))
      this.#mark('placements', hashed(inStore, subject))
      // A wildcard is met among the usersets.
      this.#mark(isUserset(subject) || isWildcard(subject) ? 'usersets' : 'subjects', place)
    }
  }

  /** Whether none was marked since so many commits were applied. O(stripes). */
  isUnmarked(stripes: Int32Array, since: number): boolean {
    for (const stripe of stripes) if ((this.#markedAt[stripe] as number) > since) return false
    return true
  }

  #mark(kind: Kind, hash: number): void {
    this.#markedAt[stripeIn(kind, hash)] = this.#applied
  }
}

/** Whether this very tuple is there. */
export function pointStripe(store: string, { object, relation, subject }: TupleKey): number {
  return stripeOf('point', [store, object, relation, subject])
}

/** Which usersets and typed wildcards are at object#relation. */
export function usersetsStripe(store: string, object: string, relation: string): number {
  return stripeOf('usersets', [store, object, relation])
}

/** Which plain subjects are at object#relation. */
export function subjectsStripe(store: string, object: string, relation: string): number {
  return stripeOf('subjects', [store, object, relation])
}

/** Which tuples name a subject. */
export function placementsStripe(store: string, subject: string): number {
  return stripeOf('placements', [store, subject])
}

function stripeOf(kind: Kind, words: readonly string[]): number {
  return stripeIn(kind, words.reduce(hashed, start))
}

const start = 0x811c9dc5

/** FNV-1a of one word more, with a mark after it: words in front are hashed once for all that begins with them. */
function hashed(before: number, word: string): number {
  let hash = before
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return Math.imul(hash ^ 0xff, 0x01000193)
}

/** The low bits are good enough once they are mixed. */
function stripeIn(kind: Kind, hash: number): number {
  let mixed = Math.imul(hash ^ seeds[kind], 0x01000193)
  mixed ^= mixed >>> 15
  return Math.imul(mixed, 0x85ebca6b) >>> 12
}
