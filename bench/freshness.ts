/**
 * Are answers ever stale? 16 clients write and check at random over HTTP, all caches on, on few objects, so that
 * they meet. Each answer is judged by its zookie: it must be the truth at that revision, and no older than anything
 * that was acknowledged before the question was sent. Prints one JSON line.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { printTuple } from '../src/tuple/tuple.ts'
import { type Server, serveKith } from './lib/child.ts'
import { root } from './lib/dataset.ts'
import { type Asked, type Change, judge, type Verdict } from './lib/judge.ts'
import { small, words } from './lib/settings.ts'
import { openTree } from './lib/tree.ts'
import { newStore } from './load/api.ts'
import { randomFrom } from './scenarios/draw.ts'
import { smallOrganization } from './scenarios/enterprise.ts'
import { tuple } from './scenarios/scenario.ts'

export interface FreshnessResult extends Verdict {
  readonly steps: number
  readonly clients: number
}

const clients = 16
const steps = Number(words[0] ?? (small ? 320 : 20_000))
const names = 6

const folder = join(root, 'freshness')
mkdirSync(folder, { recursive: true })
const server = await serveKith(folder)
const store = await newStore(server.url, smallOrganization)
/** In the order of their acknowledgements. */
const changes: Change[] = []
const answers: Asked[] = []
/** As far as acknowledgements tell. */
const present = new Set<string>()
await Promise.all(Array.from({ length: clients }, (_, client) => play(server, client)))
await server.stop()

const { storage, close } = await openTree(folder)
const verdict = judge(changes, answers, (zookie) => storage.revisionOf(store, zookie))
await close()
const result: FreshnessResult = { steps: answers.length, clients, ...verdict }
console.log(JSON.stringify(result))
if (verdict.stale + verdict.wrong > 0) process.exitCode = 1

async function play({ url }: Server, client: number): Promise<void> {
  const random = randomFrom(client + 1)
  const some = (type: string) => `${type}:${Math.floor(random() * names)}`
  const otherThan = (group: string): string => {
    const other = some('group')
    return other === group ? otherThan(group) : other
  }
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  for (let step = 0; step < steps / clients; step++) {
    const [user, group, agent] = [some('user'), some('group'), some('agent')]
    const changed = pick([
      tuple(group, 'member', user),
      tuple(group, 'member', user),
      tuple(group, 'member', `${otherThan(group)}#member`),
      tuple(agent, 'editor', `${group}#member`),
      tuple(agent, 'viewer', user),
      tuple(agent, 'blocked', user),
    ])
    // Nearly always the opposite of what is there: changes that change nothing tell nothing.
    const operation = present.has(printTuple(changed)) ? 'delete' : 'write'
    const own = await write(url, { operation, tuple: changed })
    const about = pick([tuple(agent, 'can_use', user), tuple(group, 'member', user)])
    await check(url, about, random() < 0.5 ? own : undefined)
  }
}

async function write(url: string, change: Omit<Change, 'zookie'>): Promise<string> {
  const { object, relation, subject } = change.tuple
  const keys = { tuple_keys: [{ user: subject, relation, object }] }
  const body =
    change.operation === 'write'
      ? { writes: { ...keys, on_duplicate: 'ignore' } }
      : { deletes: { ...keys, on_missing: 'ignore' } }
  const { zookie } = await post(`${url}/stores/${store}/write`, body)
  changes.push({ ...change, zookie })
  if (change.operation === 'write') present.add(printTuple(change.tuple))
  else present.delete(printTuple(change.tuple))
  return zookie
}

async function check(url: string, about: Change['tuple'], atLeast: string | undefined): Promise<void> {
  const acknowledged = changes.length
  const body = { tuple_key: { user: about.subject, relation: about.relation, object: about.object } }
  const { answer, zookie } = await post(`${url}/stores/${store}/check`, body, atLeast)
  answers.push({ tuple: about, allowed: answer.allowed === true, zookie, acknowledged })
}

async function post(
  url: string,
  body: object,
  atLeast?: string,
): Promise<{ answer: { allowed?: boolean }; zookie: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(atLeast !== undefined && { 'kith-at-least-as-fresh': atLeast }),
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const zookie = response.headers.get('kith-zookie')
  if (!response.ok || zookie === null) throw new Error(`${url} answered ${response.status}: ${text}`)
  return { answer: JSON.parse(text) as { allowed?: boolean }, zookie }
}
