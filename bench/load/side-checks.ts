/**
 * Checks at a steady rate beside whatever else a server does: of one store, over known users and one object, each of which
 * has to be allowed. Prints one JSON line.
 */
import { parseArgs } from 'node:util'
import { Client, type Paced, paced } from './paced.ts'

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
    seconds: { type: 'string', default: '5' },
    /** Users `uN`, N below this, who have `relation` to `object`. */
    users: { type: 'string', default: '100' },
    relation: { type: 'string', default: '' },
    object: { type: 'string', default: '' },
  },
})
const [rate, users] = [Number(values.rate), Number(values.users)]
const client = new Client(values.url, 16)
let wrong = 0

async function check(index: number): Promise<void> {
  const { relation, object } = values
  const { status, body } = await client.ask({
    method: 'POST',
    path: `/stores/${values.store}/check`,
    body: { tuple_key: { user: `user:u${index % users}`, relation, object } },
  })
  if (status !== 200 || body.allowed !== true) wrong++
}

const total = rate * Number(values.seconds)
const measured = await paced(rate, (index) => (index === total ? undefined : check(index)))
client.close()
console.log(JSON.stringify({ ...measured, wrong } satisfies SideChecks))
