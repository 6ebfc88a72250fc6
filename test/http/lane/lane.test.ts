/** Sockets of the lane: slow and silent clients, overdue answers, hanging up, closing. Time is injected. */
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { Lane, type LaneTime } from '../../../src/http/lane/lane.ts'
import { listen } from '../../../src/http/listen.ts'
import { Fault } from '../../../src/lib/fault.ts'
import type { Kith } from '../../../src/service/kith.ts'
import type { CheckAnswer } from '../../../src/service/requests.ts'
import { fake, modelId, zookie } from '../fake.ts'
import { farEndOf, hasClosed, hasRead } from '../far-end.ts'
import { body, post, writing } from './twins.ts'

const allowed: CheckAnswer = { zookie, model: modelId, allowed: true, resolution: '' }
const request = post(body('1'))

/** A clock that stands until it is moved; what is due every now and then is due at every move. */
class Hand implements LaneTime {
  #now = 1_000
  #ticks = new Set<() => void>()

  now(): number {
    return this.#now
  }

  every(_ms: number, tick: () => void): () => void {
    this.#ticks.add(tick)
    return () => this.#ticks.delete(tick)
  }

  move(ms: number): void {
    this.#now += ms
    for (const tick of this.#ticks) tick()
  }

  get ticks(): number {
    return this.#ticks.size
  }
}

async function start(kith: Partial<Kith> = { check: async () => allowed }, connectionsMax?: number) {
  const hand = new Hand()
  const reports: unknown[] = []
  const { kith: asked, calls } = fake(kith)
  const lane = new Lane(asked, {
    time: hand,
    requestTimeoutMs: 5_000,
    onInternalFault: (fault, about) => reports.push([fault.code, about]),
  })
  const listening = await listen(createApp(asked), { host: '127.0.0.1', port: 0 }, { lane, connectionsMax })
  onTestFinished(() => listening.close(0))
  return {
    hand,
    lane,
    listening,
    reports,
    calls,
    open: () => open(Number(new URL(listening.address).port)),
    narrow: () => {
      const server = createServer()
      lane.attach(server, { firstByteMs: 10_000, keepAliveMs: 65_000, idleMs: 120_000 })
      const narrow = new Narrow()
      server.emit('connection', narrow)
      return { socket: narrow, written: narrow.written, release: () => narrow.release() }
    },
  }
}

/** A socket whose every write fills it, until it is released. */
class Narrow extends Duplex {
  readonly written: string[] = []
  #taken: (() => void) | undefined

  constructor() {
    super({ writableHighWaterMark: 1, emitClose: true })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.written.push(chunk.toString())
    this.#taken = taken
  }

  destroySoon(): void {
    this.end(() => this.destroy())
  }

  release(): void {
    this.#taken?.()
  }
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve))
}

/** A client that collects what it gets. */
class Client {
  readonly socket: Socket
  text = ''
  ended = false
  #changed: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.text += chunk
      this.#changed()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.#changed()
    })
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  answers(count: number): Promise<void> {
    return this.until(() => this.text.split('HTTP/1.1 ').length > count)
  }

  end(): Promise<void> {
    return this.until(() => this.ended)
  }
}

async function open(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const client = new Client(socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  return client
}

/** A check that waits to be let go, and what tells that it was asked. */
function held() {
  const waiting: { resolve: (answer: CheckAnswer) => void; reject: (thrown: unknown) => void }[] = []
  let arrived: () => void = () => {}
  return {
    waiting,
    kith: {
      check: () =>
        new Promise<CheckAnswer>((resolve, reject) => {
          waiting.push({ resolve, reject })
          arrived()
        }),
    },
    async asked(count: number): Promise<void> {
      while (waiting.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
    },
  }
}

describe('clients that rest', () => {
  test('without a byte: closed when the first one is overdue', async () => {
    const { hand, open } = await start()
    const client = await open()
    await farEndOf(client.socket)
    hand.move(9_999)
    expect(client.ended).toBe(false)
    hand.move(1)
    await client.end()
    expect(client.text).toBe('')
  })

  test('after an answer: closed when the connection has been kept long enough', async () => {
    const { hand, open } = await start()
    const client = await open()
    client.socket.write(request)
    await client.answers(1)
    hand.move(64_999)
    client.socket.write(request)
    await client.answers(2)
    hand.move(64_999)
    client.socket.write(request)
    await client.answers(3)
    hand.move(65_000)
    await client.end()
  })

  test('in the middle of a request: node:http has them, and its timeouts', async () => {
    const { hand, lane, open } = await start()
    const client = await open()
    client.socket.write(request.subarray(0, 20))
    await hasRead(await farEndOf(client.socket), 20)
    expect(lane.counts.handedOver).toBe(1)
    hand.move(1_000_000)
    client.socket.write(request.subarray(20))
    await client.answers(1)
    expect(client.text).toContain('"allowed":true')
    expect(lane.counts).toEqual({ answered: 0, handedOver: 1 })
  })

  test('and do not take their answers: nothing more is read or asked, then they are cut', async () => {
    const { hand, calls, narrow } = await start()
    const { socket, release, written } = narrow()
    socket.push(Buffer.concat([request, request, request]))
    await until(() => written.length === 1)
    expect(calls.length).toBe(1)
    expect(socket.isPaused()).toBe(true)
    release()
    await until(() => written.length === 2)
    expect(calls.length).toBe(2)
    socket.push(request)
    hand.move(119_999)
    expect(socket.destroyed).toBe(false)
    hand.move(1)
    expect(socket.destroyed).toBe(true)
    expect(calls.length).toBe(2)
  })

  test('and take them late: what came meanwhile is answered, the end as well', async () => {
    const { hand, narrow } = await start()
    const { socket, release, written } = narrow()
    socket.push(request)
    await until(() => written.length === 1)
    socket.push(request)
    socket.push(null)
    hand.move(119_999)
    release()
    await until(() => written.length === 2)
    expect(socket.isPaused()).toBe(true)
    release()
    await until(() => socket.destroyed)
    expect(written.join('').split('HTTP/1.1 200 OK').length - 1).toBe(2)
  })
})

describe('overdue answers', () => {
  test('are refused as the app does, and what comes late is not heard', async () => {
    const { kith, waiting, asked } = held()
    const { hand, lane, open } = await start(kith)
    const client = await open()
    client.socket.write(Buffer.concat([request, post(body('2'))]))
    await asked(1)
    hand.move(4_999)
    expect(lane.counts.answered).toBe(0)
    hand.move(1)
    await client.answers(1)
    expect(client.text).toContain('HTTP/1.1 500 Internal Server Error\r\n')
    expect(client.text).toContain('{"code":"deadline_exceeded","message":"Request Deadline Exceeded"}')
    await asked(2)
    waiting[0]?.resolve({ ...allowed, allowed: false })
    waiting[1]?.resolve(allowed)
    await client.answers(2)
    expect(client.text).toContain('"allowed":true')
    expect(client.text).not.toContain('"allowed":false')
    expect(lane.counts.answered).toBe(2)
  })
})

describe('writes', () => {
  const written = { zookie, model: modelId, written: 1, deleted: 0 }
  const write = post(writing('1'), { verb: 'write' })

  /** A server whose writes wait to be let go. */
  async function waiting() {
    const release: (() => void)[] = []
    const started = await start({
      write: () => new Promise((resolve) => release.push(() => resolve(written))),
    })
    const client = await started.open()
    client.socket.write(write)
    await until(() => release.length === 1)
    return { ...started, client, release: () => release[0]?.() }
  }

  test('are not called late: what is answered is what became of them', async () => {
    const { hand, client, release } = await waiting()
    hand.move(5_000)
    hand.move(114_999)
    expect(client.text).toBe('')
    release()
    await client.answers(1)
    expect(client.text).toContain('HTTP/1.1 200 OK\r\n')
    expect(client.text).toContain(`kith-zookie: ${zookie}\r\n`)
    expect(client.text.endsWith('\r\n\r\n{}')).toBe(true)
  })

  test('that take as long as node:http lets a socket rest end without an answer', async () => {
    const { hand, client, release } = await waiting()
    hand.move(120_000)
    await client.end()
    release()
    expect(client.text).toBe('')
  })

  test('are answered before a connection drains', async () => {
    const { client, lane, listening, release } = await waiting()
    const closed = listening.close(10_000)
    lane.drain()
    release()
    await client.end()
    await closed
    expect(client.text).toContain('Connection: close\r\n')
    expect(client.text.endsWith('\r\n\r\n{}')).toBe(true)
  })
})

describe('while a request is being answered', () => {
  test('what comes behind it waits, in order, however it is cut', async () => {
    const { kith, waiting, asked } = held()
    const { open, lane } = await start(kith)
    const client = await open()
    const other = await open()
    const passed = async (bytes: Buffer, count: number) => {
      client.socket.write(bytes)
      // The server has read it once somebody who came later was answered.
      other.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
      await other.answers(count)
    }
    const ids = ['a', 'b', 'c', 'd'].map((id) => post(body(id), { headers: [`X-Request-Id: ${id}`] }))
    const [a = request, b = request, c = request, d = request] = ids
    await passed(Buffer.concat([a, b.subarray(0, 30)]), 1)
    await asked(1)
    await passed(b.subarray(30), 2)
    await passed(c, 3)
    await passed(d, 4)
    waiting[0]?.resolve(allowed)
    for (const n of [1, 2, 3]) {
      await asked(n + 1)
      waiting[n]?.resolve(allowed)
    }
    await client.answers(4)
    expect([...client.text.matchAll(/^x-request-id: (.*)\r$/gm)].map(([, id]) => id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
    expect(lane.counts).toEqual({ answered: 1, handedOver: 2 })
  })

  test('whole requests that come one by one stay in the lane', async () => {
    const { kith, waiting, asked } = held()
    const { lane, narrow } = await start(kith)
    const { socket, release, written } = narrow()
    for (const part of [request, request, request]) socket.push(part)
    for (const n of [1, 2, 3]) {
      await asked(n)
      waiting[n - 1]?.resolve(allowed)
      await until(() => written.length === n)
      release()
    }
    expect(lane.counts).toEqual({ answered: 3, handedOver: 0 })
  })

  test.each([
    ['in the same segment', [Buffer.concat([request, request.subarray(0, 30)])]],
    ['in another', [request, request.subarray(0, 30)]],
  ])('half a request and the end behind it, %s: the answer, then node:http’s word', async (_, parts) => {
    const { kith, waiting, asked } = held()
    const { open } = await start(kith)
    const client = await open()
    const other = await open()
    for (const [n, part] of parts.entries()) {
      client.socket.write(part)
      await asked(1)
      other.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
      await other.answers(n + 1)
    }
    client.socket.end()
    other.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
    await other.answers(parts.length + 1)
    waiting[0]?.resolve(allowed)
    await client.end()
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK[\s\S]*"allowed":true[\s\S]*HTTP\/1.1 400 Bad Request/)
  })
})

describe('clients that hang up', () => {
  test('before the answer: nobody hears it, and its fault is not reported', async () => {
    const { kith, waiting, asked } = held()
    const { lane, open, reports } = await start(kith)
    const client = await open()
    client.socket.write(request)
    await asked(1)
    const end = await farEndOf(client.socket)
    client.socket.resetAndDestroy()
    await hasClosed(end)
    const other = await open()
    other.socket.write(request)
    await asked(2)
    waiting[0]?.reject(new Fault('internal_error', 'x'))
    waiting[1]?.resolve(allowed)
    await other.answers(1)
    expect(reports).toEqual([])
    expect(lane.counts.answered).toBe(1)
  })

  test('but still listen: the answer, then the end', async () => {
    const { kith, waiting, asked } = held()
    const { open } = await start(kith)
    const client = await open()
    client.socket.end(request)
    await asked(1)
    waiting[0]?.resolve(allowed)
    await client.end()
    expect(client.text).toContain('"allowed":true')
  })
})

const connectionsOf = (text: string) => [...text.matchAll(/^Connection: (.*)\r$/gm)].map(([, value]) => value)

describe('closing', () => {
  test('ends what has rested, what is busy after its answers, and stops its timer', async () => {
    const { kith, waiting, asked } = held()
    const { hand, listening, open } = await start(kith)
    const [idle, busy] = [await open(), await open()]
    idle.socket.write(request)
    await asked(1)
    waiting[0]?.resolve(allowed)
    await idle.answers(1)
    busy.socket.write(Buffer.concat([request, request]))
    await asked(2)
    hand.move(200)
    const closed = listening.close(60_000)
    await idle.end()
    expect(busy.ended).toBe(false)
    waiting[1]?.resolve(allowed)
    await asked(3)
    waiting[2]?.resolve(allowed)
    await Promise.all([busy.end(), closed])
    expect(busy.text.split('HTTP/1.1 200 OK').length - 1).toBe(2)
    // The last answer says that it is the last.
    expect(connectionsOf(busy.text)).toEqual(['keep-alive', 'close'])
    expect(hand.ticks).toBe(0)
  })

  test('lets a client that has just been answered ask once more, and tells it that this was all', async () => {
    const { hand, listening, open } = await start()
    const [asking, silent] = [await open(), await open()]
    for (const client of [asking, silent]) {
      client.socket.write(request)
      await client.answers(1)
    }
    hand.move(199)
    const closed = listening.close(60_000)
    asking.socket.write(request)
    await asking.end()
    expect(connectionsOf(asking.text)).toEqual(['keep-alive', 'close'])
    expect(silent.ended).toBe(false)
    hand.move(1)
    await Promise.all([silent.end(), closed])
    expect(connectionsOf(silent.text)).toEqual(['keep-alive'])
  })

  test('a refusal that is the last says so too', async () => {
    const { kith, waiting, asked } = held()
    const { listening, open } = await start(kith)
    const client = await open()
    client.socket.write(request)
    await asked(1)
    const closed = listening.close(60_000)
    waiting[0]?.reject(new Fault('unavailable', 'later'))
    await Promise.all([client.end(), closed])
    expect(client.text).toContain('HTTP/1.1 503 ')
    expect(connectionsOf(client.text)).toEqual(['close'])
  })

  test('cuts what does not end in time', async () => {
    const { kith, asked } = held()
    const { listening, open } = await start(kith)
    const client = await open()
    client.socket.write(request)
    await asked(1)
    await Promise.all([listening.close(1), client.end()])
    expect(client.text).toBe('')
  })

  test('ends what was handed over as node:http does', async () => {
    const { listening, open } = await start()
    const client = await open()
    client.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.answers(1)
    await Promise.all([listening.close(60_000), client.end()])
  })
})

test('connections beyond the cap are closed, whoever would have answered them', async () => {
  const { open } = await start(undefined, 2)
  const [one, other] = [await open(), await open()]
  one.socket.write(request)
  await one.answers(1)
  other.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
  await other.answers(1)
  const third = await open()
  third.socket.write(request)
  await third.end()
  expect(third.text).toBe('')
  one.socket.end()
  await one.end()
  const fourth = await open()
  fourth.socket.write(request)
  await fourth.answers(1)
})

test('a fault of ours is reported with what was asked', async () => {
  const { open, reports } = await start({ check: () => Promise.reject(new Error('x')) })
  const client = await open()
  client.socket.write(post(body('1'), { headers: ['X-Request-Id: r1'] }))
  await client.answers(1)
  expect(reports).toEqual([
    ['internal_error', { id: 'r1', method: 'POST', path: '/stores/01J0000000000000000000000A/check' }],
  ])
})
