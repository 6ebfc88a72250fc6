/**
 * One of those that take turns, a server and what it is asked: its connections, and what came of their requests, window by
 * window. A window lets the
 * connections go, measures once they have run for a little, and has them rest again, so that what is measured is a full load.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { usage } from '../lib/child.ts'
import { type AnsweredBy, answeredBy, sharesBetween } from '../lib/debug.ts'
import { between, type Processor, processorOf, sum } from '../lib/processor.ts'
import { Lane, type Tally } from './lane.ts'
import { Failures, type Load, type Tail, type Window } from './measured.ts'
import type { Profile, Request } from './requests.ts'

export interface Served {
  readonly url: string
  readonly pid: number
  readonly store: string
  readonly scenario: string
  readonly profile: Profile
  /** Rendered, over all connections; sent again from the first when they are through. */
  readonly requests: number
  /** Answered before anything is measured, at least: for the compilers. */
  readonly warmRequests: number
  /** False for the floor. */
  readonly judged: boolean
}

const atOnce = 8
/** Before the clock of a window runs, of its length. */
const runInShare = 0.2
/** One window may miss what comes once a second, such as a collection of all memory; so many hold it. */
const windowsOfTail = 4

const histogramOf = (): RecordableHistogram => createHistogram({ figures: 3, highest: 600e9 })

export class Side {
  readonly served: Served
  /** Requests, while warming. */
  answered = 0
  readonly #lanes: readonly Lane[]
  readonly #failures = new Failures()
  /** Of the window under way, of so many windows, of all. */
  readonly #window = histogramOf()
  readonly #tail = histogramOf()
  readonly #all = histogramOf()
  readonly #windows: Window[] = []
  readonly #tails: Tail[] = []
  readonly #tally: Tally
  #checks = 0
  #isConnected = false
  #before: AnsweredBy | undefined
  #spent = { seconds: 0, checks: 0, client: 0, server: { user: 0, system: 0, others: 0 } }

  /** @param requests - of each connection */
  constructor(served: Served, requests: readonly (readonly Request[])[]) {
    this.served = served
    this.#tally = {
      took: (nanoseconds, checks) => {
        this.#window.record(nanoseconds)
        this.#checks += checks
      },
      failed: (kind, what) => this.#failures.add(kind, what),
    }
    this.#lanes = requests.map((own) => new Lane(own, this.#tally))
  }

  get hasFailed(): boolean {
    const { nonOk, wrong, lost } = this.#failures.told
    return nonOk + wrong + lost > 0
  }

  /** Asks all of these once, over connections of their own, few at a time: so little waits that nothing is refused. */
  async askOnce(requests: readonly (readonly Request[])[]): Promise<void> {
    const lanes = requests.map((own) => new Lane(own, this.#tally, 1))
    for (let at = 0; at < lanes.length; at += atOnce) {
      const some = lanes.slice(at, at + atOnce)
      this.#start(some)
      await Promise.all(some.map((lane) => lane.done))
    }
    this.#window.reset()
  }

  /** Load for so long, not measured. */
  async warm(seconds: number): Promise<void> {
    this.#go()
    await sleep(seconds)
    await this.#rest()
    this.answered += this.#window.count
    this.#window.reset()
  }

  /** From here on what answers is counted. */
  async begin(): Promise<void> {
    this.#before = await answeredBy(this.served.url)
  }

  async measure(seconds: number): Promise<void> {
    this.#go()
    await sleep(seconds * runInShare)
    this.#window.reset()
    this.#checks = 0
    const cpu = process.cpuUsage()
    const server = processorOf(this.served.pid)
    const from = performance.now()
    await sleep(seconds)
    const took = (performance.now() - from) / 1000
    const spent = between(server, processorOf(this.served.pid))
    const { user, system } = process.cpuUsage(cpu)
    this.#take(took, spent, (user + system) / 1e6)
    await this.#rest()
  }

  async load(): Promise<Load> {
    const shares = sharesBetween(this.#before, await answeredBy(this.served.url))
    const { nowMiB, peakMiB } = usage(this.served.pid)
    await Promise.all(this.#lanes.map((lane) => lane.stop()))
    const { seconds, checks, client, server } = this.#spent
    const requests = this.#all.count
    const each = (spent: number) => tenths((spent * 1e6) / Math.max(1, requests))
    return {
      requestsPerSecond: Math.round(requests / seconds),
      checksPerSecond: Math.round(checks / seconds),
      requests,
      ...tailOf(this.#all),
      p999: micros(this.#all, 99.9),
      max: tenths(this.#all.max / 1_000),
      ...this.#failures.told,
      clientShare: hundredths(client / seconds),
      serverShare: hundredths(sum(server) / seconds),
      serverMicros: { user: each(server.user), system: each(server.system), others: each(server.others) },
      serverMiB: nowMiB,
      serverPeakMiB: peakMiB,
      windows: this.#windows,
      tails: this.#tails,
      ...(shares !== undefined && { answeredBy: shares }),
    }
  }

  /** What was counted since the window was reset. */
  #take(seconds: number, server: Processor, client: number): void {
    const { count } = this.#window
    this.#windows.push({
      requestsPerSecond: count / seconds,
      serverMicros: (sum(server) * 1e6) / count,
    })
    for (const histogram of [this.#tail, this.#all]) histogram.add(this.#window)
    if (this.#windows.length % windowsOfTail === 0) {
      this.#tails.push(tailOf(this.#tail))
      this.#tail.reset()
    }
    const before = this.#spent
    this.#spent = {
      seconds: before.seconds + seconds,
      checks: before.checks + this.#checks,
      client: before.client + client,
      server: {
        user: before.server.user + server.user,
        system: before.server.system + server.system,
        others: before.server.others + server.others,
      },
    }
  }

  #go(): void {
    if (this.#isConnected) for (const lane of this.#lanes) lane.go()
    else this.#start(this.#lanes)
    this.#isConnected = true
  }

  async #rest(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.rest()))
  }

  #start(lanes: readonly Lane[]): void {
    const { hostname, port } = new URL(this.served.url)
    for (const lane of lanes) lane.start(hostname, Number(port))
  }
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const tenths = (value: number) => Math.round(value * 10) / 10
const hundredths = (value: number) => Math.round(value * 100) / 100
const micros = (histogram: RecordableHistogram, percent: number) =>
  tenths(histogram.percentile(percent) / 1_000)
const tailOf = (histogram: RecordableHistogram): Tail => ({
  p50: micros(histogram, 50),
  p99: micros(histogram, 99),
})
