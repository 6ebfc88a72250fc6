/**
 * The open-loop generator: requests come at a rate, whether or not those before them are answered, and time counts from
 * when each was due. Answers with 2xx are judged; a 503 or 429 with Retry-After is a refusal, anything else a failure. A write
 * that was refused is sent again before the connection goes on, so what its checks expect stays true. Prints one JSON line.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { usage } from '../lib/child.ts'
import { scenarioOf } from '../scenarios/catalog.ts'
import type { Scale } from '../scenarios/scenario.ts'
import { OpenLane } from './open-lane.ts'
import { type Profile, requestsOf } from './requests.ts'

/** What came of the requests that were due in one phase. */
export interface Phase {
  readonly offeredPerSecond: number
  readonly goodPerSecond: number
  readonly refusedPerSecond: number
  /** Due, and not sent within a second because every connection was busy. */
  readonly unsent: number
  readonly failed: number
  /** Microseconds, of the good ones; by verb too. */
  readonly p50: number
  readonly p99: number
  readonly byVerb: Readonly<
    Record<string, { readonly good: number; readonly refused: number; readonly p99: number }>
  >
  readonly serverMiB: number
  readonly clientShare: number
  /** Milliseconds into the phase of the last refusal, or of the last answer that took more than a tenth of a second. */
  readonly lastTroubleMs: number
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    store: { type: 'string', default: '' },
    pid: { type: 'string', default: '0' },
    scenario: { type: 'string', default: 'W8' },
    scale: { type: 'string', default: 'small' },
    profile: { type: 'string', default: 'mix' },
    connections: { type: 'string', default: '256' },
    /** `rate:seconds`, one after the other, comma-separated. */
    phases: { type: 'string', default: '' },
  },
})
const { host, hostname, port } = new URL(values.url)
const scenario = scenarioOf(values.scenario)

class Counts {
  good = 0
  refused = 0
  readonly histogram: RecordableHistogram = createHistogram({ figures: 3, highest: 600e9 })
}

/** Requests of W8 before it begins anew. */
const roundLength = 100
/** Connections that are brought to their place at once: fewer than would be refused anything. */
const spreadAtOnce = 8
const waiters = new Map<OpenLane, () => void>()
const samples: string[] = []
let failed = 0
let lastTroubleAt = 0
let phaseStarted = 0
let all = new Counts()
let byVerb = new Map<string, Counts>()
const tally = {
  answered(verb: string, dueAt: number, outcome: 'good' | 'refused' | 'failed', what: () => string): void {
    const now = performance.now()
    const counts = byVerb.get(verb) ?? new Counts()
    byVerb.set(verb, counts)
    if (outcome === 'failed') {
      failed++
      if (samples.length < 5) samples.push(what())
      return
    }
    if (outcome === 'refused') {
      all.refused++
      counts.refused++
      lastTroubleAt = now
      return
    }
    const nanoseconds = Math.max(1, Math.round((now - dueAt) * 1e6))
    if (now - dueAt > 100) lastTroubleAt = now
    for (const each of [all, counts]) {
      each.good++
      each.histogram.record(nanoseconds)
    }
  },
}

const connections = Number(values.connections)
const idle: OpenLane[] = []
let onFree = (lane: OpenLane): void => void idle.push(lane)
const lanes = Array.from({ length: connections }, (_, lane) => {
  const target = { host, store: values.store, judged: true }
  const asked = {
    scenario,
    scale: values.scale as Scale,
    profile: values.profile as Profile,
    // Users of its own: a closed loop before it may have left some in a group.
    lane: 1_000 + lane,
    count: Math.ceil(40_000 / connections),
  }
  return new OpenLane(requestsOf(target, asked), tally, (free) => onFree(free))
})
await spread()
const phases: Phase[] = []
for (const phase of values.phases.split(',')) {
  const [rate = 0, seconds = 1] = phase.split(':').map(Number)
  phases.push(await play(rate, seconds))
}
for (const lane of lanes) lane.close()
console.log(JSON.stringify({ phases, samples }))

/**
 * Opens every connection and brings it to a place of its own in its round, a few at a time in a closed loop: side by side
 * they would all write, then all list. It warms the server too.
 */
async function spread(): Promise<void> {
  const waiting = lanes.map((lane, place) => ({ lane, left: 1 + (place % roundLength) }))
  const push = onFree
  await Promise.all(
    Array.from({ length: spreadAtOnce }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await next.lane.open(hostname, Number(port))
        for (const { lane } = next; next.left > 0; next.left--) await answered(lane)
      }
    }),
  )
  onFree = push
  idle.push(...lanes)
}

/** Asks and waits for the answer. */
function answered(lane: OpenLane): Promise<void> {
  return new Promise((resolve) => {
    waiters.set(lane, resolve)
    onFree = (free) => waiters.get(free)?.()
    lane.ask(performance.now())
  })
}

/** A millisecond's requests at a time, to whoever is free; what finds nobody waits its turn, and its time counts. */
async function play(rate: number, seconds: number): Promise<Phase> {
  all = new Counts()
  byVerb = new Map()
  failed = 0
  const started = performance.now()
  phaseStarted = started
  lastTroubleAt = started
  const cpu = process.cpuUsage()
  const due: number[] = []
  let next = started
  let unsent = 0
  for (;;) {
    const now = performance.now()
    for (; next <= now && next < started + seconds * 1_000; next += 1_000 / rate) due.push(next)
    let late = due.findIndex((at) => at > now - 1_000)
    if (late === -1) late = due.length
    unsent += due.splice(0, late).length
    const turn = due.splice(0, Math.min(due.length, idle.length))
    for (const at of turn) idle.shift()?.ask(at)
    if (now >= started + seconds * 1_000) break
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const elapsed = (performance.now() - started) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  const micros = (histogram: RecordableHistogram, percentile: number) =>
    histogram.count === 0 ? 0 : Math.round(histogram.percentile(percentile) / 1_000)
  return {
    offeredPerSecond: rate,
    goodPerSecond: Math.round(all.good / elapsed),
    refusedPerSecond: Math.round(all.refused / elapsed),
    unsent,
    failed,
    p50: micros(all.histogram, 50),
    p99: micros(all.histogram, 99),
    byVerb: Object.fromEntries(
      [...byVerb].map(([verb, { good, refused, histogram }]) => [
        verb,
        {
          good: Math.round(good / elapsed),
          refused: Math.round(refused / elapsed),
          p99: micros(histogram, 99),
        },
      ]),
    ),
    serverMiB: usage(Number(values.pid)).nowMiB,
    clientShare: Math.round(((user + system) / 1e6 / elapsed) * 100) / 100,
    lastTroubleMs: Math.round(lastTroubleAt - phaseStarted),
  }
}
