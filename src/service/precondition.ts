/** Preconditions of a write: judged inside the commit, so of two racing writers the second sees the first. */
import { Fault } from '../lib/fault.ts'
import type { TupleFilter, View } from '../storage/storage.ts'
import { anyMatch, filterOf, printFilter } from './filter.ts'
import type { Precondition } from './requests.ts'

/**
 * The judge of a commit; undefined when there is nothing to judge. Expired tuples do not exist.
 * @throws Fault validation_error for a filter that names nothing, or would take a scan; the judge throws precondition_failed
 */
export function judgeOf(preconditions: readonly Precondition[]): ((view: View) => Promise<void>) | undefined {
  if (preconditions.length === 0) return undefined
  const judged = preconditions.map(({ filter, must }) => ({ filter: pointedFilterOf(filter), must }))
  return async (view) => {
    for (const [index, { filter, must }] of judged.entries()) {
      const found = await anyMatch(view, filter)
      if ((found !== undefined) === (must === 'exist')) continue
      // Not which: who may write need not read.
      const state = found === undefined ? 'nothing matches' : 'something does'
      throw new Fault(
        'precondition_failed',
        `precondition ${index + 1} of ${judged.length}: \`${printFilter(filter)}\` must ${must === 'exist' ? '' : 'not '}exist, and ${state}`,
      )
    }
  }
}

/** Commits wait for their turn behind this one's judge: it may look things up, it may not scan. */
function pointedFilterOf(request: Precondition['filter']): TupleFilter {
  const filter = filterOf(request)
  if (filter.relation === undefined || filter.object !== undefined || filter.subject !== undefined)
    return filter
  throw new Fault(
    'validation_error',
    `a precondition on the relation \`${filter.relation}\` must name an object or a user too`,
  )
}
