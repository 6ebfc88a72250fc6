/**
 * What is a check over HTTP beside a bare node:http server that parses and answers the same JSON: with the fast lane,
 * and without? Each server in a process of its own on core 0, the client on core 1, rounds interleaved. `service`
 * asks a Kith over a small data set in memory; `door` one that answers at once, so that only the way in and out is
 * measured; `socket` is what no server of Node's streams goes below: as many bytes as the lane's, always the same, whatever is asked.
 * Prints ratios to the floor, medians of those of the rounds, then one JSON line.
 *
 *   node --import tsx bench/lane.ts [rounds] [seconds]
 *
 * `rate` is requests a second; where the client's share of its core comes near 1 it is the client's figure, and
 * `capacity` is the one to read: requests per second of the server's own processor time (Linux only); `user` and
 * `system` are that time, in microseconds a request.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net'
import { pathToFileURL } from 'node:url'
import { createApp } from '../src/http/app.ts'
import { Lane } from '../src/http/lane/lane.ts'
import { listen } from '../src/http/listen.ts'
import { parseDsl } from '../src/model/dsl.ts'
import type { Kith } from '../src/service/kith.ts'
import { kithOver } from '../src/service/open.ts'
import { openStorage } from '../src/storage/open.ts'
import { median } from './lib/figures.ts'
import { ratioOf } from './lib/pairs.ts'

const kinds = ['floor', 'socket', 'door lane', 'door app', 'service lane', 'service app'] as const
type Kind = (typeof kinds)[number]

const connections = 32
const users = 1_000
const groups = 100
const agents = 500
const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type agent
  relations
    define viewer: [user, group#member]
`

/** Agent a is shared with group a % groups; user u is in group u % groups; so who may see what is arithmetic. */
const mayView = (user: number, agent: number): boolean => user % groups === agent % groups

async function smallKith(): Promise<{ kith: Kith; store: string }> {
  const kith = kithOver(await openStorage({ memory: true }))
  const { id: store } = await kith.createStore('bench')
  await kith.writeModel({ store, json: await parseDsl(dsl) })
  const tuples = [
    ...Array.from({ length: users }, (_, u) => ({
      object: `group:g${u % groups}`,
      relation: 'member',
      subject: `user:u${u}`,
    })),
    ...Array.from({ length: agents }, (_, a) => ({
      object: `agent:a${a}`,
      relation: 'viewer',
      subject: `group:g${a % groups}#member`,
    })),
  ]
  for (let at = 0; at < tuples.length; at += 100)
    await kith.write({ store, writes: tuples.slice(at, at + 100) })
  return { kith, store }
}

/** Answers by the numbers at the end of the names. */
function doorKith(): { kith: Kith; store: string } {
  const zookie = 'A'.repeat(44)
  const model = '01J0000000000000000000000B'
  const number = (name: string) => Number(name.slice(name.search(/\d/)))
  const kith: Pick<Kith, 'check'> = {
    check: async ({ tuple }) => ({
      zookie,
      model,
      allowed: mayView(number(tuple.subject), number(tuple.object)),
      resolution: '',
    }),
  }
  return { kith: kith as Kith, store: '01J0000000000000000000000A' }
}

/** The floor's answer is right where the others' is: it is computed from the same names. */
function floor(): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { tuple_key } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const allowed = mayView(Number(tuple_key.user.slice(6)), Number(tuple_key.object.slice(7)))
      const body = JSON.stringify({ allowed, resolution: '' })
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
}

/** Every answer says yes: nobody judges it. */
function socket(): Promise<number> {
  const body = JSON.stringify({ allowed: true, resolution: '' })
  const id = 'x'.repeat(36)
  const bytes = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nfga-query-duration-ms: 0\r\nfga-request-id: ${id}\r\nkith-zookie: ${'A'.repeat(44)}\r\nopenfga-authorization-model-id: ${'0'.repeat(26)}\r\nopenfga-store-id: ${'0'.repeat(26)}\r\nx-request-id: ${id}\r\nContent-Length: ${body.length}\r\nDate: Sun, 22 Nov 2026 18:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n${body}`,
  )
  const server = createSocketServer({ noDelay: true }, (each) => {
    each.on('error', () => {})
    each.on('data', () => each.write(bytes))
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
}

async function serve(kind: Kind): Promise<void> {
  if (kind === 'floor' || kind === 'socket') {
    const port = await (kind === 'floor' ? floor() : socket())
    console.log(JSON.stringify({ port, store: '01J0000000000000000000000A' }))
    return
  }
  const { kith, store } = kind.startsWith('door') ? doorKith() : await smallKith()
  const lane = kind.endsWith('lane') ? new Lane(kith) : undefined
  const { address } = await listen(createApp(kith), { host: '127.0.0.1', port: 0 }, { lane })
  console.log(JSON.stringify({ port: Number(new URL(address).port), store }))
}

interface Served {
  readonly kind: Kind
  readonly child: ChildProcess
  readonly port: number
  readonly store: string
}

function start(kind: Kind): Promise<Served> {
  const child = spawn(
    'taskset',
    ['-c', '0', process.execPath, '--import', 'tsx', import.meta.filename, '--serve', kind],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  process.once('exit', () => child.kill())
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)))
    child.stdout?.once('data', (line: Buffer) => resolve({ kind, child, ...JSON.parse(line.toString()) }))
  })
}

interface Round {
  readonly perSecond: number
  readonly p99Ms: number
  /** Requests per second of processor time. */
  readonly capacity: number
  /** Of the server's processor time, microseconds a request. */
  readonly user: number
  readonly system: number
  /** Of its core. */
  readonly clientShare: number
}

/** Seconds of processor time of a process so far; in ticks of 10 ms. */
function processorSeconds({ child }: Served): { readonly user: number; readonly system: number } {
  // After the name in brackets: state is the 3rd field, user and system time the 14th and 15th.
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return { user: Number(fields[11]) / 100, system: Number(fields[12]) / 100 }
}

/** One request at a time on every connection, as the fastest of clients would ask. @throws Error: a wrong answer */
function round(served: Served, seconds: number): Promise<Round> {
  const { port, store } = served
  const questions = Array.from({ length: 4_096 }, (_, i) => {
    const user = (i * 7_919) % users
    const agent = i % 2 === 0 ? user % agents : (i * 104_729) % agents
    const body = JSON.stringify({
      tuple_key: { user: `user:u${user}`, relation: 'viewer', object: `agent:a${agent}` },
    })
    const head = `POST /stores/${store}/check HTTP/1.1\r\nhost: localhost:${port}\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    return { bytes: Buffer.from(head + body), expected: mayView(user, agent) ? 't' : 'f' }
  })
  const times: number[] = []
  const until = performance.now() + seconds * 1_000
  let next = 0
  const drive = () =>
    new Promise<void>((resolve, reject) => {
      const buffer = Buffer.alloc(4_096)
      let expected = ''
      let asked = 0
      const ask = () => {
        const question = questions[next++ % questions.length]
        if (question === undefined) return
        expected = question.expected
        asked = performance.now()
        socket.write(question.bytes)
      }
      const socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer,
          callback(length, bytes) {
            const now = performance.now()
            times.push(now - asked)
            // `HTTP/1.1 200`, and the body's `{"allowed":t`, whose end is known.
            const at = length - (expected === 't' ? 32 : 33)
            const isRight = bytes[at + 11] === expected.charCodeAt(0) || served.kind === 'socket'
            if (bytes[9] !== 50 || at < 0 || !isRight) {
              reject(new Error(`a wrong answer: ${Buffer.from(bytes).toString('latin1', 0, length)}`))
              socket.destroy()
            } else if (now < until) ask()
            else socket.destroy()
            return true
          },
        },
      })
      socket.once('connect', ask)
      socket.once('error', reject)
      socket.once('close', () => resolve())
    })
  const began = performance.now()
  const [spent, used] = [processorSeconds(served), process.cpuUsage()]
  return Promise.all(Array.from({ length: connections }, drive)).then(() => {
    const elapsed = performance.now() - began
    times.sort((a, b) => a - b)
    const { user, system } = process.cpuUsage(used)
    const taken = processorSeconds(served)
    const each = { user: taken.user - spent.user, system: taken.system - spent.system }
    return {
      perSecond: (times.length * 1_000) / elapsed,
      p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
      capacity: times.length / (each.user + each.system),
      user: (each.user * 1e6) / times.length,
      system: (each.system * 1e6) / times.length,
      clientShare: (user + system) / 1_000 / elapsed,
    }
  })
}

const round2 = (value: number): number => Math.round(value * 100) / 100

async function main(rounds: number, seconds: number): Promise<void> {
  const servers = new Map<Kind, Served>()
  for (const kind of kinds) servers.set(kind, await start(kind))
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
  const seen = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]))
  // The first is for the compilers.
  for (let n = -1; n < rounds; n++) {
    for (const kind of n % 2 === 0 ? kinds : kinds.toReversed()) {
      const served = servers.get(kind)
      if (served === undefined) continue
      const result = await round(served, n < 0 ? 1 : seconds)
      if (n >= 0) seen.get(kind)?.push(result)
    }
  }
  const all = (kind: Kind, name: keyof Round) => (seen.get(kind) ?? []).map((each) => each[name])
  const figure = (kind: Kind, name: keyof Round) => median(all(kind, name))
  const toFloor = (kind: Kind, name: keyof Round) =>
    round2(ratioOf(all(kind, name), all('floor', name)).median)
  const ratios = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      {
        rate: toFloor(kind, 'perSecond'),
        capacity: toFloor(kind, 'capacity'),
        user: round2(figure(kind, 'user')),
        system: round2(figure(kind, 'system')),
        p99: toFloor(kind, 'p99Ms'),
        clientShare: round2(figure(kind, 'clientShare')),
      },
    ]),
  )
  console.table(ratios)
  console.log(
    JSON.stringify({ rounds, seconds, floorPerSecond: Math.round(figure('floor', 'perSecond')), ratios }),
  )
  for (const { child } of servers.values()) child.kill('SIGINT')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv[2] === '--serve') {
    process.once('SIGINT', () => process.exit(0))
    await serve(process.argv[3] as Kind)
  } else await main(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 2))
}
