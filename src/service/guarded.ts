/** Changes of stores that somebody watches over: what is asked inside the commit, besides what the model says. */
import type { Change, Decide, View } from '../storage/storage.ts'
import type { Ground } from './ground.ts'

/** Refuses by throwing a Fault; then nothing is changed. @param view - the state that the change lands on */
export type Guard = (view: View, change: Change) => Promise<void>

/** The same change, put to the guard of its store where it has one. @param view - unpinned */
export function guarded({ options, depths }: Ground, view: View, change: Change | Decide): Change | Decide {
  if (!depths.isGuarded(view)) return change
  const guard = options.guardOf(view)
  if (guard === undefined) return change
  return async (before) => {
    const decided = typeof change === 'function' ? await change(before) : change
    await guard(before, decided)
    return decided
  }
}
