/**
 * W5: ten million tuples, or a hundred. How soon is Kith ready with them on disk, at what memory, and are warm checks
 * as quick as with one million? `npm run bench:large`, `npm run bench:huge`.
 */
import { rmSync } from 'node:fs'
import { barsOfLarge, type LargeResult } from './lib/bars-large.ts'
import { serveKith, usage } from './lib/child.ts'
import { prepared, root } from './lib/dataset.ts'
import { median } from './lib/figures.ts'
import { type Case, round, windowsOf } from './lib/http-round.ts'
import { besides } from './lib/pairs.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import { rounds, scale, secondsOr, small, words } from './lib/settings.ts'
import { barTable } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'
import type { Load } from './load/measured.ts'
import { workingSetMax } from './scenarios/draw.ts'

const name = words[0] === 'W5H' ? 'W5H' : 'W5'
const compared: Case = {
  connections: 32,
  sides: ['W2', name].map((scenario) => ({
    name: `${scenario} check`,
    scenario,
    variant: 'kith',
    profile: 'check',
  })),
  warmSeconds: 8,
  windowSeconds: 0.5,
  windows: windowsOf(secondsOr(4), 0.5),
}

const large = prepared(name, scale)
console.error(`${large.tuples} tuples in ${large.seconds.toFixed(0)} s`)

const starts: { readonly ms: number; readonly mib: number }[] = []
for (let turn = 0; turn < rounds; turn++) {
  const server = await serveKith(large.folder)
  starts.push({ ms: server.readyMs, mib: usage(server.pid).nowMiB })
  await server.stop()
}

const loads: { readonly base: Load[]; readonly large: Load[] } = { base: [], large: [] }
for (let turn = 0; turn < rounds; turn++) {
  const [base, large] = await round(compared)
  if (base === undefined || large === undefined) throw new Error('the generator told of too few')
  loads.base.push(base)
  loads.large.push(large)
  console.error(`p50 ${large.p50} us, W2 beside it ${base.p50}; RSS ${large.serverPeakMiB} MiB`)
}
rmSync(root, { recursive: true, force: true })

const of = (which: 'large' | 'base', figure: (load: Load) => number) => median(loads[which].map(figure))
const result: LargeResult = {
  scenario: name,
  workingSet: `${workingSetMax.toLocaleString('en')} pairs, Zipf 0.99`,
  tuples: large.tuples,
  importPerSecond: Math.round(large.tuples / large.seconds),
  importPeakMiB: large.peakMiB,
  readyMs: Math.round(median(starts.map(({ ms }) => ms))),
  readyMiB: median(starts.map(({ mib }) => mib)),
  requestsPerSecond: of('large', (load) => load.requestsPerSecond),
  p50: of('large', (load) => load.p50),
  p99: of('large', (load) => load.p99),
  peakMiB: Math.max(...loads.large.map(({ serverPeakMiB }) => serverPeakMiB)),
  baseP50: of('base', (load) => load.p50),
  baseP99: of('base', (load) => load.p99),
  toBase: besides(loads.large, loads.base),
}
const bars = barsOfLarge(result)
const table = [
  `Commit \`${commitOf(here)}\`, ${date}, ${machine}, Node ${process.version}; ${large.tuples.toLocaleString('en')} tuples, working set ${result.workingSet}.`,
  '',
  ...barTable(bars),
].join('\n')
if (!small) {
  saveResults(`${date}-${commitOf(here)}-${name}`, { machine, node: process.version, ...result, bars })
  rewriteTable(name === 'W5' ? 'large' : 'huge', table)
}
console.log(table)
