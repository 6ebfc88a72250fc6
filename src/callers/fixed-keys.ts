/** Keys that stand on the roll: compared by their hash, which is all that is kept of them. */
import type { Bearers, Known } from './gate.ts'
import { digestOf, type Entry } from './roll.ts'

export class FixedKeys implements Bearers {
  readonly #known: ReadonlyMap<string, Known>

  constructor(entries: readonly Entry[]) {
    const known = ({ name, scopes }: Entry): Known => ({
      caller: { id: `key:${name}`, kind: 'key', scopes },
      until: Number.POSITIVE_INFINITY,
    })
    this.#known = new Map(entries.map((entry) => [entry.value, known(entry)]))
  }

  /** Whatever no other kind knows by its look. */
  looksLike(): boolean {
    return true
  }

  /** A hash found in a map tells by its time nothing of the text that it is a hash of. */
  find(text: string): Known | undefined {
    return this.#known.get(digestOf(text))
  }
}
