/** GET /v1/debug: what memory does and what the process takes, for operators and benches. It names no store and no tuple. */
import { version } from '../../lib/version.ts'
import { encodeMemory } from '../../wire/memory.ts'
import type { Admission } from '../admission/admission.ts'
import { answer, type Verb } from '../exchange.ts'

export const debug: Verb = (kith, { lane, admission }) => {
  const versions = { kith: version(), node: process.versions.node }
  return async (c) =>
    answer(c, {
      version: versions,
      process: processNow(),
      store_count: kith.storeCount,
      ...encodeMemory(kith.memory),
      ...(admission !== undefined && { admission: admissionNow(admission) }),
      ...(lane !== undefined && { lane: { answered: lane.answered, handed_over: lane.handedOver } }),
    })
}

function admissionNow({ delayMs, refused, lines, bodies }: Admission) {
  return {
    loop_delay_ms: Math.round(delayMs),
    refused,
    body_bytes: bodies.bytes,
    lists: { under_way: lines.lists, waiting: lines.listsWaiting },
    bulk: { under_way: lines.bulk, waiting: lines.bulkWaiting },
  }
}

function processNow() {
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    uptime_seconds: Math.floor(process.uptime()),
    rss_bytes: rss,
    heap_used_bytes: heapUsed,
    external_bytes: external,
  }
}
