/** What a client knows of what it changes: If-Match, and that it is still so. */
import { Fault } from '../../lib/fault.ts'

export interface Precondition {
  /** Versions, one of which it has to have; absent: whichever it has. */
  readonly ifMatch?: readonly string[]
}

/** @throws Fault precondition_failed */
export function demandVersion({ ifMatch }: Precondition, version: string): void {
  if (ifMatch === undefined || ifMatch.includes(version)) return
  throw new Fault('precondition_failed', 'it was changed meanwhile: read it again', { field: 'If-Match' })
}
