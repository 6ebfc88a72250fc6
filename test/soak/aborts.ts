/**
 * Clients that go away, stall, or send half of what they said: against a real sidecar in this process, over real
 * sockets, so many of them. Tells what heap, handles and resident set were after the first fifth and at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { smallOrganization } from '../../bench/scenarios/enterprise.ts'
import { readConfig } from '../../src/config.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { startSidecar } from '../../src/sidecar.ts'

export interface Taken {
  readonly heapMiB: number
  readonly rssMiB: number
  /** Sockets, timers, files: by kind. */
  readonly handles: Readonly<Record<string, number>>
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const clients = 32

export async function abortMany(count: number): Promise<{ early: Taken; late: Taken; answers: number }> {
  const path = await mkdtemp(join(tmpdir(), 'kith-aborts-'))
  const options = {
    data: join(path, 'data'),
    listen: '127.0.0.1:0',
    'list-deadline': '20',
    'request-timeout': '5',
    // What is decided again comes when that is due, and holds a state meanwhile: no request's.
    'cache-sample': '0',
  }
  const sidecar = await startSidecar(readConfig(options, {}), () => {})
  const { id: store } = await sidecar.kith.createStore('aborts')
  await sidecar.kith.writeModel({ store, json: await parseDsl(smallOrganization.model) })
  await sidecar.kith.importTuples({ store }, each(smallOrganization.at('small').tuples()))
  const kinds = ways(store)
  const port = Number(new URL(sidecar.address).port)
  const before = kindsOf()
  let next = 0
  let answers = 0
  const play = async (until: number) => {
    const client = async () => {
      while (next < until) {
        const way = kinds[next++ % kinds.length]
        const answered = (await way?.(connect(port, '127.0.0.1'))) ?? 0
        answers += answered
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    // Nothing of it is left under way: the handles are those of a sidecar that nobody asks.
    while (
      Object.entries(kindsOf()).some(([kind, number]) => kind !== 'Timeout' && number > (before[kind] ?? 0))
    )
      await turn()
  }
  try {
    await play(count / 5)
    const early = await take()
    await play(count)
    return { early, late: await take(), answers }
  } finally {
    await sidecar.stop()
    await rm(path, { recursive: true })
  }
}

async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items
}

async function take(): Promise<Taken> {
  for (let pass = 0; pass < 4; pass++) {
    await turn()
    collect()
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heapMiB: heapUsed / 2 ** 20, rssMiB: rss / 2 ** 20, handles: kindsOf() }
}

/** Without the port of the thread that compares tables: it comes when that is due, and no request has one. */
function kindsOf(): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'MessagePort') kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}

/** Resolves when the connection is gone, with 1 if anything was answered. */
type Way = (socket: Socket) => Promise<number>

function ways(store: string): readonly Way[] {
  const key = { user: 'user:u1', relation: 'can_use', object: 'agent:a1' }
  const member = { relation: 'member', object: 'group:g1' }
  const post = (path: string, body: string, length = Buffer.byteLength(body)) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${body}`
  const s = `/stores/${store}`
  const v1 = `/v1/stores/${store}`
  const check = post(`${s}/check`, JSON.stringify({ tuple_key: key }))
  const walked = post(`${s}/check`, JSON.stringify({ tuple_key: key, consistency: 'HIGHER_CONSISTENCY' }))
  const list = JSON.stringify({ user: 'user:u1', relation: 'can_use', type: 'agent' })
  const checks = Array.from({ length: 50 }, (_, id) => ({ tuple_key: key, correlation_id: `c${id}` }))
  const batch = post(`${s}/batch-check`, JSON.stringify({ checks }))
  // Each once: the same one again is a commit of its own.
  const lines = Array.from(
    { length: 200 },
    (_, user) => `${JSON.stringify({ ...member, user: `user:u${user}` })}\n`,
  ).join('')
  return [
    leaving(check),
    leaving(walked),
    leaving(batch),
    leaving(post(`${s}/list-objects`, list)),
    leaving(post(`${v1}/explain`, JSON.stringify({ tuple_key: key }))),
    // Half a head, half a body, half a handful of lines: and then nothing more.
    leaving(check.slice(0, 30)),
    leaving(check.slice(0, -10)),
    leaving(batch.slice(0, 1_000)),
    leaving(post(`${v1}/import`, lines, 1_000_000)),
    // Answers that nobody reads to their end.
    atFirstByte(post(`${s}/streamed-list-objects`, list)),
    atFirstByte(`GET ${v1}/export HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    atFirstByte(check.repeat(20)),
    atFirstByte(batch.repeat(5)),
    atFirstByte(post(`${v1}/import`, `${lines}{broken\n`, 900_000)),
    // Handed over by the lane, in the middle of what it was sent.
    atFirstByte(`${check}GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n${check}`),
    atFirstByte(`${check}\0\0\0`),
  ]
}

/** Gone as soon as all is sent. */
function leaving(text: string): Way {
  return (socket) => ended(socket, () => socket.write(text, () => socket.destroy()))
}

/** Gone, without a goodbye, at the first byte of an answer. */
function atFirstByte(text: string): Way {
  return (socket) =>
    ended(socket, () => {
      socket.once('data', () => socket.resetAndDestroy())
      socket.write(text)
    })
}

function ended(socket: Socket, begin: () => void): Promise<number> {
  return new Promise((resolve) => {
    let answered = 0
    socket.once('connect', begin)
    socket.once('data', () => {
      answered = 1
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(answered))
  })
}
