/** Who may bring members into a group from a file. Which roles they may give is asked for each row. */
import { type Group, groupAt } from '../groups/group.ts'
import type { Sight } from '../sight.ts'

/** @throws Fault not_found, not_in_preset: the product has no import; forbidden, plan_required, archived */
export async function groupForImport(sight: Sight, id: string): Promise<Group> {
  const group = await groupAt(sight, id)
  for (const action of ['member.import', 'member.add'] as const) {
    await sight.demand(action, sight.group.actions[action], group.object)
  }
  return group
}
