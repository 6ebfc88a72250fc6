/**
 * What rules did, and where they could not: the newest 10,000 of an organization. A ring of documents beside the log, so that it is
 * bounded without anybody who clears up: each takes the place of one that is too old.
 */
import { Asides } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'

export interface Event {
  readonly event: 'added' | 'removed' | 'error'
  /** Id of the group whose rule it was. */
  readonly group: string
  /** Absent: of `count` people at once. */
  readonly user?: string
  readonly count?: number
  readonly reason: string
  /** What made the rule be asked. */
  readonly why: string
}

/** An event, and when it was: events of an organization are numbered from 0. */
export interface LogRow extends Event {
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

const rows = new Asides<LogRow>('@rule-event')
/** In the same ring, by a name that no slot has. */
const ends = new Asides<{ readonly next: number }>(rows.type)
const end = 'next'
const eventsKept = 10_000
/** Errors that one commit tells of: one bad rule over everybody is told once, not 10,000 times. */
const errorsMax = 100

export function writeEvents(draft: Draft, events: readonly Event[]): void {
  const told = boundedErrors(events)
  if (told.length === 0) return
  const first = nextOf(draft)
  for (const [index, event] of told.entries()) {
    const number = first + index
    rows.put(draft, slotOf(number), { ...event, number, at: draft.view.now })
  }
  ends.put(draft, end, { next: first + told.length })
}

/** Newest first, from before the number `before`. A point read for each. */
export function* events(sight: Sight, before = Number.POSITIVE_INFINITY): Generator<LogRow> {
  const next = nextOf(sight)
  for (let number = Math.min(next, before) - 1; number >= Math.max(0, next - eventsKept); number--) {
    const row = rows.at(sight, slotOf(number))
    if (row?.number === number) yield row
  }
}

function boundedErrors(all: readonly Event[]): readonly Event[] {
  let left = errorsMax
  return all.filter(({ event }) => event !== 'error' || left-- > 0)
}

function nextOf(sight: Sight): number {
  return ends.at(sight, end)?.next ?? 0
}

function slotOf(number: number): string {
  return String(number % eventsKept)
}
