/**
 * How long does a million tuples take in over HTTP, what memory does it cost, and how soon does a restarted sidecar
 * answer? Against a real process: what an operator would see. Prints one JSON line.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Server, serveKith, usage } from './lib/child.ts'
import { root } from './lib/dataset.ts'
import { digits } from './lib/figures.ts'
import { scale, small, words } from './lib/settings.ts'
import { ask, importTuples, newStore } from './load/api.ts'
import { scenarioOf } from './scenarios/catalog.ts'
import { draw } from './scenarios/draw.ts'

export interface ImportResult {
  readonly scenario: string
  readonly tuples: number
  readonly seconds: number
  readonly tuplesPerSecond: number
  readonly peakMiB: number
  readonly sequentialCheckMs: number
  readonly readyMs: number
  readonly readyMiB: number
  readonly firstAnswerAfterStartMs: number
  readonly restartedMiB: number
}

const scenario = scenarioOf(words[0] ?? 'W2')
const dataset = scenario.at(scale)
const questions = draw(dataset, scenario.skew, 1)
const asked = Array.from({ length: small ? 200 : 1000 }, () => questions.next().value)
const folder = join(root, `import-${scenario.name}`)
mkdirSync(folder, { recursive: true })

const first = await serveKith(folder)
const store = await newStore(first.url, scenario)
const started = performance.now()
const tuples = await importTuples(first.url, store, dataset.tuples())
const seconds = (performance.now() - started) / 1000
const { peakMiB } = usage(first.pid)
const sequentialCheckMs = (await askAll(first)) / asked.length
await first.stop()

const again = performance.now()
const second = await serveKith(folder)
const ready = { ms: second.readyMs, mib: usage(second.pid).nowMiB }
for (const question of asked.slice(0, 1)) await ask(second.url, store, question)
const firstAnswerMs = performance.now() - again
await askAll(second)
const restartedMiB = usage(second.pid).nowMiB
await second.stop()

const result: ImportResult = {
  scenario: scenario.name,
  tuples,
  seconds: digits(seconds),
  tuplesPerSecond: Math.round(tuples / seconds),
  peakMiB,
  sequentialCheckMs: digits(sequentialCheckMs),
  readyMs: Math.round(ready.ms),
  readyMiB: ready.mib,
  firstAnswerAfterStartMs: Math.round(firstAnswerMs),
  restartedMiB,
}
console.log(JSON.stringify(result))

/** Milliseconds that all questions took, one after the other. */
async function askAll({ url }: Server): Promise<number> {
  const from = performance.now()
  for (const question of asked) await ask(url, store, question)
  return performance.now() - from
}
