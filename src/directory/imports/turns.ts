/** Many rows in one commit: other writers wait for all of them, and nobody else for more than a few. */
import { setImmediate as turn } from 'node:timers/promises'

/** Milliseconds in a turn before others have theirs. */
const sliceMs = 5

export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  let began = performance.now()
  for (const item of items) {
    yield item
    if (performance.now() - began < sliceMs) continue
    await turn()
    began = performance.now()
  }
}
