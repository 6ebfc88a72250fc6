/**
 * Load on a Kith of your own: `npm run load -- --url http://127.0.0.1:8080 --scenario W2 --setup`. Makes a store where
 * asked to, loads it with autocannon, and judges a sample of the answers before and after. See LOAD-TESTING.md.
 */
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { ask, importTuples, newStore } from './load/api.ts'
import { scenarioOf } from './scenarios/catalog.ts'
import { draw } from './scenarios/draw.ts'
import type { Question, Scale } from './scenarios/scenario.ts'

const usage = `npm run load -- --url URL --scenario W1|W2|W3|W4|W6|W7|W9 (--setup | --store ID)

  --url URL          where Kith serves; default http://127.0.0.1:8080
  --scenario NAME    which tuples and questions; default W1
  --small            the scenario at its smallest: to try this out
  --setup            make a store, with model and tuples, and say its id
  --store ID         a store that --setup made, to load again
  --connections N    each has one question under way; default 32
  --duration SECONDS measured; default 10
  --warm SECONDS     before that, unmeasured; default 5
  --sample N         answers judged before and after; default 500`

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    scenario: { type: 'string', default: 'W1' },
    small: { type: 'boolean', default: false },
    setup: { type: 'boolean', default: false },
    store: { type: 'string' },
    connections: { type: 'string', default: '32' },
    duration: { type: 'string', default: '10' },
    warm: { type: 'string', default: '5' },
    sample: { type: 'string', default: '500' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help || values.setup === (values.store !== undefined)) {
  console.error(usage)
  process.exit(values.help ? 0 : 2)
}

const url = values.url.replace(/\/$/, '')
const scenario = scenarioOf(values.scenario)
const scale: Scale = values.small ? 'small' : 'full'
const dataset = scenario.at(scale)
const connections = Number(values.connections)
/** Questions of one connection, asked again from the first when they are through. autocannon renders each at the start. */
const perConnection = 500

const store = values.store ?? (await setup())
await judgeSample(1)
const lanes = Array.from({ length: connections }, (_, lane) => {
  const questions = draw(dataset, scenario.skew, lane + 1)
  return Array.from({ length: perConnection }, () => requestOf(questions.next().value))
})
await load(Number(values.warm))
const cpu = process.cpuUsage()
const result = await load(Number(values.duration))
const { user, system } = process.cpuUsage(cpu)
await judgeSample(2)

const share = (user + system) / 1e6 / Number(values.duration)
const { requests, latency, errors, timeouts, non2xx } = result
console.log(`
${scenario.name} ${scenario.title}, ${connections} connections, ${values.duration} s after ${values.warm} s of warming
  checks a second   ${Math.round(requests.average).toLocaleString('en')}
  latency, ms       p50 ${latency.p50}, p99 ${latency.p99}, p99.9 ${latency.p99_9}, max ${latency.max}
  refused or lost   ${non2xx} not 2xx, ${errors} errors, ${timeouts} timeouts
  this generator    ${Math.round(share * 100)}% of a core
  judged            ${Number(values.sample) * 2} answers, all right`)
if (share > 0.7) {
  console.log(
    '\nThe generator was busy: what was measured is, in part, the generator. Use fewer connections, or wrk.',
  )
}
if (non2xx + errors + timeouts > 0) process.exitCode = 1

async function setup(): Promise<string> {
  const made = await newStore(url, scenario)
  const started = performance.now()
  const written = await importTuples(url, made, dataset.tuples())
  const took = (performance.now() - started) / 1000
  console.log(
    `store ${made}: ${written.toLocaleString('en')} tuples in ${took.toFixed(1)} s; again with --store ${made}`,
  )
  return made
}

function load(duration: number) {
  let lane = 0
  return autocannon({
    url,
    connections,
    duration,
    setupClient: (client) => client.setRequests(lanes[lane++] ?? []),
  })
}

function requestOf({ object, relation, subject, context }: Question): autocannon.Request {
  const body = { tuple_key: { user: subject, relation, object }, ...(context && { context }) }
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', path: `/stores/${store}/check`, headers, body: JSON.stringify(body) }
}

/** @throws Error at the first wrong answer */
async function judgeSample(seed: number): Promise<void> {
  const questions = draw(dataset, 'uniform', seed)
  for (let judged = 0; judged < Number(values.sample); judged++) await ask(url, store, questions.next().value)
}
