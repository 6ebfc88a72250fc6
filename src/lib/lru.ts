/** A bounded map that forgets what was used longest ago. Only a door to the package: no time, no loading. */
import { LRUCache } from 'lru-cache'

export class Lru<Key extends string | number, Value extends object> {
  readonly #entries: LRUCache<Key, Value>

  /** Holds at most `max` entries, and where they are weighed at most `weightMax` together; a heavier one is not kept. */
  constructor(
    max: number,
    scales?: { readonly weightMax: number; readonly weigh: (value: Value) => number },
  ) {
    if (scales === undefined) this.#entries = new LRUCache({ max })
    else this.#entries = new LRUCache({ max, maxSize: scales.weightMax, sizeCalculation: scales.weigh })
  }

  /** Of all entries together, where they are weighed. */
  get weight(): number {
    return this.#entries.calculatedSize
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  /** Without being used by that. */
  peek(key: Key): Value | undefined {
    return this.#entries.peek(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, value)
  }

  clear(): void {
    this.#entries.clear()
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }
}
