/**
 * Ids of events that were counted, so that one which is sent again counts nothing: each until the end of the day after it
 * arrived. Beside the log, one document each; days in front, so that old ones go together.
 */
import type { Draft } from '../draft.ts'
import { dayMs, dayOf } from './calendar.ts'

export const eventEntity = '@event'

/** Whether it is new. Two point reads. */
export function claimId(draft: Draft, id: string): boolean {
  const [today, yesterday] = [dayOf(draft.view.now), dayOf(draft.view.now - dayMs)]
  for (const day of [today, yesterday])
    if (draft.aside(eventEntity, `${day}/${id}`) !== undefined) return false
  draft.setAside(eventEntity, `${today}/${id}`, {})
  return true
}
