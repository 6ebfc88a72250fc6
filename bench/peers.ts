/**
 * Kith beside node-casbin and Cedar, in one process each, on the questions of W1. What is comparable, and what is not,
 * is in README.md: Casbin holds all rules in memory and scans them; Cedar is handed the entities a question touches,
 * and finding those is not in its time. Prints one JSON line.
 */
import { allowsOf, asked, askerOf, openPrepared, take, withoutDecisions } from './lib/asking.ts'
import { usage } from './lib/child.ts'
import { scale, small, words } from './lib/settings.ts'
import { type Timing, time, timeEach } from './lib/timing.ts'
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
  await timeEach({ calls: pairs.length, seconds: 4 }, ask)
  const timing = await time({ calls: small ? 200 : 100_000, seconds: 4 }, ask)
  await opened.close()
  return { ...timing, allows: allowsOf(pairs) }
}

async function peer(decide: Decide): Promise<Timing> {
  const ask = async (turn: number) => {
    const question = questions[turn % questions.length]
    if (question === undefined) throw new Error('no questions')
    if (decide(question) !== question.allowed) throw new Error(`wrong answer to ${JSON.stringify(question)}`)
  }
  await timeEach({ calls: 1_000, seconds: 4 }, ask)
  return { ...(await time({ calls: small ? 100 : 10_000, seconds: 4 }, ask)), allows: allowsOf(questions) }
}

const dataset = scenarioOf(scenario).at(scale)
const cases: Readonly<Record<string, () => Promise<Timing>>> = {
  kith: async () => kith(await withoutDecisions()),
  'kith-usual': () => kith({}),
  casbin: async () => peer(await casbinOf(dataset)),
  cedar: async () => peer(cedarOf(dataset)),
}
const [name = ''] = words
const found = cases[name]
if (found === undefined) throw new Error(`no case \`${name}\`; there are ${Object.keys(cases).join(', ')}`)
console.log(JSON.stringify({ ...(await found()), mib: usage(process.pid).nowMiB }))
