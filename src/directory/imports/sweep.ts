/** The end of imports that nobody ends: previews that were not confirmed in time, and in the end all memory of any. */
import { actForPlatform } from '../act.ts'
import type { Errand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { endOf, errandKind, expire, forget, headAt } from './kept.ts'

/** Safe to repeat: each commit takes one step, and leaves the errand for the next. */
export function sweepImports(ground: Ground): void {
  ground.errands.handle(errandKind, async ({ org, id }: Errand) => {
    const importId = id.slice(errandKind.length + 1)
    await actForPlatform(ground, { org, provenance: { source: 'expiry' } }, (draft) => {
      const head = headAt(draft, importId)
      const isDue = head === undefined || endOf(head) <= draft.view.now
      if (head?.status === 'pending' && isDue) expire(draft, importId, head)
      else if (isDue) forget(draft, importId)
    })
  })
}
