/**
 * What is under way, in the order in which it came; whoever is in it leaves at any time. Not a Set: one that grows and shrinks
 * with every request makes table after table, each of which holds what it held and leads to the next. Once one of them is
 * old, V8's young generation hands on all the rest: requests that ended long ago wait for a collection of all memory.
 */

/** A place in a line: whose it is, and who stands around. */
export interface Place<Item> {
  readonly item: Item
  before: Place<Item> | undefined
  after: Place<Item> | undefined
}

export class Line<Item> {
  #first: Place<Item> | undefined
  #last: Place<Item> | undefined

  /** O(1). */
  enter(item: Item): Place<Item> {
    const place: Place<Item> = { item, before: this.#last, after: undefined }
    if (this.#last === undefined) this.#first = place
    else this.#last.after = place
    this.#last = place
    return place
  }

  /** O(1). Twice is once. INVARIANT: a place that was left leads nowhere. */
  leave(place: Place<Item>): void {
    const { before, after } = place
    if (before === undefined && this.#first !== place) return
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    place.before = undefined
    place.after = undefined
  }

  /** Whoever came first, of those that are there. */
  get first(): Item | undefined {
    return this.#first?.item
  }

  /** Whoever is looked at may leave meanwhile, and nobody else. */
  *[Symbol.iterator](): Generator<Item> {
    for (let place = this.#first; place !== undefined; ) {
      const { item, after } = place
      yield item
      place = after
    }
  }
}
