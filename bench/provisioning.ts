/**
 * 10,000 users brought in by SCIM, each put into a group of the identity provider's that is mapped to one of the product's,
 * at 500 operations a second; and what that does to checks of people who were there before. Idle and beside it in turns, in
 * windows short enough that both see the same moods of the machine.
 * `npm run bench:provisioning`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { count, row, times } from './lib/bars.ts'
import { loadCore, serveKith, standBack, start } from './lib/child.ts'
import { digits, median } from './lib/figures.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import { small } from './lib/settings.ts'
import { barTable } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'
import { type Answered, type Asked, Client, type Paced, paced } from './load/paced.ts'
import type { SideChecks } from './load/side-checks.ts'

const rate = 500
const [users, rounds] = small ? [200, 2] : [10_000, 16]
/** Of the checks, so that at each rate as many are measured. */
const checksPerSecond = 500
const groups = 20
const staff = 100

const folder = mkdtempSync(join(tmpdir(), 'kith-provisioning-'))
const server = await serveKith(folder)
const client = new Client(server.url, 32)

/** @throws Error: a bench of refusals would measure nothing */
async function must(asked: Asked): Promise<Answered['body']> {
  const { status, body } = await client.ask(asked)
  if (status >= 300) throw new Error(`${asked.method} ${asked.path}: ${status} ${JSON.stringify(body)}`)
  return body
}

const headers = { 'kith-actor': 'user:u0' }
const { id: org } = (await must({
  method: 'POST',
  path: '/v1/orgs',
  body: { name: 'Provisioned', preset: 'enterprise', owner: { id: 'u0', email: 'u0@example.com' } },
})) as { id: string }
const at = `/v1/orgs/${org}`
await must({ method: 'PUT', path: `${at}/plan`, body: { plan: 'enterprise' }, headers })
const manage = (method: string, path: string, body: object) =>
  must({ method, path: at + path, body, headers })

/** Those who are asked about: in a group by hand, which has the agent. */
for (let index = 1; index < staff; index++) {
  await manage('POST', '/users', { id: `u${index}`, email: `u${index}@example.com` })
}
const home = String((await manage('POST', '/groups', { name: 'Staff', description: 'Here before' })).id)
await manage('POST', `/groups/${home}/members`, {
  users: Array.from({ length: staff }, (_, index) => `u${index}`),
  role: 'member',
})
await manage('POST', '/resources/agent', { id: 'a1', name: 'Agent' })
await manage('POST', `/groups/${home}/resources/agent`, { ids: ['a1'], level: 'view_use' })

/** The provider's groups, each mapped to one of the product's, which has the agent too. */
const scim = `/scim/v2/${org}`
const schemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
}
const provided: string[] = []
for (let index = 0; index < groups; index++) {
  const { id: from } = await must({
    method: 'POST',
    path: `${scim}/Groups`,
    body: { schemas: [schemas.group], displayName: `Team ${index}`, externalId: `team-${index}` },
  })
  provided.push(String(from))
  const { id: group } = await manage('POST', '/groups', { name: `Team ${index}`, description: 'Provided' })
  await manage('POST', '/sso/mappings', { idpGroup: from, group })
  await manage('POST', `/groups/${group}/members`, { user: 'u0', role: 'member' })
  await manage('POST', `/groups/${group}/resources/agent`, { ids: ['a1'], level: 'view_use' })
}

/** Their ids, in the order in which they were asked for. */
const made: Promise<string>[] = []
let asked = 0

async function addUser(index: number): Promise<string> {
  const body = {
    schemas: [schemas.user],
    userName: `person${index}@example.com`,
    externalId: `p-${index}`,
    name: { givenName: 'Person', familyName: String(index) },
    emails: [{ primary: true, value: `person${index}@example.com`, type: 'work' }],
    active: true,
  }
  return String((await must({ method: 'POST', path: `${scim}/Users`, body })).id)
}

async function addToGroup(index: number): Promise<void> {
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'Add', path: 'members', value: [{ value: await made[index] }] }],
  }
  await must({ method: 'PATCH', path: `${scim}/Groups/${provided[index % groups]}`, body })
}

/** A user, then the group change of an earlier one, in turns: as providers do, not at once. */
function next(): Promise<unknown> {
  const index = asked++
  if (index % 2 === 1) return addToGroup((index - 1) / 2)
  made.push(addUser(index / 2))
  return made.at(-1) as Promise<string>
}
/** Users between somebody's coming and their group. */
const lag = small ? 100 : 500
for (let index = 0; index < lag; index++) {
  made.push(addUser(-1 - index))
  await made.at(-1)
}

const checker = start(
  'load/side-checks.ts',
  [
    `--url=${server.url}`,
    `--store=${org}`,
    `--rate=${checksPerSecond}`,
    `--users=${staff}`,
    '--relation=can_query',
    '--object=agent:a1',
  ],
  loadCore,
)
standBack()
const told = createInterface({ input: checker.stdout })[Symbol.asyncIterator]()

async function checks(seconds: number): Promise<SideChecks> {
  checker.stdin.write(`${seconds}\n`)
  const { value, done } = await told.next()
  if (done) throw new Error('whoever asks the checks has ended')
  return JSON.parse(value) as SideChecks
}

/** Beyond the users that count. */
function feed(seconds: number): Promise<Paced> {
  const upTo = asked + Math.round(rate * seconds)
  return paced(rate, () => (asked >= upTo ? undefined : next()))
}

/** Seconds of each round's two windows; and before each, until the other's requests and what they left behind are done. */
const span = (2 * users) / rounds / rate
const pause = small ? 0.1 : 1

const idle: SideChecks[] = []
const beside: SideChecks[] = []
const fed: Paced[] = []
// The first seconds of anything measure the compiler.
await Promise.all([checks(4 * pause), feed(4 * pause)])
for (let round = 0; round < rounds; round++) {
  await checks(pause)
  idle.push(await checks(span))
  const feeding = feed(pause + span)
  await checks(pause)
  beside.push(await checks(span))
  fed.push(await feeding)
}
checker.stdin.end()

/** All of it arrived: the last one who was put into a group has what the group has. */
const last = await made[(asked - 2) / 2]
const { allowed } = await must({
  method: 'POST',
  path: `/stores/${org}/check`,
  body: { tuple_key: { user: `user:${last}`, relation: 'can_query', object: 'agent:a1' } },
})
client.close()
await server.stop()
rmSync(folder, { recursive: true, force: true })
const wrong = [...idle, ...beside].reduce((sum, each) => sum + each.wrong, 0)
if (allowed !== true || wrong > 0)
  throw new Error(`${wrong} wrong answers; the last one in: ${String(allowed)}`)

const p99 = (some: readonly SideChecks[]) => median(some.map((each) => each.p99))
const perSecond = median(fed.map((each) => each.perSecond))
const ratios = beside.map((each, round) => each.p99 / (idle[round]?.p99 ?? Number.NaN))
const bars = [
  row('SCIM operations a second, users and group changes', '500', count(perSecond), (x) => x >= 0.99 * rate),
  row(
    'p99 of checks beside them, to that of checks alone',
    '2 times',
    times(median(ratios), 1),
    (x) => x <= 2,
  ),
]
const table = [
  `Commit \`${commitOf(here)}\`, ${date}, ${machine}, Node ${process.version}; medians of ${rounds} rounds: ${users.toLocaleString('en')} users and ${users.toLocaleString('en')} group changes, ${(made.length - users).toLocaleString('en')} more users before them. p99 of ${checksPerSecond} checks a second alone ${digits(p99(idle))} µs, beside ${digits(p99(beside))} µs; of the operations ${digits(median(fed.map((each) => each.p99)))} µs.`,
  '',
  ...barTable(bars),
].join('\n')
if (!small) {
  saveResults(`${date}-${commitOf(here)}-provisioning`, {
    machine,
    node: process.version,
    users,
    rate,
    idle,
    beside,
    fed,
    bars,
  })
  rewriteTable('provisioning', table)
}
console.log(table)
