/** Hit rates of the decision cache, where the sidecar tells them. */

export interface HitCounts {
  readonly hits: number
  readonly misses: number
}

/** Undefined where nobody answers /v1/debug, or it says nothing of decisions. */
export async function hitCounts(url: string): Promise<HitCounts | undefined> {
  const response = await fetch(`${url}/v1/debug`, { headers: { connection: 'close' } }).catch(() => undefined)
  if (response?.ok !== true) return undefined
  const text = await response.text()
  try {
    return countsIn(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** `{... decisions: {hits, misses} ...}`, at whatever depth. */
function countsIn(value: unknown): HitCounts | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, member] of Object.entries(value)) {
    const { hits, misses } = (member ?? {}) as Partial<HitCounts>
    if (/decision/i.test(key) && typeof hits === 'number' && typeof misses === 'number')
      return { hits, misses }
    const inner = countsIn(member)
    if (inner !== undefined) return inner
  }
  return undefined
}
