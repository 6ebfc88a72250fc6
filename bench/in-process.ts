/**
 * What a check costs in the caller's own process. One case a process: `node --import tsx bench/in-process.ts warm W2`.
 * Prints one JSON line.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowsOf, asked, askerOf, openPrepared, take, withoutDecisions } from './lib/asking.ts'
import { usage } from './lib/child.ts'
import type { Prepared } from './lib/dataset.ts'
import { digits, median, percentile } from './lib/figures.ts'
import { type Ratio, ratioOf } from './lib/pairs.ts'
import { scale, small, words } from './lib/settings.ts'
import { type Bounds, type Timing, time, timeBatches, timeEach } from './lib/timing.ts'
import { type Opened, openTree, parseModel } from './lib/tree.ts'
import { scenarioOf } from './scenarios/catalog.ts'
import { chainQuestion, chainQuestions, type Depth, depths } from './scenarios/chains.ts'

export type InProcessResult = Partial<Timing> & {
  readonly mib: number
  /** Of W3: median microseconds by depth; and how many times those of depth 1, turn by turn. */
  readonly byDepth?: Readonly<Record<number, number>>
  readonly toShallow?: Readonly<Record<number, Ratio>>
}

const measured: Bounds = { calls: small ? 1_000 : 100_000, seconds: 4 }
/** As many as W2 has different pairs: all of its data has been asked about. After 600,000 one answer in 30 still reads storage. */
const warmingCalls = small ? 2_000 : 1_000_000
/** The others have less data; what there is of it is warm long before. */
const otherWarmingSeconds = 5

/** Pairs drawn evenly; what they touch has been asked for before. */
async function warm(scenario: string, options: object): Promise<Partial<Timing>> {
  const opened = await openPrepared(scenario, options)
  const questions = asked(opened.data.store, take(scenario, measured.calls * 2, 'uniform', 2))
  await touchAll(scenario, opened)
  const timing = await time(measured, askerOf(opened, questions))
  await opened.close()
  return { ...timing, allows: allowsOf(questions) }
}

/** One after the other, and none kept: the memory told is Kith's. Of W2 all, however long that takes. */
async function touchAll(scenario: string, opened: Opened & { readonly data: Prepared }): Promise<void> {
  const end = scenario === 'W2' ? Number.POSITIVE_INFINITY : performance.now() + otherWarmingSeconds * 1_000
  for (const question of take(scenario, warmingCalls, 'uniform', 1)) {
    await askerOf(opened, asked(opened.data.store, [question]))(0)
    if (performance.now() > end) return
  }
}

/** A thousand pairs asked again and again. */
async function hit(scenario: string): Promise<Partial<Timing>> {
  const opened = await openPrepared(scenario)
  const questions = asked(opened.data.store, take(scenario, 1_000, 'uniform', 1))
  const ask = askerOf(opened, questions)
  await timeEach({ calls: warmingCalls / 5, seconds: 8 }, ask)
  const timing = await time(measured, ask)
  await opened.close()
  return { ...timing, allows: allowsOf(questions) }
}

/** Caches passed by: what HIGHER_CONSISTENCY costs. */
async function bypassed(scenario: string): Promise<Partial<Timing>> {
  const opened = await openPrepared(scenario)
  const questions = asked(opened.data.store, take(scenario, measured.calls / 5, 'uniform', 1), true)
  const timing = await time(measured, askerOf(opened, questions))
  await opened.close()
  return { ...timing, allows: allowsOf(questions) }
}

/** Each pair asked for the first time, of a Kith that has answered nothing: code is warm, files are in the page cache. */
async function cold(scenario: string): Promise<Partial<Timing>> {
  await warmCode()
  const opened = await openPrepared(scenario)
  const { folder, store } = opened.data
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    readIfFile(join(folder, file))
  const questions = asked(store, take(scenario, 2_000, 'uniform', 1))
  const taken = await timeEach({ calls: questions.length, seconds: 30 }, askerOf(opened, questions))
  await opened.close()
  const [p50, p99, p999] = [50, 99, 99.9].map((percent) => digits(percentile(taken, percent)))
  return {
    median: p50 ?? 0,
    p99: p99 ?? 0,
    p999: p999 ?? 0,
    calls: taken.length,
    allows: allowsOf(questions),
  }
}

/** Of one Kith after the other: what is asked for the second time reads nothing, and that is other code. */
const coldWarmings = small ? 2 : 20

/** Compiles what a cold check runs through, on a small store in memory that shares nothing but the code. */
async function warmCode(): Promise<void> {
  const scenario = scenarioOf('W1')
  const opened = await openTree()
  const { id: store } = await opened.kith.createStore('warm')
  await opened.kith.writeModel({ store, json: await parseModel(scenario.model) })
  const tuples = async function* () {
    yield* scenario.at('full').tuples()
  }
  await opened.kith.importTuples({ store }, tuples())
  const dataset = scenario.at('full')
  const questions = asked(
    store,
    Array.from({ length: 2_000 }, (_, index) => dataset.question(index)),
  )
  for (let warming = 0; warming < coldWarmings; warming++) {
    const ask = askerOf({ ...opened, kith: opened.anew() }, questions)
    for (let turn = 0; turn < questions.length; turn++) await ask(turn)
  }
  await opened.close()
}

function readIfFile(path: string): void {
  try {
    readFileSync(path)
  } catch {
    // A folder, or a file that LevelDB has put away meanwhile.
  }
}

/** Of the depths that take turns: so many questions each. The first turns ask all that there are, and warm. */
const turnCalls = Math.min(10_000, chainQuestions(scale))
const warmingTurns = Math.ceil(chainQuestions(scale) / turnCalls)
const depthTurns = small ? 4 : 40

/** W3: the depths take turns of some 20 ms, in one process, the order reversed from turn to turn. */
async function depth(scenario: string): Promise<Pick<InProcessResult, 'byDepth' | 'toShallow'>> {
  const opened = await openPrepared(scenario, await withoutDecisions())
  const questionsOf = (of: Depth) =>
    Array.from({ length: chainQuestions(scale) }, (_, index) => chainQuestion(scale, of, index))
  const lanes = depths.map((of) => ({
    of,
    ask: askerOf(opened, asked(opened.data.store, questionsOf(of))),
    taken: [] as number[],
  }))
  for (let turn = 0; turn < warmingTurns + depthTurns; turn++) {
    for (const { ask, taken } of turn % 2 === 0 ? lanes : lanes.toReversed()) {
      const from = turn * turnCalls
      const batches = await timeBatches({ calls: turnCalls, seconds: 1 }, (call) => ask(from + call))
      if (turn >= warmingTurns) taken.push(median(batches))
    }
  }
  await opened.close()
  const shallow = lanes[0]?.taken ?? []
  return {
    byDepth: Object.fromEntries(lanes.map(({ of, taken }) => [of, digits(median(taken))])),
    toShallow: Object.fromEntries(lanes.map(({ of, taken }) => [of, ratioOf(taken, shallow)])),
  }
}

const cases: Readonly<Record<string, (scenario: string) => Promise<object>>> = {
  warm: async (scenario) => warm(scenario, await withoutDecisions()),
  // Everything on, as it comes.
  usual: (scenario) => warm(scenario, {}),
  hit,
  bypassed,
  cold,
  depth,
}
const [name = '', scenario = 'W2'] = words
const found = cases[name]
if (found === undefined) throw new Error(`no case \`${name}\`; there are ${Object.keys(cases).join(', ')}`)
const result = await found(scenario)
console.log(JSON.stringify({ ...result, mib: usage(process.pid).nowMiB }))
