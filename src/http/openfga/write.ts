/** POST /stores/{store}/write: contract 1.3, with preconditions, delete_where and dry runs as Kith's additions. */
import { decodeWrite } from '../../wire/store.ts'
import { bodyOf } from '../body.ts'
import { answerDifference, dryRunOf } from '../dry-run.ts'
import { actedProvenanceOf, answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandTuples, demandWrite } from '../permit.ts'

export const write: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WriteRequest')
  const request = Object.assign(state, decodeWrite(await bodyOf(c)))
  demandWrite(callerOf(c), request)
  demandTuples(callerOf(c), request.store, (store) => kith.isGuarded(store))
  const made = Object.assign(request, { provenance: actedProvenanceOf(c) })
  const dryRun = dryRunOf(c, request.store)
  if (dryRun !== undefined) return answerDifference(c, kith, { kind: 'write', request: made }, dryRun)
  const written = await kith.write(made)
  mark(c, written)
  return answer(c, {})
}
