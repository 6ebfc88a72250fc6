/**
 * What becomes of Kith when three times as much is asked as it can carry? Checks over three times the connections; W8
 * and its lists at three times the rate, in an open loop. Prints one JSON line; all of it at full size is published.
 */
import { barsOfOverload } from './lib/bars-overload.ts'
import { lastLine, loadCore, type Server, serveKith, start } from './lib/child.ts'
import { prepared, withCopy } from './lib/dataset.ts'
import { median } from './lib/figures.ts'
import { generate } from './lib/http-round.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import { only, rounds, scale, secondsOr, small } from './lib/settings.ts'
import { barTable } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'
import type { Load } from './load/measured.ts'
import type { Played } from './load/open.ts'
import type { Phase } from './load/phase.ts'
import type { Profile } from './load/requests.ts'

interface Held {
  /**
   * Requests a second: the most that were answered well at any rate, or all that was asked where that is less; and of
   * three times too much what was.
   */
  readonly best: number
  readonly goodput: number
  readonly refusedPerSecond: number
  /** Microseconds. */
  readonly p99Unloaded: number
  readonly p99: number
  /** Milliseconds until nothing was refused or slow any more, after the load ended. */
  readonly recoveryMs: number
  readonly beforeMiB: number
  readonly afterMiB: number
  /** Of the open loop: the most, a second, of which nothing was refused or late; and what was played. */
  readonly carried?: number
  readonly climb?: readonly Phase[]
  readonly phases?: readonly Phase[]
  /** Of the closed loop. */
  readonly unloaded?: readonly Load[]
  readonly loaded?: readonly Load[]
}

const seconds = secondsOr(3)

export type OverloadResult = Readonly<Record<string, Held>>

function wordsOf(asked: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(asked).map(([name, value]) => `--${name}=${value}`)
}

const windowSeconds = 0.5

async function closed(
  server: Server,
  store: string,
  profile: Profile,
  scenario: string,
  connections: number,
) {
  const { url, pid } = server
  const asked = { url, pid, store, scenario, profile, requests: 20_000, warmRequests: 0, judged: true }
  const [load] = await generate({
    sides: [asked],
    scale,
    connections,
    isTouched: profile === 'check',
    warmSeconds: small ? 3 : 6,
    windows: Math.max(1, Math.round(seconds / windowSeconds)),
    windowSeconds,
  })
  if (load === undefined) throw new Error('the generator told of no load')
  if (load.wrong + load.lost > 0) throw new Error(`${profile}: ${load.samples.join('\n')}`)
  return load
}

/** By turns, in an order that is reversed from round to round: the machine's speed changes within seconds. */
async function connections(): Promise<Held> {
  const data = prepared('W2', scale)
  const server = await serveKith(data.folder)
  const few: Load[] = []
  const many: Load[] = []
  const measureFew = async () => few.push(await closed(server, data.store, 'check', 'W2', 32))
  const measureMany = async () => many.push(await closed(server, data.store, 'check', 'W2', 96))
  for (let round = 0; round < rounds; round++) {
    const turns = [measureFew, measureMany]
    for (const measure of round % 2 === 0 ? turns : turns.reverse()) await measure()
  }
  await measureFew()
  await server.stop()
  const figure = (loads: readonly Load[], of: 'requestsPerSecond' | 'p99') =>
    median(loads.map((load) => load[of]))
  return {
    best: figure(few, 'requestsPerSecond'),
    goodput: figure(many, 'requestsPerSecond'),
    refusedPerSecond: 0,
    p99Unloaded: figure(few, 'p99'),
    p99: figure(many, 'p99'),
    recoveryMs: 0,
    beforeMiB: few[0]?.serverMiB ?? 0,
    afterMiB: few.at(-1)?.serverMiB ?? 0,
    unloaded: few,
    loaded: many,
  }
}

async function rate(profile: Profile): Promise<Held> {
  const data = prepared('W8', scale)
  return withCopy(data, async (folder) => {
    const server = await serveKith(folder)
    // What it carries is known once its code is compiled; three times too little would be no overload.
    await closed(server, data.store, profile, 'W8', 32)
    const asked = {
      url: server.url,
      store: data.store,
      pid: server.pid,
      scenario: 'W8',
      scale,
      profile,
      climb: `${profile === 'mix' ? 2_000 : 300}:${seconds / 2}`,
      phases: `0.2x:${seconds},3x:${2 * seconds},0.2x:${seconds}`,
    }
    const played = await lastLine<Played>(start('load/open.ts', wordsOf(asked), loadCore))
    await server.stop()
    const { carried, best = 0, climb, phases, samples } = played
    const [unloaded, loaded, after] = phases
    if (carried === undefined || unloaded === undefined || loaded === undefined || after === undefined)
      throw new Error('phases are missing')
    if (samples.length > 0) throw new Error(`${profile}: ${samples.join('\n')}`)
    return {
      best: Math.min(best, loaded.offeredPerSecond),
      goodput: loaded.goodPerSecond,
      refusedPerSecond: loaded.refusedPerSecond,
      p99Unloaded: unloaded.p99,
      p99: loaded.p99,
      recoveryMs: after.lastTroubleMs,
      beforeMiB: unloaded.serverMiB,
      afterMiB: after.serverMiB,
      carried,
      climb,
      phases,
    }
  })
}

const cases: Readonly<Record<string, () => Promise<Held>>> = {
  'checks, 3 times the connections': connections,
  'the mix of W8, 3 times the rate': () => rate('mix'),
  'lists alone, 3 times the rate': () => rate('mix-lists'),
}
const result: Record<string, Held> = {}
for (const [name, measure] of Object.entries(cases)) {
  if (name.includes(only)) result[name] = await measure()
}
if (!small && only === '') {
  const bars = barsOfOverload(result)
  const head = `Commit \`${commitOf(here)}\`, ${date}, ${machine}, Node ${process.version}.`
  saveResults(`${date}-${commitOf(here)}-overload`, { machine, node: process.version, ...result, bars })
  rewriteTable('overload', [head, '', ...barTable(bars)].join('\n'))
}
console.log(JSON.stringify(result))
