/** The order of a difference: object, relation, subject, each by its bytes; and streams that have it, as one. */
import { compareBytes } from '../../lib/order.ts'
import type { Placement } from '../../storage/storage.ts'

export function comparePlaces(one: Placement, other: Placement): number {
  return compareBytes(one.object, other.object) || compareBytes(one.relation, other.relation)
}

/** As their objects and subjects are: `a:` comes after `a1:`. */
export function sortedTypes(types: readonly string[]): readonly string[] {
  return types.toSorted((one, other) => compareBytes(`${one}:`, `${other}:`))
}

/** Both in order, in pages, each item once; `join` makes one of two equal ones. */
export async function* merged<Item>(
  listed: readonly Item[],
  streamed: AsyncIterable<readonly Item[]>,
  compare: (one: Item, other: Item) => number,
  join: (listed: Item, streamed: Item) => Item,
): AsyncGenerator<readonly Item[]> {
  let next = 0
  for await (const items of streamed) {
    const page: Item[] = []
    for (const item of items) {
      let found = item
      for (; next < listed.length; next++) {
        const first = listed[next] as Item
        const order = compare(first, item)
        if (order > 0) break
        if (order < 0) page.push(first)
        else found = join(first, item)
      }
      page.push(found)
    }
    yield page
  }
  if (next < listed.length) yield listed.slice(next)
}
