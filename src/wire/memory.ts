/** What memory does, on the wire. Numbers of all stores together; no name of anything. */
import type { JsonObject } from '../lib/json.ts'
import type { MemoryReport } from '../service/memory.ts'

export function encodeMemory({ checks, samples, bytes, forgotten, windowMs }: MemoryReport): JsonObject {
  return {
    checks: { graph: checks.graph, decisions: checks.decisions, walked: checks.walked },
    samples: { taken: samples.taken, mismatches: samples.mismatches },
    memory: {
      graph_bytes: bytes.graph,
      graph_bytes_max: bytes.graphMax,
      decision_bytes: bytes.decisions,
      decision_bytes_max: bytes.decisionsMax,
      stripe_bytes: bytes.stripes,
      forgotten,
      window_ms: windowMs,
    },
  }
}
