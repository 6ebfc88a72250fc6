/**
 * The refusals that come by the thousands, one of each for all: they must cost less than answers, and a stack is the
 * dearest part of a fault. Doors know them again, and have their bytes ready.
 */
import { Fault } from '../../lib/fault.ts'

export const overloaded = new Fault('overloaded', 'too much is asked at once, try again later')

/** A bucket that refuses misses less than one request of at least one a second. */
export const tooOften = new Fault(
  'rate_limited',
  'the caller asks more often than it may, try again in 1 s',
  { retryAfter: 1 },
)
