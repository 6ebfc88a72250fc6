/**
 * Ids of events that were counted, so that one which is sent again counts nothing: each until the end of the day after it
 * arrived. Beside the log, one document each; days in front, so that old ones go together.
 */
import { Asides } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { dayMs, dayOf } from './calendar.ts'

export const eventIds = new Asides<Record<string, never>>('@event')

/** Whether it is new. Two point reads. */
export function claimId(draft: Draft, id: string): boolean {
  const [today, yesterday] = [dayOf(draft.view.now), dayOf(draft.view.now - dayMs)]
  for (const day of [today, yesterday]) {
    if (eventIds.at(draft, `${day}/${id}`) !== undefined) return false
  }
  eventIds.put(draft, `${today}/${id}`, {})
  return true
}
