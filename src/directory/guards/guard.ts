/**
 * Rules about writes that no model can say, switched on by the preset's data. Every commit to an organization passes
 * them, raw tuples too: judged inside the commit, against what it would leave behind.
 */
import type { Change } from '../../storage/storage.ts'
import type { Sight } from '../sight.ts'
import { demandTree } from './hierarchy.ts'
import { demandHolders } from './keeps.ts'
import { Outcome } from './outcome.ts'
import { demandReferences } from './references.ts'
import { demandUnreserved } from './reserved.ts'
import { demandOneRole } from './roles.ts'

/** @throws Fault unknown_reference, already_exists, cycle, too_deep, last_holder: nothing is written then */
export async function guard(sight: Sight, change: Change): Promise<void> {
  await judge(sight, new Outcome(sight, change))
}

/** The same for tuples that no verb of the directory decided on. @throws Fault reserved, and as `guard` */
export async function guardRaw(sight: Sight, change: Change): Promise<void> {
  const outcome = new Outcome(sight, change)
  await demandUnreserved(sight, outcome)
  await judge(sight, outcome)
}

async function judge(sight: Sight, outcome: Outcome): Promise<void> {
  demandReferences(sight, outcome)
  demandOneRole(sight, outcome)
  await demandTree(sight, outcome)
  await demandHolders(sight, outcome)
}
