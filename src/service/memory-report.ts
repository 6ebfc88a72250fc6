/** Fills the report on memory from what answers questions. Apart from its shape, so that callers' types do not reach the engine. */
import type { Ground } from './ground.ts'
import type { MemoryReport } from './memory.ts'

export function memoryReport({ residency, options }: Pick<Ground, 'residency' | 'options'>): MemoryReport {
  const { counts, bytes } = residency
  return {
    checks: { graph: counts.graph, decisions: counts.decisions, walked: counts.walks },
    samples: { taken: counts.sampled, mismatches: counts.mismatches },
    bytes: { ...bytes, graphMax: options.cacheBytesMax, decisionsMax: options.decisionBytesMax },
    forgotten: residency.forgotten,
    windowMs: options.cacheWindowMs,
  }
}
