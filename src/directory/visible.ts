/**
 * Which of many objects the acting user may know of. Whoever sees most is asked object by object, which is what a page
 * costs; whoever turns out to see little has one list made, and the rest is looked up in it. Both are of one revision.
 */
import { idOf } from '../tuple/object.ts'
import type { Sight } from './sight.ts'

/** Refusals after which a list is cheaper than asking on. */
const refusalsMax = 50

/** Whether an object may be known of. */
export interface Discovery {
  (object: string): boolean | Promise<boolean>
  /** The ids of all that may, in order, once they were listed: then there is no need to ask on. */
  few(): readonly string[] | undefined
}

/** @param type - stored type of the objects */
export function discoveryOf(sight: Sight, type: string): Discovery {
  const need = sight.discovery(type)
  if (need === undefined) return Object.assign(() => true, { few: () => undefined })
  let refusals = 0
  let seen: ReadonlySet<string> | undefined
  let few: readonly string[] | undefined
  const ask = async (object: string): Promise<boolean> => {
    if (await sight.may(need.relation, object)) return true
    if (++refusals >= refusalsMax) seen ??= await all(sight.reached(need.relation, type))
    return false
  }
  return Object.assign((object: string) => seen?.has(object) ?? ask(object), {
    few: () => {
      if (seen !== undefined) few ??= [...seen].map(idOf).sort()
      return few
    },
  })
}

async function all(objects: AsyncIterable<string>): Promise<ReadonlySet<string>> {
  const set = new Set<string>()
  for await (const object of objects) set.add(object)
  return set
}
