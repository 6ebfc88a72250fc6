/**
 * The load generator, in a process of its own: so many connections, each asking one thing at a time (a closed loop).
 * Every status and every answer is judged. Prints one JSON line: rates, latencies in microseconds, its own share of
 * its core, the server's memory.
 */
import { createHistogram } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { usage } from '../lib/child.ts'
import { type AnsweredBy, answeredBy, sharesBetween } from '../lib/debug.ts'
import { scenarioOf } from '../scenarios/catalog.ts'
import type { Scale } from '../scenarios/scenario.ts'
import { Lane } from './lane.ts'
import { type Profile, requestsOf } from './requests.ts'

export interface Load {
  readonly requestsPerSecond: number
  readonly checksPerSecond: number
  readonly requests: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly nonOk: number
  readonly wrong: number
  readonly lost: number
  readonly samples: readonly string[]
  /** Of one core, 0 to 1. */
  readonly clientShare: number
  readonly serverShare: number
  readonly serverMiB: number
  readonly serverPeakMiB: number
  /** Shares of the checks of the measured seconds, where the server tells. */
  readonly answeredBy?: AnsweredBy
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    store: { type: 'string', default: '' },
    pid: { type: 'string', default: '0' },
    scenario: { type: 'string', default: 'W1' },
    scale: { type: 'string', default: 'small' },
    profile: { type: 'string', default: 'check' },
    connections: { type: 'string', default: '32' },
    warm: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3' },
    /** Requests rendered, over all connections; sent again from the first when they are through. */
    requests: { type: 'string', default: '200000' },
    unjudged: { type: 'boolean', default: false },
  },
})
const { host, hostname, port } = new URL(values.url)
const connections = Number(values.connections)
const pid = Number(values.pid)
const scenario = scenarioOf(values.scenario)

const histogram = createHistogram({ figures: 3, highest: 600e9 })
const failures = { status: 0, answer: 0, connection: 0 }
const samples: string[] = []
let checks = 0
const tally = {
  took(nanoseconds: number, asked: number): void {
    histogram.record(nanoseconds)
    checks += asked
  },
  failed(kind: keyof typeof failures, what: string): void {
    failures[kind]++
    if (samples.length < 5) samples.push(what)
  },
}

function requestsFor(lane: number, profile: Profile) {
  const target = { host, store: values.store, judged: !values.unjudged }
  const count = Math.ceil(Number(values.requests) / connections)
  return requestsOf(target, { scenario, scale: values.scale as Scale, profile, lane, count })
}
const profile = values.profile as Profile
const lanes = Array.from({ length: connections }, (_, lane) => new Lane(requestsFor(lane, profile), tally))
/**
 * What is measured warm has been asked for once: in batches, which takes a fraction of the time. The seconds of
 * `--warm` are for the compilers.
 */
async function askAllOnce(): Promise<void> {
  const lanes = Array.from(
    { length: connections },
    (_, lane) => new Lane(requestsFor(lane, 'batch'), tally, 1),
  )
  for (const lane of lanes) lane.start(hostname, Number(port))
  await Promise.all(lanes.map((lane) => lane.done))
}
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

if ((profile === 'check' || profile === 'batch') && !values.unjudged) await askAllOnce()
for (const lane of lanes) lane.start(hostname, Number(port))
await sleep(Number(values.warm))

const answeredBefore = await answeredBy(values.url)
const serverBefore = usage(pid)
const cpuBefore = process.cpuUsage()
histogram.reset()
checks = 0
const started = performance.now()
await sleep(Number(values.seconds))
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpuBefore)
const server = usage(pid)
const counted = { requests: histogram.count, checks }
const micros = (nanoseconds: number) => Math.round(nanoseconds / 100) / 10
const latencies = {
  p50: micros(histogram.percentile(50)),
  p99: micros(histogram.percentile(99)),
  p999: micros(histogram.percentile(99.9)),
  max: micros(histogram.max),
}
const shares = sharesBetween(answeredBefore, await answeredBy(values.url))
await Promise.all(lanes.map((lane) => lane.stop()))

const load: Load = {
  requestsPerSecond: Math.round(counted.requests / seconds),
  checksPerSecond: Math.round(counted.checks / seconds),
  requests: counted.requests,
  ...latencies,
  // Wrong answers of the warm-up count too.
  nonOk: failures.status,
  wrong: failures.answer,
  lost: failures.connection,
  samples,
  clientShare: share((user + system) / 1e6),
  serverShare: share(server.cpu - serverBefore.cpu),
  serverMiB: server.nowMiB,
  serverPeakMiB: server.peakMiB,
  ...(shares !== undefined && { answeredBy: shares }),
}
console.log(JSON.stringify(load))

function share(cpuSeconds: number): number {
  return Math.round((cpuSeconds / seconds) * 100) / 100
}
