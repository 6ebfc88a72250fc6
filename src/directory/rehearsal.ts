/**
 * A dry run of a change: built as it would be committed, compared with what is, and dropped. What it tells is exact; what
 * the acting user may not know of is left out, and said to be, as is what would follow later.
 */
import { differenceOf } from '../service/difference.ts'
import type { DifferenceAnswer, DifferencePaging } from '../service/requests.ts'
import type { Decide } from '../storage/storage.ts'
import { knownTo } from './discretion.ts'
import type { Ground } from './ground.ts'
import type { Sight } from './sight.ts'

export interface Rehearsal extends DifferenceAnswer {
  /** Whether rows of this page are about whom or what the acting user may not know of, and were left out. */
  readonly hidden: boolean
  /** Rules that would be asked after the change: in their groups more may come and go than the rows say. */
  readonly waiting: number
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
): Promise<Omit<Rehearsal, 'waiting'>> {
  const { service } = ground
  const preview = await service.storage.preview(org, change)
  try {
    const [before, after] = [await sightOf(preview.before), await sightOf(preview.after)]
    const difference = await differenceOf(service, preview, {
      ...paging,
      relationsOf: (type) => before.permissionsOn(type).map(({ relation }) => relation),
    })
    const changed = preview.entry?.tuples.map(({ tuple }) => tuple) ?? []
    const rows = await knownTo([before, after], difference.rows, changed)
    return { ...difference, rows, hidden: rows.length < difference.rows.length }
  } finally {
    preview.release()
  }
}
