/**
 * Runs every bench in fresh processes, writes bench/results/ and the tables of bench/README.md. A wrong answer, or one
 * that is not 2xx, fails the run, and nothing is written. `--small` tries it all out and writes nothing either.
 */
import { rmSync } from 'node:fs'
import type { FreshnessResult } from './freshness.ts'
import type { HttpResult } from './http.ts'
import type { ImportResult } from './import.ts'
import type { InProcessResult } from './in-process.ts'
import { barsOf } from './lib/bars.ts'
import { run } from './lib/child.ts'
import { prepared, root } from './lib/dataset.ts'
import { Progress } from './lib/progress.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import type { Results } from './lib/results.ts'
import { passedOn, rounds, scale, small } from './lib/settings.ts'
import { barTable, tableOf } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'
import type { ListResult } from './lists.ts'
import type { NestedResult } from './nested.ts'
import type { PeerResult } from './peers.ts'
import type { WritesResult } from './writes.ts'

const inProcessCases = [
  'warm W2',
  'usual W2',
  'hit W2',
  'bypassed W2',
  'cold W2',
  'depth W3',
  'usual W1',
  'usual W4',
  'usual W6',
  'usual W7',
  'usual W9',
]

/** Seconds that each is likely to take on the two cores of the table, nothing else running, in three rounds. */
const expected: Readonly<Record<string, number>> = {
  'prepare.ts W2': 45,
  'import.ts': 57,
  'in-process.ts warm W2': 20,
  'in-process.ts usual W2': 19,
  'in-process.ts hit W2': 3,
  'in-process.ts bypassed W2': 9,
  'in-process.ts cold W2': 3,
  'in-process.ts depth W3': 8,
  'in-process.ts usual W1': 12,
  'in-process.ts usual W4': 40,
  'in-process.ts usual W6': 11,
  'in-process.ts usual W7': 14,
  'in-process.ts usual W9': 20,
  'lists.ts': 16,
  'writes.ts': 10,
  'peers.ts kith': 3,
  'peers.ts kith-usual': 3,
  'peers.ts casbin': 13,
  'peers.ts cedar': 11,
  'nested.ts': 21,
  'freshness.ts': 35,
  'http.ts': 110 * rounds,
}
const progress = new Progress(small ? {} : expected)

function bench<Result>(script: string, words: readonly string[] = []): Result {
  const name = [script, ...words].join(' ')
  return progress.part(name, () => run<Result>(script, [...words, ...passedOn]))
}

function each<Result>(script: string, cases: readonly string[]): Record<string, Result> {
  return Object.fromEntries(cases.map((name) => [name, bench<Result>(script, name.split(' '))]))
}

const measured = {
  prepared: progress.part('prepare.ts W2', () => prepared('W2', scale)),
  import: bench<ImportResult>('import.ts'),
  inProcess: each<InProcessResult>('in-process.ts', inProcessCases),
  lists: bench<ListResult>('lists.ts'),
  writes: bench<WritesResult>('writes.ts'),
  peers: each<PeerResult>('peers.ts', ['kith', 'kith-usual', 'casbin', 'cedar']),
  nested: bench<NestedResult>('nested.ts'),
  freshness: bench<FreshnessResult>('freshness.ts'),
  http: bench<HttpResult>('http.ts'),
}
rmSync(root, { recursive: true, force: true })

const results: Results = {
  date,
  commit: commitOf(here),
  machine,
  node: process.version,
  scale,
  rounds,
  minutes: Math.round(progress.elapsed / 60),
  took: progress.took,
  ...measured,
}
const bars = barsOf(results)
if (!small) {
  saveResults(`${date}-${results.commit}`, { ...results, bars })
  rewriteTable('table', tableOf(results, bars))
}
console.log(small ? tableOf(results, bars) : barTable(bars).join('\n'))
