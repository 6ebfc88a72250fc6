/**
 * Are answers ever stale? 16 clients write and check at random over HTTP, all caches on, on few objects, so that
 * they meet. Each answer is judged by its zookie: it must be the truth at that revision, and no older than anything
 * that was acknowledged before the question was sent. Prints one JSON line. A million steps: `npm run soak`.
 */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import type { TupleKey } from '../src/tuple/tuple.ts'
import { serveKith } from './lib/child.ts'
import { root } from './lib/dataset.ts'
import { type Change, judge, type Verdict } from './lib/judge.ts'
import { play } from './lib/play.ts'
import { small, words } from './lib/settings.ts'
import { openTree } from './lib/tree.ts'
import { newStore } from './load/api.ts'
import { smallOrganization } from './scenarios/enterprise.ts'

export interface FreshnessResult extends Verdict {
  readonly steps: number
  readonly clients: number
}

const clients = 16
const steps = Number(words[0] ?? (small ? 320 : 20_000))

/** `fetch` takes more of a core than the server does. */
const agent = new Agent({ keepAlive: true, maxSockets: clients })

const folder = join(root, 'freshness')
mkdirSync(folder, { recursive: true })
const server = await serveKith(folder)
const store = await newStore(server.url, smallOrganization)
const { changes, answers } = await play({ write, check }, { clients, steps })
await server.stop()

const { storage, close } = await openTree(folder)
const verdict = judge(changes, answers, (zookie) => storage.revisionOf(store, zookie))
await close()
const result: FreshnessResult = { steps: answers.length, clients, ...verdict }
console.log(JSON.stringify(result))
if (verdict.stale + verdict.wrong > 0) process.exitCode = 1

async function write({ operation, tuple }: Omit<Change, 'zookie'>): Promise<string> {
  const { object, relation, subject } = tuple
  const keys = { tuple_keys: [{ user: subject, relation, object }] }
  const body =
    operation === 'write'
      ? { writes: { ...keys, on_duplicate: 'ignore' } }
      : { deletes: { ...keys, on_missing: 'ignore' } }
  return (await post(`${server.url}/stores/${store}/write`, body)).zookie
}

async function check({ object, relation, subject }: TupleKey, atLeast: string | undefined) {
  const body = { tuple_key: { user: subject, relation, object } }
  const { answer, zookie } = await post(`${server.url}/stores/${store}/check`, body, atLeast)
  return { allowed: answer.allowed === true, zookie }
}

async function post(
  url: string,
  body: object,
  atLeast?: string,
): Promise<{ answer: { allowed?: boolean }; zookie: string }> {
  const said = JSON.stringify(body)
  const asking = request(url, {
    agent,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(said),
      ...(atLeast !== undefined && { 'kith-at-least-as-fresh': atLeast }),
    },
  })
  asking.end(said)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  const zookie = response.headers['kith-zookie']
  if (response.statusCode !== 200 || typeof zookie !== 'string')
    throw new Error(`${url} answered ${response.statusCode}: ${text}`)
  return { answer: JSON.parse(text) as { allowed?: boolean }, zookie }
}
