/**
 * Which of many objects the acting user may know of. Whoever sees most is asked object by object, which is what a page
 * costs; whoever turns out to see little has one list made, and the rest is looked up in it. Both are of one revision.
 */
import type { Sight } from './sight.ts'

/** Refusals after which a list is cheaper than asking on. */
const refusalsMax = 200

/** @param type - stored type of the objects */
export function discoveryOf(sight: Sight, type: string): (object: string) => Promise<boolean> {
  const need = sight.discovery(type)
  let refusals = 0
  let listed: Promise<ReadonlySet<string>> | undefined
  return async (object) => {
    if (need === undefined) return true
    if (listed !== undefined) return (await listed).has(object)
    if (await sight.may(need.relation, object)) return true
    if (++refusals >= refusalsMax) listed = all(sight.reached(need.relation, type))
    return false
  }
}

async function all(objects: AsyncIterable<string>): Promise<ReadonlySet<string>> {
  const set = new Set<string>()
  for await (const object of objects) set.add(object)
  return set
}
