/** Ids for stores and models: ULIDs that only ever grow, also across restarts and clock steps. */
import { decodeTime, monotonicFactory } from 'ulid'

/**
 * A maker of ULIDs. `now` answers milliseconds since the epoch; `after` is the greatest id made so far, for a maker
 * that starts anew: every id made is greater, whatever the clock says.
 */
export function monotonicUlid(now: () => number, after = ''): () => string {
  const make = monotonicFactory()
  let last = after
  return () => {
    const id = make(now())
    // `make` itself never falls behind its own last instant, so one step past the seed is enough.
    last = id > last ? id : make(decodeTime(last) + 1)
    return last
  }
}
