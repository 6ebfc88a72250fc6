/** A bounded map that forgets what was used longest ago. Only a door to the package: no time, no sizes, no loading. */
import { LRUCache } from 'lru-cache'

export class Lru<Key extends string | number, Value extends object> {
  readonly #entries: LRUCache<Key, Value>

  /** Holds at most `max` entries. */
  constructor(max: number) {
    this.#entries = new LRUCache({ max })
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, value)
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }
}
