/** A binary heap with stable order: the least key first, and of equal keys the one pushed first. */

interface Entry<Item> {
  readonly item: Item
  readonly key: number
  readonly sequence: number
}

export class Heap<Item> {
  readonly #entries: Entry<Item>[] = []
  #pushed = 0

  push(item: Item, key: number): void {
    const entry = { item, key, sequence: this.#pushed++ }
    let index = this.#entries.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#entries[parent] as Entry<Item>
      if (!before(entry, above)) break
      this.#entries[index] = above
      index = parent
    }
    this.#entries[index] = entry
  }

  peek(): Item | undefined {
    return this.#entries[0]?.item
  }

  pop(): Item | undefined {
    const top = this.#entries[0]
    const last = this.#entries.pop()
    if (top === undefined || last === undefined) return undefined
    if (this.#entries.length > 0) this.#sink(last)
    return top.item
  }

  #sink(entry: Entry<Item>): void {
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const [one, other] = [this.#entries[left], this.#entries[left + 1]]
      if (one === undefined) break
      const [child, least] = other !== undefined && before(other, one) ? [left + 1, other] : [left, one]
      if (!before(least, entry)) break
      this.#entries[index] = least
      index = child
    }
    this.#entries[index] = entry
  }
}

function before<Item>(one: Entry<Item>, other: Entry<Item>): boolean {
  return one.key < other.key || (one.key === other.key && one.sequence < other.sequence)
}
