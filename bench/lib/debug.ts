/** What answered the checks of a sidecar, as it tells at /v1/debug. */

/** Checks by what answered them; or their shares, 0 to 1. */
export interface AnsweredBy {
  /** Tuples in memory. */
  readonly graph: number
  /** A decision that was kept. */
  readonly decisions: number
  readonly walked: number
}

/** Undefined where nobody answers /v1/debug, or it says nothing of checks. */
export async function answeredBy(url: string): Promise<AnsweredBy | undefined> {
  const response = await fetch(`${url}/v1/debug`, { headers: { connection: 'close' } }).catch(() => undefined)
  if (response?.ok !== true) return undefined
  // The floor answers every path, not always with JSON.
  const told = (await response.json().catch(() => ({}))) as { readonly checks?: AnsweredBy }
  return told.checks
}

/** Shares of the checks between two looks; undefined where there were none. */
export function sharesBetween(
  before: AnsweredBy | undefined,
  after: AnsweredBy | undefined,
): AnsweredBy | undefined {
  if (before === undefined || after === undefined) return undefined
  const graph = after.graph - before.graph
  const decisions = after.decisions - before.decisions
  const walked = after.walked - before.walked
  const all = graph + decisions + walked
  return all === 0 ? undefined : { graph: graph / all, decisions: decisions / all, walked: walked / all }
}
