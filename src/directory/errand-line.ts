/**
 * Errands of one kind that wait: by their time until that comes, and from then on each organization in its turn, so that none waits
 * for all of another's. It knows nothing of what errands do, nor whether they still wait.
 */
import { Heap } from '../lib/heap.ts'

export interface Placed {
  readonly org: string
  /** Milliseconds since the epoch. */
  readonly due: number
}

export class ErrandLine<Item extends Placed> {
  /** What is not due yet, or was not when it was last looked at. */
  readonly #later = new Heap<Item>()
  /** What is, by organization: whose turn it is in front. None is empty. */
  readonly #due = new Map<string, Heap<Item>>()

  push(item: Item): void {
    this.#later.push(item, item.due)
  }

  /** What is due and whose turn it is, else what will be due first. */
  first(now: number): Item | undefined {
    for (let item = this.#later.peek(); item !== undefined && item.due <= now; item = this.#later.peek()) {
      this.#later.pop()
      const own = this.#due.get(item.org) ?? new Heap<Item>()
      own.push(item, item.due)
      this.#due.set(item.org, own)
    }
    const [turn] = this.#due.values()
    return turn?.peek() ?? this.#later.peek()
  }

  /** Takes away what is first, and nobody has had a turn. */
  drop(): void {
    const [turn] = this.#due
    if (turn === undefined) {
      this.#later.pop()
      return
    }
    const [org, own] = turn
    own.pop()
    if (own.peek() === undefined) this.#due.delete(org)
  }

  /** Takes away what is first: the turn is the next organization's. */
  take(): void {
    const [org] = this.#due.keys()
    this.drop()
    const own = org === undefined ? undefined : this.#due.get(org)
    if (org === undefined || own === undefined) return
    this.#due.delete(org)
    this.#due.set(org, own)
  }
}
