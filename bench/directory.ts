/**
 * One organization of 100,000 users, 10,000 groups nested five deep and 50,000 agents, made and asked over HTTP as a
 * console would: pages and searches, the cost of adding a member beside that of a bare write, and checks beside the
 * deletion of a group of 100,000. `npm run bench:directory`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { count, millis, row, times } from './lib/bars.ts'
import { serveKith } from './lib/child.ts'
import { digits, median } from './lib/figures.ts'
import { ratioOf } from './lib/pairs.ts'
import { date, machine, rewriteTable, saveResults } from './lib/publish.ts'
import { small } from './lib/settings.ts'
import { barTable } from './lib/table.ts'
import { commitOf, here } from './lib/tree.ts'

const size = small
  ? { users: 300, groups: 50, agents: 100, crowd: 300 }
  : { users: 100_000, groups: 10_000, agents: 50_000, crowd: 100_000 }
/** Groups of one branch, from the top. */
const depth = 5
const runs = small ? 5 : 40
const lanes = 64

const folder = mkdtempSync(join(tmpdir(), 'kith-directory-'))
const server = await serveKith(folder)

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function ask(method: string, path: string, body?: object, actor = 'boss'): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', 'kith-actor': `user:${actor}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
}

/** @throws Error: a bench of refusals would measure nothing */
async function must(method: string, path: string, body?: object, actor?: string): Promise<Answer['body']> {
  const { status, body: answer } = await ask(method, path, body, actor)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`)
  return answer
}

/** Some at once, all of them in the end. */
async function all(items: number, work: (item: number) => Promise<unknown>): Promise<number> {
  const from = performance.now()
  let next = 0
  const lane = async () => {
    while (next < items) await work(next++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return performance.now() - from
}

async function timed(work: (run: number) => Promise<unknown>, times = runs): Promise<number[]> {
  const taken: number[] = []
  for (let run = 0; run < times; run++) {
    const from = performance.now()
    await work(run)
    taken.push(performance.now() - from)
  }
  return taken
}

const { id: org } = (await must('POST', '/v1/orgs', {
  name: 'Large',
  preset: 'enterprise',
  owner: { id: 'boss', email: 'boss@example.com', name: 'Bo Boss' },
})) as { id: string }
const at = `/v1/orgs/${org}`
await must('PUT', `${at}/plan`, { plan: 'enterprise' })

const words = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Ginkgo', 'Hazel']
const nameOf = (index: number) => `${words[index % 8]} ${words[(index >> 3) % 8]} ${index}`
const userMs = await all(size.users, (index) =>
  must('POST', `${at}/users`, { id: `u${index}`, email: `u${index}@example.com`, name: nameOf(index) }),
)
console.error(`${size.users} users in ${(userMs / 1000).toFixed(0)} s`)

const groups: string[] = []
/** Level by level: a parent is there before its children. */
for (let level = 0; level < depth; level++) {
  const [from, to] = [(size.groups / depth) * level, (size.groups / depth) * (level + 1)]
  await all(to - from, async (offset) => {
    const index = from + offset
    const parent = level === 0 ? undefined : groups[index - size.groups / depth]
    const body = {
      name: `Group ${nameOf(index)}`,
      description: 'One of many',
      ...(parent && { parentId: parent }),
    }
    groups[index] = String((await must('POST', `${at}/groups`, body)).id)
    await must('POST', `${at}/groups/${groups[index]}/members`, { user: `u${index}`, role: 'member' })
  })
}
await all(size.agents, async (index) => {
  await must('POST', `${at}/resources/agent`, { id: `a${index}`, name: `Agent ${nameOf(index)}` })
})
const perGroup = 20
await all(size.agents / perGroup, async (index) => {
  const ids = Array.from({ length: perGroup }, (_, item) => `a${index * perGroup + item}`)
  await must('POST', `${at}/groups/${groups[index % size.groups]}/resources/agent`, {
    ids,
    level: 'view_use',
  })
})
console.error(`${size.groups} groups and ${size.agents} agents`)

const page = async (path: string, actor?: string) => await must('GET', `${at}${path}`, undefined, actor)
/** The token of a page in the middle. */
async function middleOf(path: string): Promise<string> {
  let token = ''
  for (let pages = 0; pages < (small ? 1 : 20); pages++) {
    token = String((await page(`${path}?pageSize=200&continuationToken=${token}`)).continuationToken)
  }
  return token
}

// The first of each builds what the others ask.
for (const path of ['/users', '/groups', '/resources/agent']) await page(path)
const userToken = await middleOf('/users')
const pages = {
  users: await timed(() => page('/users')),
  'users, a page in the middle': await timed(() => page(`/users?continuationToken=${userToken}`)),
  'users, a search that finds one': await timed((run) => page(`/users?q=u${(run * 7919) % size.users}@`)),
  'users, a search that finds none': await timed(() => page('/users?q=nobody%20at%20all')),
  groups: await timed(() => page('/groups')),
  'groups, of somebody in one': await timed((run) => page('/groups', `u${run + 1}`)),
  agents: await timed(() => page('/resources/agent')),
  'agents, of somebody in one group': await timed((run) => page('/resources/agent', `u${run + 1}`)),
}

/** The first reads everybody; in a console that has begun when the rule was typed, and validated. */
const previewed = await timed(
  () => must('POST', `${at}/rules/preview`, { rule: "email.endsWith('7@example.com')" }),
  small ? 3 : 11,
)
const [firstPreview = 0, ...previews] = previewed

const crowd = String(
  (await must('POST', `${at}/groups`, { name: 'Everybody', description: 'All of them' })).id,
)
await all(Math.ceil(size.crowd / 1000), (index) => {
  const users = Array.from(
    { length: Math.min(1000, size.crowd - index * 1000) },
    (_, item) => `u${index * 1000 + item}`,
  )
  return must('POST', `${at}/groups/${crowd}/members`, { users, role: 'member' })
})

const bare: number[] = []
const added: number[] = []
for (let run = 0; run < runs; run++) {
  const tuple = { user: `user:u${run + 9}`, relation: 'direct_member', object: `group:${groups[run]}` }
  bare.push(
    ...(await timed(() => must('POST', `/stores/${org}/write`, { writes: { tuple_keys: [tuple] } }), 1)),
  )
  const member = { user: `u${run + 9}`, role: 'member' }
  added.push(...(await timed(() => must('POST', `${at}/groups/${groups[run + runs]}/members`, member), 1)))
}

/** Checks, one after the other, until `done`. */
async function checksUntil(done: () => boolean): Promise<number[]> {
  const taken: number[] = []
  for (let run = 0; !done(); run++) {
    const tuple = {
      user: `user:u${run % 1000}`,
      relation: 'can_query',
      object: `agent:a${(run * 20) % size.agents}`,
    }
    taken.push(...(await timed(() => must('POST', `/stores/${org}/check`, { tuple_key: tuple }), 1)))
    await setImmediate()
  }
  return taken
}
await checksUntil(
  (
    (left) => () =>
      left-- === 0
  )(small ? 50 : 2000),
)
let isDone = false
const checking = checksUntil(() => isDone)
const [deleteMs = 0] = await timed(() => must('DELETE', `${at}/groups/${crowd}`), 1)
isDone = true
const beside = (await checking).sort((a, b) => a - b)
await server.stop()
rmSync(folder, { recursive: true, force: true })

const quantile = (taken: readonly number[], share: number) => {
  const sorted = [...taken].sort((a, b) => a - b)
  return digits(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}
const bars = [
  ...Object.entries(pages).map(([name, taken]) =>
    row(`a page of ${name}`, '50 ms', millis(digits(median(taken))), (x) => x <= 50),
  ),
  row('a rule previewed over everybody', '300 ms', millis(digits(median(previews))), (x) => x <= 300),
  row('the first time, when nobody was read yet', '300 ms', millis(digits(firstPreview)), (x) => x <= 300),
  row(
    'adding a member, beside a bare write',
    'one durable write',
    times(ratioOf(added, bare).median),
    (x) => x <= 1.5,
  ),
  row(
    `deleting a group of ${size.crowd.toLocaleString('en')}`,
    'seconds',
    millis(digits(deleteMs)),
    (x) => x < 10_000,
  ),
  row('checks meanwhile, p99', 'no stall', millis(quantile(beside, 0.99)), (x) => x <= 50),
  row('the longest of them', 'no stall', millis(quantile(beside, 1)), (x) => x <= 250),
  row('users made a second, over HTTP', '–', count(size.users / (userMs / 1000)), () => true),
]
const table = [
  `Commit \`${commitOf(here)}\`, ${date}, ${machine}, Node ${process.version}; medians of ${runs}; ${beside.length} checks beside the deletion.`,
  '',
  ...barTable(bars),
].join('\n')
if (!small) {
  saveResults(`${date}-${commitOf(here)}-directory`, {
    machine,
    node: process.version,
    size,
    pages,
    previewed,
    added,
    bare,
    deleteMs,
    bars,
  })
  rewriteTable('directory', table)
}
console.log(table)
