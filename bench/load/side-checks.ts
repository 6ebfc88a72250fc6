/**
 * Checks at a steady rate beside whatever else a server does: of one store, over known users and one object, each of which
 * has to be allowed. Over bare sockets, so that they measure the server more than themselves. One process for all that are
 * compared: for each line of standard input, that many seconds of them, and one JSON line. Ends with its input.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { OpenLane } from './open-lane.ts'
import { type Paced, paced } from './paced.ts'
import type { Outcome } from './phase.ts'
import { checksOf } from './requests.ts'

/** What came of the checks. */
export interface SideChecks extends Paced {
  /** Answers that were not the one expected. */
  readonly wrong: number
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    store: { type: 'string', default: '' },
    rate: { type: 'string', default: '500' },
    /** Users `uN`, N below this, who have `relation` to `object`. */
    users: { type: 'string', default: '100' },
    relation: { type: 'string', default: '' },
    object: { type: 'string', default: '' },
  },
})
const { host, hostname, port } = new URL(values.url)
const { store, relation, object } = values
const questions = Array.from({ length: Number(values.users) }, (_, index) => ({
  subject: `user:u${index}`,
  relation,
  object,
  allowed: true,
}))
const requests = checksOf({ host, store }, questions)

const connections = 64
let wrong = 0
/** What a question was asked for: whoever waits for its answer. */
type Lane = OpenLane<() => void>
const idle: Lane[] = []
/** Whoever found every connection busy; their time counts. */
const waiting: ((lane: Lane) => void)[] = []
const lanes = Array.from({ length: connections }, () => new OpenLane<() => void>(requests, answered))
await Promise.all(lanes.map((lane) => lane.open(hostname, Number(port))))
idle.push(...lanes)

function answered(lane: Lane, verb: string, outcome: Outcome, what: () => string): void {
  if (verb === 'connection') throw new Error(what())
  if (outcome !== 'good') wrong++
  lane.due?.()
  const next = waiting.shift()
  if (next === undefined) idle.push(lane)
  else next(lane)
}

async function check(): Promise<void> {
  // In turns: a server closes the connection that nobody asks over.
  const lane = idle.shift() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)))
  await new Promise<void>((resolve) => lane.ask(resolve))
}

const rate = Number(values.rate)
for await (const seconds of createInterface({ input: process.stdin })) {
  wrong = 0
  const upTo = rate * Number(seconds)
  const measured = await paced(rate, (index) => (index >= upTo ? undefined : check()))
  console.log(JSON.stringify({ ...measured, wrong } satisfies SideChecks))
}
for (const lane of lanes) lane.close()
