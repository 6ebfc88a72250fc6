/**
 * Since when checks have been looked at without a gap, kept for each organization: who reads that a grant was never seen
 * in use has to know for how long anybody looked. A start without sampling ends it.
 */
import type { View } from '../../storage/storage.ts'
import { Asides } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { organizationEntity } from '../sight.ts'
import { dayOf } from './calendar.ts'

export interface AnalyticsSettings {
  /** Days of which usage is kept day by day. */
  readonly daysKept: number
  /** One in so many checks is looked at; 0: none. */
  readonly sampleEvery: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly now: () => number
}

export interface Sampled {
  /** One in so many checks is looked at; the fewest since then. */
  readonly every: number
  /** A day of UTC. */
  readonly since: string
}

const samplings = new Asides<Sampled>('@sampling')
/** There is one. */
const only = ''
const rowsPerStep = 1000

/** Undefined: nobody looks. */
export function samplingOf(ground: Ground, view: View): Sampled | undefined {
  const { sampleEvery, startedAt } = ground.analytics
  if (sampleEvery === 0) return undefined
  return samplings.at(view, only) ?? { every: sampleEvery, since: dayOf(startedAt) }
}

/** Notes it where nothing is noted yet. */
export function noteSampling(ground: Ground, draft: Draft): void {
  const sampled = samplingOf(ground, draft.view)
  if (sampled === undefined || samplings.at(draft.view, only) !== undefined) return
  samplings.put(draft, only, sampled)
}

/** To be awaited before checks are answered. Costs a point read for each store, and a commit where it changed. */
export async function beginSampling({ service: { storage }, analytics }: Ground): Promise<void> {
  const { sampleEvery: every, startedAt } = analytics
  let after: string | undefined
  do {
    const { rows, next } = await storage.stores(rowsPerStep, after)
    const changes: Promise<unknown>[] = []
    for (const { id } of rows) {
      const view = storage.view(id)
      const kept = samplings.at(view, only)
      if (view.entity(organizationEntity, id) === undefined || (every === 0 && kept === undefined)) continue
      const since = kept?.since ?? dayOf(startedAt)
      const attributes = every === 0 ? undefined : { since, every: Math.max(kept?.every ?? 0, every) }
      if (kept !== undefined && kept.every === attributes?.every) continue
      changes.push(storage.commit(id, { asides: [{ type: samplings.type, id: only, attributes }] }))
    }
    await Promise.all(changes)
    after = next === undefined ? undefined : Buffer.from(next).toString()
  } while (after !== undefined)
}
