/**
 * Kith beside node-casbin and Cedar, in one process each, on the questions of W1. What is comparable, and what is not,
 * is in README.md: Casbin holds all rules in memory and scans them; Cedar is handed the entities a question touches,
 * and finding those is not in its time. Prints one JSON line.
 */
import { allowsOf, asked, askerOf, openPrepared, take, withoutDecisions } from './lib/asking.ts'
import { usage } from './lib/child.ts'
import { scale, small, words } from './lib/settings.ts'
import { type Timing, time } from './lib/timing.ts'
import { casbinOf } from './peers/casbin.ts'
import { cedarOf } from './peers/cedar.ts'
import type { Decide } from './peers/decide.ts'
import { scenarioOf } from './scenarios/catalog.ts'

export type PeerResult = Timing & { readonly mib: number }

const scenario = 'W1'
const questions = [...take(scenario, small ? 400 : 10_000, 'uniform', 1)]

async function kith(options: object): Promise<Timing> {
  const opened = await openPrepared(scenario, options)
  const pairs = asked(opened.data.store, questions)
  const ask = askerOf(opened, pairs)
  for (let turn = 0; turn < pairs.length; turn++) await ask(turn)
  const timing = await time(small ? 400 : 100_000, ask)
  await opened.close()
  return { ...timing, allows: allowsOf(pairs) }
}

async function peer(decide: Decide, calls: number): Promise<Timing> {
  const ask = async (turn: number) => {
    const question = questions[turn % questions.length]
    if (question === undefined) throw new Error('no questions')
    if (decide(question) !== question.allowed) throw new Error(`wrong answer to ${JSON.stringify(question)}`)
  }
  for (let turn = 0; turn < calls / 4; turn++) await ask(turn)
  return time(calls, ask)
}

const dataset = scenarioOf(scenario).at(scale)
const cases: Readonly<Record<string, () => Promise<Timing>>> = {
  kith: () => kith(withoutDecisions),
  'kith-usual': () => kith({}),
  // Slow enough for a thousand to say it.
  casbin: async () => peer(await casbinOf(dataset), small ? 200 : 1_000),
  cedar: async () => peer(cedarOf(dataset), small ? 200 : 10_000),
}
const [name = ''] = words
const found = cases[name]
if (found === undefined) throw new Error(`no case \`${name}\`; there are ${Object.keys(cases).join(', ')}`)
console.log(JSON.stringify({ ...(await found()), mib: usage(process.pid).nowMiB }))
