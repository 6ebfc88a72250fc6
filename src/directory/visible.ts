/**
 * Which of many objects the acting user may know of. Whoever sees most is asked object by object, which is what a page
 * costs; whoever turns out to see little has one list made, and the rest is looked up in it. Both are of one revision.
 */
import type { Sight } from './sight.ts'

/** Refusals after which a list is cheaper than asking on. */
const refusalsMax = 200

/** @param type - stored type of the objects */
export function discoveryOf(sight: Sight, type: string): (object: string) => boolean | Promise<boolean> {
  const need = sight.discovery(type)
  if (need === undefined) return () => true
  let refusals = 0
  let seen: ReadonlySet<string> | undefined
  const ask = async (object: string): Promise<boolean> => {
    if (await sight.may(need.relation, object)) return true
    if (++refusals >= refusalsMax) seen ??= await all(sight.reached(need.relation, type))
    return false
  }
  return (object) => seen?.has(object) ?? ask(object)
}

async function all(objects: AsyncIterable<string>): Promise<ReadonlySet<string>> {
  const set = new Set<string>()
  for await (const object of objects) set.add(object)
  return set
}
