/** A commit that is built as any other, on a stage of its own over a state that is held, and never handed over. */
import { buildCommit, type Moment, sightOf } from './commit.ts'
import { Group, StoreState } from './group.ts'
import type { Reader } from './reader.ts'
import type { Change, Decide, Preview } from './storage.ts'
import { StoreView } from './view.ts'

/** @throws Fault of who decides, of a precondition, or store_id_not_found */
export async function previewOf(
  reader: Reader,
  state: StoreState,
  change: Change | Decide,
  moment: Moment,
): Promise<Preview> {
  const held = reader.hold()
  try {
    // A state that stands still: commits go on meanwhile, and what is staged here is nobody's model.
    const still = new StoreState(state.number, state.facts)
    const now = Math.max(moment.now, still.facts.head.timestamp)
    const group = new Group(held)
    const before = new StoreView(sightOf(still, still.facts, now), held)
    await buildCommit(group, still, change, { ...moment, now })
    const after = new StoreView(sightOf(still, group.factsOf(still), now), group.stage)
    return { before, after, entry: group.accepted[0]?.entry, release: () => held.release() }
  } catch (refused) {
    held.release()
    throw refused
  }
}
