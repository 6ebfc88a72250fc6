/** `?dryRun=true` on a route that changes something: the same request, answered with what it would change. */
import type { Kith } from '../service/kith.ts'
import type { DifferencePaging, ProposedChange } from '../service/requests.ts'
import { decodeDryRun, encodeDifference } from '../wire/difference.ts'
import { answer, callerOf, type Exchange, mark } from './exchange.ts'
import { demandAllTypes } from './permit.ts'

/** Undefined: the change is to be made. The rows tell who has what, so it takes the right to read all of it. @throws Fault validation_error, forbidden */
export function dryRunOf(c: Exchange, store: string): DifferencePaging | undefined {
  const dryRun = decodeDryRun(c.req.queries())
  if (dryRun !== undefined) demandAllTypes(callerOf(c), 'read', store)
  return dryRun
}

/** Whoever may make the change was found out before. */
export async function answerDifference(
  c: Exchange,
  kith: Kith,
  change: ProposedChange,
  paging: DifferencePaging,
): Promise<Response> {
  const difference = await kith.difference({ ...paging, change })
  mark(c, difference)
  return answer(c, encodeDifference(difference))
}
