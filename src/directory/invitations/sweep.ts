/**
 * The end of what invitations leave behind: those that ended long ago, and counts of what was done on days that are over. A daily
 * errand of each organization that invites, which ends where nothing is left. What became of somebody stays in the change log.
 */
import { actForPlatform } from '../act.ts'
import type { Entities, Fields } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { type Errand, endErrand, errandOf, leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { invitations, isLongOver } from './kept.ts'
import { isPaceOver, paces } from './pace.ts'

const sweepErrand = 'invitation-sweep'
const dayMs = 24 * 60 * 60 * 1000
/** Looked at in one step, and so forgotten in one commit at most. */
const perCommit = 500

/** Of whatever commit keeps something that will have to go. */
export function leaveSweep(draft: Draft): void {
  if (errandOf(draft, sweepErrand) === undefined) {
    leaveErrand(draft, sweepErrand, {}, draft.view.now + dayMs)
  }
}

export function sweepInvitations(ground: Ground): void {
  ground.errands.handle(sweepErrand, (errand, signal) => sweep(ground, errand, signal))
}

/** Safe to be cut off anywhere. */
async function sweep(ground: Ground, { org }: Pick<Errand, 'org'>, signal: AbortSignal): Promise<void> {
  await forget(ground, org, invitations, isLongOver, signal)
  await forget(ground, org, paces, isPaceOver, signal)
  // Not all of it was done: the errand stays as it is.
  if (signal.aborted) return
  await commit(ground, org, async (draft) => {
    const left = await Promise.all([invitations, paces].map((each) => each.page(draft.view, 1)))
    if (left.every(({ rows }) => rows.length === 0)) endErrand(draft, sweepErrand)
    else leaveErrand(draft, sweepErrand, {}, draft.view.now + dayMs)
  })
}

async function forget<Shape extends Fields<Shape>>(
  ground: Ground,
  org: string,
  entities: Entities<Shape>,
  isOver: (document: Shape, now: number) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { storage } = ground.service
  let after: Uint8Array | undefined
  do {
    if (signal.aborted || storage.store(org) === undefined) return
    const view = storage.view(org)
    const { rows, next } = await entities.page(view, perCommit, after)
    const ids = rows.flatMap(({ id, attributes }) => (isOver(attributes, view.now) ? [id] : []))
    if (ids.length > 0) {
      await commit(ground, org, (draft) => {
        for (const id of ids) {
          // As it is by now: one that expired may have been sent again.
          const kept = entities.at(draft, id)
          if (kept !== undefined && isOver(kept, draft.view.now)) entities.remove(draft, id)
        }
      })
    }
    after = next
  } while (after !== undefined)
}

async function commit(
  ground: Ground,
  org: string,
  decide: (draft: Draft) => void | Promise<void>,
): Promise<void> {
  await actForPlatform(ground, { org, provenance: { source: 'expiry' } }, decide)
}
