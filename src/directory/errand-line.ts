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

  /** What is due and whose turn it is. @param isPassedOver - of an organization: it has had enough for now */
  due(now: number, isPassedOver: (org: string) => boolean): Item | undefined {
    for (let item = this.#later.peek(); item !== undefined && item.due <= now; item = this.#later.peek()) {
      this.#later.pop()
      const own = this.#due.get(item.org) ?? new Heap<Item>()
      own.push(item, item.due)
      this.#due.set(item.org, own)
    }
    for (const [org, own] of this.#due) if (!isPassedOver(org)) return own.peek()
    return undefined
  }

  /** When the first of what was not due will be. */
  get next(): number | undefined {
    return this.#later.peek()?.due
  }

  get isEmpty(): boolean {
    return this.#due.size === 0 && this.next === undefined
  }

  /** Takes away what is due, and nobody has had a turn. */
  drop({ org }: Item): void {
    const own = this.#due.get(org)
    own?.pop()
    if (own?.peek() === undefined) this.#due.delete(org)
  }

  /** Takes away what is due: its organization's next turn is behind all others. */
  take(item: Item): void {
    this.drop(item)
    const own = this.#due.get(item.org)
    if (own === undefined) return
    this.#due.delete(item.org)
    this.#due.set(item.org, own)
  }
}
