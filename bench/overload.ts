/**
 * What becomes of Kith when three times as much is asked as it can carry? Checks over three times the connections; W8
 * and its lists at three times the rate, in an open loop. Prints one JSON line; all of it at full size is published.
 */
import type { ChildProcess } from 'node:child_process'
import { barsOfOverload } from './lib/bars-overload.ts'
import { loadCore, type Server, serveKith, start } from './lib/child.ts'
import { prepared, withCopy } from './lib/dataset.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import { only, scale, seconds, small } from './lib/settings.ts'
import { barTable } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'
import type { Load } from './load/client.ts'
import type { Phase } from './load/open.ts'
import type { Profile } from './load/requests.ts'

interface Held {
  /** Requests a second: the best in a closed loop, and of three times as much what was answered well. */
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
  readonly phases?: readonly Phase[]
}

export type OverloadResult = Readonly<Record<string, Held>>

async function lastLine<Result>(child: ChildProcess): Promise<Result> {
  let said = ''
  for await (const chunk of child.stdout ?? []) said += String(chunk)
  return JSON.parse(said.trim().split('\n').at(-1) ?? '') as Result
}

function wordsOf(asked: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(asked).map(([name, value]) => `--${name}=${value}`)
}

async function closed(
  server: Server,
  store: string,
  profile: Profile,
  scenario: string,
  connections: number,
) {
  const asked = {
    url: server.url,
    store,
    pid: server.pid,
    scenario,
    scale,
    profile,
    connections,
    seconds,
    // What it can carry is known once its code is compiled; three times too little would be no overload.
    warm: small ? 3 : 6,
  }
  const load = await lastLine<Load>(
    start('load/client.ts', [...wordsOf(asked), '--requests=20000'], loadCore),
  )
  if (load.wrong + load.lost > 0) throw new Error(`${profile}: ${load.samples.join('\n')}`)
  return load
}

async function connections(): Promise<Held> {
  const data = prepared('W2', scale)
  const server = await serveKith(data.folder)
  const unloaded = await closed(server, data.store, 'check', 'W2', 32)
  const loaded = await closed(server, data.store, 'check', 'W2', 96)
  const after = await closed(server, data.store, 'check', 'W2', 32)
  await server.stop()
  return {
    best: Math.max(unloaded.requestsPerSecond, after.requestsPerSecond),
    goodput: loaded.requestsPerSecond,
    refusedPerSecond: 0,
    p99Unloaded: Math.max(unloaded.p99, after.p99),
    p99: loaded.p99,
    recoveryMs: 0,
    beforeMiB: unloaded.serverMiB,
    afterMiB: after.serverMiB,
  }
}

async function rate(profile: Profile): Promise<Held> {
  const data = prepared('W8', scale)
  return withCopy(data, async (folder) => {
    const server = await serveKith(folder)
    const best = await closed(server, data.store, profile, 'W8', 32)
    const most = best.requestsPerSecond
    const phases = [
      [0.2 * most, seconds],
      [3 * most, 2 * seconds],
      [0.2 * most, seconds],
    ].map(([each = 0, span = 0]) => `${Math.round(each)}:${span}`)
    const asked = {
      url: server.url,
      store: data.store,
      pid: server.pid,
      scenario: 'W8',
      scale,
      profile,
      phases: phases.join(),
    }
    const { phases: played, samples } = await lastLine<{ phases: Phase[]; samples: string[] }>(
      start('load/open.ts', wordsOf(asked), loadCore),
    )
    await server.stop()
    const [unloaded, loaded, after] = played
    if (unloaded === undefined || loaded === undefined || after === undefined)
      throw new Error('phases are missing')
    if (samples.length > 0) throw new Error(`${profile}: ${samples.join('\n')}`)
    return {
      best: most,
      goodput: loaded.goodPerSecond,
      refusedPerSecond: loaded.refusedPerSecond,
      p99Unloaded: unloaded.p99,
      p99: loaded.p99,
      recoveryMs: after.lastTroubleMs,
      beforeMiB: unloaded.serverMiB,
      afterMiB: after.serverMiB,
      phases: played,
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
