/**
 * Which of many objects the acting user may know of. Whoever sees most is asked object by object, which is what a page
 * costs; at the first refusal a list is begun, and of those who turn out to see little the rest is looked up in it.
 * Both are of one revision.
 */
import { compareBytes } from '../../lib/order.ts'
import { idOf } from '../../tuple/object.ts'
import type { Sight } from '../sight.ts'

/**
 * What a list may come to: some 2 ms of work, where 50 refusals of somebody who was not met before are ten. Who sees more
 * is asked on, and listed again after so many times the refusals, up to so many times the objects.
 */
const fewAtFirst = 1_000
const moreEachTime = 16

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
  let [refusals, listedAt, most] = [0, 1, fewAtFirst]
  let seen: ReadonlySet<string> | undefined
  let few: readonly string[] | undefined
  const ask = async (object: string): Promise<boolean> => {
    if (await sight.may(need.relation, object)) return true
    if (++refusals < listedAt) return false
    seen ??= await listed(sight.reached(need.relation, type), most)
    listedAt *= moreEachTime
    most *= moreEachTime
    return false
  }
  return Object.assign((object: string) => seen?.has(object) ?? ask(object), {
    few: () => {
      if (seen !== undefined) few ??= [...seen].map(idOf).sort(compareBytes)
      return few
    },
  })
}

/** Undefined: there are more. */
async function listed(
  objects: AsyncIterable<string>,
  most: number,
): Promise<ReadonlySet<string> | undefined> {
  const set = new Set<string>()
  for await (const object of objects) if (set.add(object).size > most) return undefined
  return set
}
