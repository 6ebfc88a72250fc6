/** What the log keeps of a change that came over HTTP. Who may make one is decided elsewhere. */
import type { Caller } from '../callers/caller.ts'
import type { Provenance } from '../tuple/tuple.ts'

/** Who asked, how it came, and the id that its answer carries. */
export function madeBy(caller: Caller, requestId: string, source = 'api'): Provenance {
  const { id, kind, actor } = caller
  if (kind === 'anonymous') return { source, requestId }
  return actor === undefined ? { caller: id, source, requestId } : { caller: id, actor, source, requestId }
}
