/** Real sockets: TCP and unix, stale files, draining, clients that hang up. */
import { type EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import type { Variables } from '../../src/http/exchange.ts'
import { pagesOf } from '../../src/http/lines.ts'
import { type Listening, listen, type Place } from '../../src/http/listen.ts'
import type { Kith } from '../../src/service/kith.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'

const loopback: Place = { host: '127.0.0.1', port: 0 }
const s = `/stores/${storeId}`
const v1 = `/v1/stores/${storeId}`
const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }

async function serve(kith: Partial<Kith>, place: Place = loopback): Promise<Listening> {
  const listening = await listen(createApp(fake(kith).kith), place)
  onTestFinished(() => listening.close(0))
  return listening
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kith-listen-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

function getOver(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', reject)
    asking.end()
  })
}

/** All that is answered to these bytes, whose last request says `Connection: close`. */
function saidOver(address: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      said += text
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(said))
  })
}

describe('answers behind others on their connection', () => {
  const three = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3)

  test('are told when it is gone, and nothing waits for them', { timeout: 20_000 }, async () => {
    const answers: EventEmitter[] = []
    const closed: string[] = []
    const app = new Hono<{ Variables: Variables }>()
    const arrived = new Promise<void>((resolve) => {
      app.get('/slow', ({ env }) => {
        const name = `answer ${answers.push((env as HttpBindings).outgoing)}`
        answers.at(-1)?.on('close', () => closed.push(name))
        if (answers.length === 3) resolve()
        return new Promise<Response>(() => {})
      })
    })
    const listening = await listen(app, loopback)
    const socket = connect(Number(new URL(listening.address).port), '127.0.0.1', () => socket.write(three))
    await arrived
    const told = Promise.all(answers.map((answer) => once(answer, 'close')))
    socket.resetAndDestroy()
    await told
    expect(closed.sort()).toEqual(['answer 1', 'answer 2', 'answer 3'])
    // Far longer than the test may take: it ends because nobody is left.
    await listening.close(600_000)
  })
})

describe('headers', () => {
  test('are read as they stand, behind however many others, repeated or in odd cases', async () => {
    const { address } = await serve({})
    const ask = (headers: string) =>
      saidOver(address, `GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`)
    expect(await ask(`${'a:\r\n'.repeat(3_000)}X-Request-Id: mine\r\n`)).toContain('x-request-id: mine\r\n')
    expect(await ask('x-REQUEST-id:  mine \r\n')).toContain('x-request-id: mine\r\n')
    // Joined, it is none.
    expect(await ask('X-Request-Id: mine\r\nX-Request-Id: other\r\n')).not.toContain('mine')
    expect(await ask('Accept: text/plain\r\nAccept: application/msgpack\r\n')).toContain(
      'application/msgpack',
    )
  })

  test('that say what a body is count as one, and one that is not MessagePack makes it JSON', async () => {
    const { address } = await serve({
      check: async () => ({ zookie, model: modelId, allowed: true, resolution: '' }),
    })
    const body = '{"tuple_key":{"user":"user:anne","relation":"viewer","object":"document:1"}}'
    const ask = (types: readonly string[]) =>
      saidOver(
        address,
        `POST /stores/${storeId}/check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Content-Length: ${body.length}\r\n${types.map((type) => `Content-Type: ${type}\r\n`).join('')}\r\n${body}`,
      )
    const [json, packed] = ['application/json', 'application/msgpack']
    for (const types of [[], [json], [json, packed], [packed, json], ['', packed]]) {
      expect(await ask(types)).toContain('"allowed":true')
    }
    expect(await ask([packed])).toContain('HTTP/1.1 400 ')
  })
})

describe('addresses', () => {
  test('TCP', async () => {
    const { address } = await serve({})
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await (await fetch(`${address}/livez`)).json()).toEqual({ status: 'SERVING' })
  })

  test('a port that is taken', async () => {
    const { address } = await serve({})
    const port = Number(new URL(address).port)
    await expect(serve({}, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('a unix socket, which is gone after closing', async () => {
    const path = join(folder(), 'kith.sock')
    const listening = await serve({}, { path })
    expect(listening.address).toBe(`unix:${path}`)
    expect(statSync(path).mode & 0o777).toBe(0o660)
    expect(await getOver(path, '/livez')).toBe(200)
    await listening.close(0)
    expect(existsSync(path)).toBe(false)
  })

  test.each([0o600, 0o666])(
    'a unix socket of mode %o, whatever the mask of the process',
    async (socketMode) => {
      const path = join(folder(), 'kith.sock')
      const before = process.umask(0o077)
      onTestFinished(() => void process.umask(before))
      const listening = await listen(createApp(fake({}).kith), { path }, { socketMode })
      onTestFinished(() => listening.close(0))
      expect(statSync(path).mode & 0o777).toBe(socketMode)
      expect(process.umask()).toBe(0o077)
    },
  )

  test('a socket file that a crash left behind is taken over', async () => {
    const path = join(folder(), 'kith.sock')
    await leaveStale(path)
    await serve({}, { path })
    expect(await getOver(path, '/livez')).toBe(200)
  })

  test('a socket that somebody answers on is not', async () => {
    const path = join(folder(), 'kith.sock')
    await serve({}, { path })
    await expect(serve({}, { path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await getOver(path, '/livez')).toBe(200)
  })

  test('another file is not', async () => {
    const path = join(folder(), 'data')
    writeFileSync(path, 'precious')
    await expect(serve({}, { path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(statSync(path).size).toBe(8)
  })
})

describe('closing', () => {
  const slow = () => {
    const { promise: released, resolve: release } = gate<void>()
    const { promise: asked, resolve: arrived } = gate<void>()
    const kith: Partial<Kith> = {
      async check() {
        arrived()
        await released
        return { zookie, model: modelId, allowed: true, resolution: '' }
      },
    }
    return { kith, asked, release }
  }
  const check = (address: string) =>
    fetch(`${address}${s}/check`, { method: 'POST', body: JSON.stringify({ tuple_key: key }) })

  test('lets what is under way end, and takes no more', async () => {
    const { kith, asked, release } = slow()
    const listening = await serve(kith)
    const answer = check(listening.address)
    await asked
    const closed = listening.close(60_000)
    await expect(fetch(`${listening.address}/livez`)).rejects.toThrow()
    release()
    const { status, headers } = await answer
    // So that the client does not ask again on a connection that is about to go.
    expect({ status, connection: headers.get('connection') }).toEqual({ status: 200, connection: 'close' })
    await closed
  })

  test('lets an answer that was made be taken', async () => {
    // More than the sockets on its way hold.
    const resolution = 'x'.repeat(24 << 20)
    const listening = await serve({
      check: async () => ({ zookie, model: modelId, allowed: true, resolution }),
    })
    const socket = connect(Number(new URL(listening.address).port), '127.0.0.1')
    const content = JSON.stringify({ tuple_key: key })
    socket.write(`POST ${s}/check HTTP/1.1\r\nHost: a\r\nContent-Length: ${content.length}\r\n\r\n${content}`)
    await new Promise<void>((resolve) => socket.once('readable', resolve))
    const closed = listening.close(60_000)
    let taken = 0
    for await (const chunk of socket) taken += (chunk as Buffer).length
    expect(taken).toBeGreaterThan(resolution.length)
    await closed
  })

  test('cuts what does not end in time', async () => {
    const { kith, asked } = slow()
    const listening = await serve(kith)
    const answer = check(listening.address)
    await asked
    await Promise.all([listening.close(1), expect(answer).rejects.toThrow()])
  })

  test('does not wait for idle connections', async () => {
    const listening = await serve({})
    const agent = new Agent({ keepAlive: true })
    await new Promise<void>((resolve, reject) => {
      const asking = request(`${listening.address}/livez`, { agent }, (response) => {
        response.resume().on('end', resolve)
      })
      asking.on('error', reject)
      asking.end()
    })
    await listening.close(60_000)
    agent.destroy()
  })
})

describe('clients that hang up', () => {
  test('end a stream at its source', async () => {
    const { promise: ended, resolve } = gate<void>()
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield `document:${i}`
      } finally {
        resolve()
      }
    }
    const { address } = await serve({
      streamListObjects: async () => ({
        zookie,
        model: modelId,
        objects: endless(),
        pages: pagesOf(endless(), 1),
      }),
    })
    const body = JSON.stringify({ type: 'document', relation: 'viewer', user: 'user:anne' })
    const response = await fetch(`${address}${s}/streamed-list-objects`, { method: 'POST', body })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await ended
  })

  test('end an import at its source', async () => {
    const { promise: broken, resolve } = gate<unknown>()
    const { promise: started, resolve: start } = gate<void>()
    const { address } = await serve({
      async importTuples(_request, tuples) {
        try {
          for await (const _ of tuples) start()
          resolve(undefined)
        } catch (thrown) {
          resolve(thrown)
        }
        return { zookie, model: modelId, written: 0, skipped: 0 }
      },
    })
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.write(
      `POST ${v1}/import HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${JSON.stringify(key)}\n`,
    )
    await started
    socket.destroy()
    expect(await broken).toBeInstanceOf(Error)
  })
})

test('a body refused half way is read to its end: the connection takes the next request', async () => {
  const { address } = await serve({
    async importTuples(_request, tuples) {
      for await (const _ of tuples);
      return { zookie, model: modelId, written: 0, skipped: 0 }
    },
  })
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  const body = `{bad\n${'x'.repeat(2_000_000)}`
  socket.write(`POST ${v1}/import HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let got = ''
  for await (const chunk of socket) got += chunk
  expect(got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200'])
})

describe('what is not HTTP', () => {
  test.each<[string, string, number]>([
    ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
    ['a Host that is none', 'GET /livez HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n', 400],
    [
      'two lengths',
      'POST /stores HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    [
      'a length and chunks',
      'POST /stores HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
      400,
    ],
    ['headers without end', `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`, 431],
    [
      'a body too large, declared',
      `POST /stores HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 999999999\r\n\r\n{`,
      413,
    ],
  ])('%s', async (_, text, status) => {
    const { address } = await serve({})
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.write(text)
    const answer = await new Promise<string>((resolve, reject) => {
      let got = ''
      socket.on('data', (chunk) => {
        got += chunk
        if (got.includes('\r\n\r\n')) resolve(got)
      })
      socket.on('end', () => resolve(got))
      socket.on('error', reject)
    })
    socket.destroy()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })
})

/** A promise and what settles it. */
function gate<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A listener on a file that is then moved away and back, so that closing does not remove it. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  renameSync(path, `${path}.kept`)
  await new Promise((resolve) => server.close(resolve))
  renameSync(`${path}.kept`, path)
}
