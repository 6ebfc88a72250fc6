/** What hangs gets a name: a test that only runs out of time has none. */
import { setTimeout } from 'node:timers/promises'

/** Many times what any step of a round takes where it gets a tenth of a core. */
const hangsMs = 150_000

/** @throws Error naming `what` when it has not ended by then */
export async function within<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const ended = new AbortController()
  const hung = setTimeout(hangsMs, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`${what} has not ended in ${hangsMs / 1000} s`)
  })
  // Where the work ends first, the timer ends with an error of its own.
  hung.catch(() => {})
  try {
    return await Promise.race([work, hung])
  } finally {
    ended.abort()
  }
}
