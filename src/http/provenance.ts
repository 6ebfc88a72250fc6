/** What the log keeps of a change that came over HTTP. Who may make one is decided elsewhere. */
import type { Caller } from '../callers/caller.ts'
import type { Provenance } from '../tuple/tuple.ts'

/** Who asked and for whom, how it came, and the id that its answer carries. @param actor - where the request named one */
export function madeBy(
  caller: Caller,
  requestId: string,
  source = 'api',
  actor: string | undefined = caller.actor,
): Provenance {
  // Spelled out, not spread: all that look at it afterwards are faster for knowing its shape.
  if (actor === undefined) {
    return caller.kind === 'anonymous' ? { source, requestId } : { caller: caller.id, source, requestId }
  }
  return caller.kind === 'anonymous'
    ? { actor, source, requestId }
    : { caller: caller.id, actor, source, requestId }
}
