/** An answer from memory, decided again over storage at the same state. */
import { Fault, faultOf } from '../lib/fault.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { type Decision, walk } from './decide.ts'
import { Reads } from './resident/reads.ts'
import type { Scope } from './scope.ts'

/**
 * The answer of the walk, which is right; what memory said where the walk ran out of time.
 * @throws Fault as check does
 */
export async function verified(scope: Scope, key: TupleKey, remembered: Decision): Promise<Decision> {
  const { resident, ...rest } = scope
  const reads = new Reads(scope.view.store)
  const walked = await walk({ ...rest, reads }, key).catch(faultOf)
  if (walked instanceof Fault && walked.code === 'deadline_exceeded') return remembered
  const told = walked instanceof Fault ? walked.code : walked.allowed
  if (told !== remembered.allowed) {
    resident?.sampler.report({
      store: scope.view.store,
      revision: scope.view.revision,
      model: scope.model.id,
      tuple: key,
      remembered: remembered.allowed,
      walked: told,
      reads: reads.texts,
    })
  }
  if (walked instanceof Fault) throw walked
  return walked
}
