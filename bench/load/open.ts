/**
 * The open-loop generator: requests come at a rate, whether or not those before them are answered, and time counts from
 * when each was due, waiting for a connection included. Answers with 2xx are judged; a 503 or 429 with Retry-After is a
 * refusal, anything else a failure. It can find the rate that the server carries, and play phases of multiples of it.
 * Prints one JSON line.
 */
import { parseArgs } from 'node:util'
import { scenarioOf } from '../scenarios/catalog.ts'
import type { Scale } from '../scenarios/scenario.ts'
import { OpenLane, type Told } from './open-lane.ts'
import { Counting, type Phase } from './phase.ts'
import { type Profile, requestsOf } from './requests.ts'

export interface Played {
  /** Requests a second: the most of which nothing was refused or late; absent where it was not looked for. */
  readonly carried?: number
  /** The most that were answered well, of all that was asked while it was looked for. */
  readonly best?: number
  readonly climb: readonly Phase[]
  readonly phases: readonly Phase[]
  /** Of failures. */
  readonly samples: readonly string[]
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
    /** `rate:seconds`: rates that grow from there are played for so long each, until more brings no more. */
    climb: { type: 'string' },
    /** `rate:seconds`, one after the other, comma-separated; `3x` is three times the rate that the climb found. */
    phases: { type: 'string', default: '' },
  },
})
const { host, hostname, port } = new URL(values.url)
const scenario = scenarioOf(values.scenario)

/** Requests of W8 before it begins anew. */
const roundLength = 100
/** Connections that are brought to their place at once: fewer than would be refused anything. */
const spreadAtOnce = 8
/** How much faster each step of a climb is than the one before. */
const steeper = 1.3
/** Goodput that has not grown by so much in two steps grows no more. */
const growth = 1.05
/** Share of its core past which the generator is what is measured. */
const clientShareMax = 0.85
/** Of what is carried: how many may be refused, and how late the slowest of a hundred may be, microseconds. */
const refusedMax = 0.01
const p99Max = 100_000
/** Milliseconds after which a request that found no connection is not sent any more. */
const patienceMs = 1_000

/** A request that is to be sent, or was. */
interface Due {
  readonly at: number
  readonly counting: Counting
}
type Lane = OpenLane<Due>

const samples: string[] = []
const idle: Lane[] = []
let current: Counting | undefined
/** In the order of their time; those before `head` were sent. */
let dues: Due[] = []
let head = 0

const told: Told<Due> = (lane, verb, outcome, what) => {
  const { due } = lane
  if (outcome === 'failed' && samples.length < 5) samples.push(what())
  if (due === undefined) return
  due.counting.answered(verb, due.at, outcome)
  if (outcome !== 'good' || performance.now() - due.at > 100) current?.trouble()
  free(lane)
}
let free = (lane: Lane): void => {
  const next = nextDue()
  if (next === undefined) idle.push(lane)
  else lane.ask(next)
}

const connections = Number(values.connections)
const lanes = Array.from({ length: connections }, (_, lane) => {
  const target = { host, store: values.store }
  const asked = {
    scenario,
    scale: values.scale as Scale,
    profile: values.profile as Profile,
    // Users of its own: a closed loop before it may have left some in a group.
    lane: 1_000 + lane,
    count: Math.ceil(40_000 / connections),
  }
  return new OpenLane(requestsOf(target, asked), told)
})
await spread()
const climbed = values.climb === undefined ? undefined : await climb(values.climb)
const phases: Counting[] = []
for (const phase of values.phases.split(',')) {
  const [rate = '', seconds] = phase.split(':')
  const times = rate.endsWith('x') ? (climbed?.carried ?? 0) : 1
  phases.push(await play(Number.parseFloat(rate) * times, Number(seconds)))
}
await rest()
for (const lane of lanes) lane.close()
const played: Played = {
  climb: [],
  ...climbed,
  phases: phases.map(({ phase }) => phase),
  samples,
}
console.log(JSON.stringify(played))

/**
 * Opens every connection and brings it to a place of its own in its round, a few at a time in a closed loop: side by side
 * they would all write, then all list. It warms the server too.
 */
async function spread(): Promise<void> {
  const open = free
  const waiters = new Map<Lane, () => void>()
  free = (lane) => waiters.get(lane)?.()
  const counting = new Counting(0, Number(values.pid))
  const waiting = lanes.map((lane, place) => ({ lane, left: 1 + (place % roundLength) }))
  await Promise.all(
    Array.from({ length: spreadAtOnce }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { lane } = next
        await lane.open(hostname, Number(port))
        for (; next.left > 0; next.left--) {
          await new Promise<void>((answered) => {
            waiters.set(lane, answered)
            lane.ask({ at: performance.now(), counting })
          })
        }
      }
    }),
  )
  free = open
  idle.push(...lanes)
}

/** Faster and faster: what is carried, and past it what is answered well, until that grows no more. */
async function climb(from: string): Promise<Omit<Required<Played>, 'phases' | 'samples'>> {
  const [first = 0, seconds = 1] = from.split(':').map(Number)
  const steps: Phase[] = []
  for (let rate = first; isWorthIt(steps); rate *= steeper) {
    const step = await play(rate, seconds)
    await rest()
    steps.push(step.phase)
  }
  const carried = Math.max(first, ...steps.filter(isCarried).map(({ offeredPerSecond }) => offeredPerSecond))
  // Whoever was refused a moment ago is not let in as before yet.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  return { carried, best: bestOf(steps), climb: steps }
}

function isWorthIt(steps: readonly Phase[]): boolean {
  if ((steps.at(-1)?.clientShare ?? 0) > clientShareMax) return false
  const before = steps.slice(0, -2)
  return before.length === 0 || bestOf(steps) > growth * bestOf(before)
}

function bestOf(steps: readonly Phase[]): number {
  return Math.max(...steps.map(({ goodPerSecond }) => goodPerSecond))
}

function isCarried({ offeredPerSecond, refusedPerSecond, unsent, p99 }: Phase): boolean {
  return refusedPerSecond <= refusedMax * offeredPerSecond && unsent === 0 && p99 <= p99Max
}

/** A millisecond's requests at a time, to whoever is free; what finds nobody goes to the next who is, and its time counts. */
async function play(rate: number, seconds: number): Promise<Counting> {
  const counting = new Counting(rate, Number(values.pid))
  current = counting
  const end = counting.started + seconds * 1_000
  let at = counting.started
  for (let now = at; now < end; now = performance.now()) {
    for (; at <= now && at < end; at += 1_000 / rate) dues.push({ at, counting })
    for (let due = idle.length > 0 ? nextDue() : undefined; due !== undefined; due = nextDue()) {
      idle.shift()?.ask(due)
      if (idle.length === 0) break
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  counting.unsent += dues.length - head
  dues = []
  head = 0
  counting.end()
  return counting
}

/** The next that is to be sent; those that waited for too long are not any more. */
function nextDue(): Due | undefined {
  const latest = performance.now() - patienceMs
  for (let due = dues[head]; due !== undefined; due = dues[head]) {
    head++
    if (due.at > latest) return due
    due.counting.unsent++
  }
  dues = []
  head = 0
  return undefined
}

/** Until every connection is free. */
async function rest(): Promise<void> {
  while (idle.length < lanes.length) await new Promise((resolve) => setTimeout(resolve, 1))
}
