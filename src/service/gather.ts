/**
 * From the engine's unordered names to an answer: sorted, cut at a limit or at a page, and honest about it. Holds
 * no more than twice what it answers, however many names go by.
 */
import { Fault } from '../lib/fault.ts'
import { compareBytes } from '../lib/order.ts'

export interface Gathered {
  /** In the order of their UTF-8 bytes. */
  readonly names: readonly string[]
  /** A limit or the deadline ended it: there may be more. */
  readonly truncated: boolean
}

/** The first `max` names that come by; stops there. */
export async function gatherSome(found: AsyncIterable<string>, max: number): Promise<Gathered> {
  const names: string[] = []
  const truncated = await drain(
    found,
    (name) => {
      if (names.length === max) return 'enough'
      names.push(name)
      return 'more'
    },
    () => names.length === max,
  )
  return { names: names.sort(compareBytes), truncated }
}

/** The page of `size` names that follow `after`; all names go by, so that the page is exact. */
export async function gatherPage(
  found: AsyncIterable<string>,
  { size, after }: { size: number; after: string | undefined },
): Promise<Gathered & { readonly last: string | undefined }> {
  let names: string[] = []
  let more = false
  const cut = () => {
    names.sort(compareBytes)
    if (names.length > size) {
      more = true
      names = names.slice(0, size)
    }
  }
  const truncated = await drain(found, (name) => {
    if (after !== undefined && compareBytes(name, after) <= 0) return 'more'
    names.push(name)
    if (names.length > 2 * size) cut()
    return 'more'
  })
  cut()
  // A page that the deadline cut is no page to go on from: names before its last may be missing.
  return { names, truncated, last: more && !truncated ? names.at(-1) : undefined }
}

/** Whether something other than the end of the names ended it. `full`: what comes now no longer matters. */
async function drain(
  found: AsyncIterable<string>,
  take: (name: string) => 'more' | 'enough',
  full: () => boolean = () => false,
): Promise<boolean> {
  try {
    for await (const name of found) if (take(name) === 'enough') return true
    return false
  } catch (thrown) {
    if (full() || (thrown instanceof Fault && thrown.code === 'deadline_exceeded')) return true
    throw thrown
  }
}
