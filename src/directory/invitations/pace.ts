/**
 * How often: so many of a thing in a day, and so long between two. Counted in the commit that does it, so that many at
 * once are no way around. A day begins with the first.
 */
import { Fault } from '../../lib/fault.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { fold } from '../lists/names.ts'
import { hashOf } from './token.ts'

interface Pace {
  /** Of what, for people: `invitations to this address`. */
  readonly what: string
  /** In 24 hours. */
  readonly most: number
  /** Milliseconds between two. */
  readonly gapMs?: number
}

/** How often it was since its day began, and when it was last; milliseconds since the epoch. */
interface Counted {
  readonly from: number
  readonly count: number
  readonly last: number
}

export const paces = new Entities<Counted>('@pace')
const dayMs = 24 * 60 * 60 * 1000

/** Counts one more. @param key - what it is counted by. @throws Fault rate_limited, saying when */
export function keepPace(draft: Draft, key: string, { what, most, gapMs = 0 }: Pace): void {
  const { now } = draft.view
  const { from, count, last } = paces.at(draft, idOf(key)) ?? { from: now, count: 0, last: 0 }
  const isNewDay = from + dayMs <= now
  if (last + gapMs > now) throw tooOften(`too soon after the last of ${what}`, last + gapMs - now)
  if (!isNewDay && count >= most) {
    throw tooOften(`there were ${most} ${what} within a day`, from + dayMs - now)
  }
  const day = isNewDay ? { from: now, count: 1 } : { from, count: count + 1 }
  paces.put(draft, idOf(key), { ...day, last: now })
}

/** Forgets what no longer bounds anything. @returns when that will be, where it still does */
export function forgetPace(draft: Draft, key: string): number | undefined {
  const pace = paces.at(draft, idOf(key))
  if (pace === undefined) return undefined
  if (pace.from + dayMs > draft.view.now) return pace.from + dayMs
  paces.remove(draft, idOf(key))
  return undefined
}

/** Whether it bounds nothing any more, by day or by gap. */
export function isPaceOver({ last }: Counted, now: number): boolean {
  return last + dayMs <= now
}

/** Keys hold addresses of people, in any spelling. */
function idOf(key: string): string {
  return hashOf(fold(key))
}

function tooOften(message: string, waitMs: number): Fault {
  return new Fault('rate_limited', message, { retryAfter: Math.ceil(waitMs / 1000) })
}
