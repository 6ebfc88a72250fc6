/**
 * A dry run of a change: built as it would be committed, compared with what is, and dropped. What it tells is exact; what
 * the acting user may not know of is left out, and said to be.
 */
import { differenceOf } from '../service/difference.ts'
import type { DifferenceAnswer, DifferencePaging } from '../service/requests.ts'
import type { Decide } from '../storage/storage.ts'
import type { Ground } from './ground.ts'
import { platformActor, type Sight } from './sight.ts'

export interface Rehearsal extends DifferenceAnswer {
  /** Whether rows of this page are about what the acting user may not know of, and were left out. */
  readonly hidden: boolean
}

/**
 * @param sightOf - of the acting user, over either side
 * @throws Fault whatever the change would be refused with; precondition_failed: the organization changed since the page before
 */
export async function rehearse(
  ground: Ground,
  org: string,
  change: Decide,
  paging: DifferencePaging,
  sightOf: (view: Sight['view']) => Promise<Sight>,
): Promise<Rehearsal> {
  const { service } = ground
  const preview = await service.storage.preview(org, change)
  try {
    const [before, after] = [await sightOf(preview.before), await sightOf(preview.after)]
    const difference = await differenceOf(service, preview, {
      ...paging,
      relationsOf: (type) => before.permissionsOn(type).map(({ relation }) => relation),
    })
    const rows = await knownTo(difference.rows, [before, after])
    return { ...difference, rows, hidden: rows.length < difference.rows.length }
  } finally {
    preview.release()
  }
}

/** Those about objects that are known on either side; all of them to who looks over permissions anyway. */
async function knownTo(
  rows: DifferenceAnswer['rows'],
  sights: readonly Sight[],
): Promise<DifferenceAnswer['rows']> {
  const [{ preset, organization } = sights[0] as Sight] = sights
  if (sights.some(({ actor }) => actor === platformActor)) return rows
  const overseer = preset.organization.actions['permissions.view']
  for (const sight of sights) if (overseer && (await sight.may(overseer.relation, organization))) return rows
  const known = new Map<string, boolean>()
  const shown: DifferenceAnswer['rows'][number][] = []
  for (const row of rows) {
    let isKnown = known.get(row.object)
    if (isKnown === undefined) {
      isKnown = false
      for (const sight of sights) isKnown ||= await sight.discovers(row.object)
      known.set(row.object, isKnown)
    }
    if (isKnown) shown.push(row)
  }
  return shown
}
