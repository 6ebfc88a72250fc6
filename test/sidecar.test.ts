import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { Graph } from '../src/engine/resident/graph.ts'
import type { Log } from '../src/lib/log.ts'
import { openInMemory, startSidecar } from '../src/sidecar.ts'
import { openStorage } from '../src/storage/open.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kith-sidecar-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const quiet: Log = () => {}

function statusOver(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
}

/** Over a connection of its own; undefined where none is to be had. */
function statusAt(
  address: string | undefined,
  path: string,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asking = request(`${address}${path}`, { agent: false, headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
}

function gate() {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

async function configIn(path: string, overrides: Record<string, string | boolean> = {}) {
  return readConfig({ data: join(path, 'data'), listen: '127.0.0.1:0', drain: '1000', ...overrides }, {})
}

test('serves, stops, and serves again what was written; stopping twice is stopping once', async () => {
  const path = await folder()
  const config = await configIn(path)
  const first = await startSidecar(config, quiet)
  const created = await fetch(`${first.address}/stores`, {
    method: 'POST',
    body: JSON.stringify({ name: 'kept' }),
  })
  expect(created.status).toBe(201)
  const { id } = (await created.json()) as { id: string }
  expect((await fetch(`${first.address}/readyz`)).status).toBe(200)
  expect(first.kith.unready).toBeUndefined()
  const stopping = first.stop()
  expect(first.kith.unready).toBe('the sidecar is stopping')
  await Promise.all([stopping, first.stop()])
  await expect(fetch(`${first.address}/readyz`)).rejects.toThrow()

  const second = await startSidecar(config, quiet)
  onTestFinished(() => second.stop())
  const read = await fetch(`${second.address}/stores/${id}`)
  expect(await read.json()).toMatchObject({ id, name: 'kept' })
})

test('where nobody says who it is, a page whose name was bent to this machine reads nothing', async () => {
  const bent = async (options: Record<string, string>) => {
    const sidecar = await startSidecar(await configIn(await folder(), options), quiet)
    onTestFinished(() => sidecar.stop())
    return statusAt(sidecar.address, '/stores', { Host: 'evil.example' })
  }
  expect(await bent({})).toBe(403)
  expect(await bent({ 'cors-origins': 'http://evil.example' })).toBe(200)
})

test('listens on a unix socket', async () => {
  const path = await folder()
  const socket = join(path, 'k.sock')
  const sidecar = await startSidecar(await configIn(path, { listen: `unix:${socket}` }), quiet)
  onTestFinished(() => sidecar.stop())
  expect(sidecar.address).toBe(`unix:${socket}`)
})

test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.org:0'])(
  '%s is refused before anything is opened, unless insecure is spelled out',
  async (listen) => {
    const path = await folder()
    await expect(startSidecar(await configIn(path, { listen }), quiet)).rejects.toThrow(
      /can be reached from other machines.*--insecure/,
    )
  },
)

test('callers that say who they are may come from anywhere', async () => {
  const path = await folder()
  await writeFile(join(path, 'callers'), `web key:${'k'.repeat(40)} check\n`)
  const options = { listen: '0.0.0.0:0', auth: 'keys', 'callers-file': join(path, 'callers') }
  const sidecar = await startSidecar(await configIn(path, options), quiet)
  onTestFinished(() => sidecar.stop())
  const url = sidecar.address.replace('0.0.0.0', '127.0.0.1')
  const [stranger, web] = await Promise.all([
    fetch(`${url}/stores`),
    fetch(`${url}/stores`, { headers: { authorization: `Bearer ${'k'.repeat(40)}` } }),
  ])
  expect([stranger.status, web.status]).toEqual([401, 200])
})

test('insecure listens everywhere', async () => {
  const path = await folder()
  const sidecar = await startSidecar(await configIn(path, { listen: '0.0.0.0:0', insecure: true }), quiet)
  await sidecar.stop()
})

const storeFile = `name: demo
model: |
  model
    schema 1.1
  type user
  type document
    relations
      define viewer: [user]
tuples:
  - user: user:anne
    relation: viewer
    object: document:1
`

test('store files are in place before it serves, and again changes nothing', async () => {
  const path = await folder()
  const bootstrap = join(path, 'demo.fga.yaml')
  await writeFile(bootstrap, storeFile)
  const config = await configIn(path, { bootstrap })
  for (const _ of [1, 2]) {
    const sidecar = await startSidecar(config, quiet)
    const { stores } = await sidecar.kith.stores({})
    expect(stores.map(({ name }) => name)).toEqual(['demo'])
    const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
    expect((await sidecar.kith.check({ store: stores[0]?.id ?? '', tuple })).allowed).toBe(true)
    expect((await sidecar.kith.models({ store: stores[0]?.id ?? '' })).models).toHaveLength(1)
    await sidecar.stop()
  }
})

test('what fails to start leaves the folder free', async () => {
  const path = await folder()
  const config = await configIn(path, { bootstrap: join(path, 'missing.fga.yaml') })
  await expect(startSidecar(config, quiet)).rejects.toThrow('missing.fga.yaml')
  const sidecar = await startSidecar(await configIn(path), quiet)
  const { port } = new URL(sidecar.address)
  await expect(
    startSidecar(await configIn(await folder(), { listen: `127.0.0.1:${port}` }), quiet),
  ).rejects.toThrow('EADDRINUSE')
  await sidecar.stop()
})

test('a wrong answer from memory is logged with all that it takes to look into it, and counted', async () => {
  const logged: unknown[] = []
  const bootstrap = join(await folder(), 'demo.fga.yaml')
  await writeFile(bootstrap, storeFile)
  const config = await configIn(await folder(), { bootstrap, 'cache-sample': '1' })
  const sidecar = await startSidecar(config, (level, message, fields) => {
    if (level === 'error') logged.push([message, fields])
  })
  onTestFinished(() => sidecar.stop())
  const { kith } = sidecar
  const store = (await kith.stores({})).stores[0]?.id ?? ''
  const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
  const { model } = await kith.check({ store, tuple })
  // Memory that is hard of hearing.
  const apply = vi.spyOn(Graph.prototype, 'apply').mockImplementation(function (this: Graph, { revision }) {
    this.revision = revision
  })
  onTestFinished(() => apply.mockRestore())
  await kith.write({ store, deletes: [tuple] })
  expect((await kith.check({ store, tuple })).allowed).toBe(false)
  expect(logged).toEqual([
    [
      expect.stringContaining('memory gave a wrong answer'),
      {
        store,
        model,
        revision: expect.any(Number),
        tuple: 'document:1#viewer@user:anne',
        remembered: true,
        walked: false,
        reads: expect.arrayContaining(['tuple document:1#viewer@user:anne']),
      },
    ],
  ])
  const told = (await (await fetch(`${sidecar.address}/v1/debug`)).json()) as Record<string, unknown>
  // The request for these numbers left the fast lane.
  expect(told).toMatchObject({ samples: { taken: 2, mismatches: 1 }, lane: { answered: 0, handed_over: 1 } })
})

describe('an address for operators', () => {
  test('metrics and debug pages leave the first one, health answers on both', async () => {
    const config = await configIn(await folder(), { 'ops-listen': '127.0.0.1:0' })
    const sidecar = await startSidecar(config, quiet)
    onTestFinished(() => sidecar.stop())
    const statuses = async (address = '') =>
      Object.fromEntries(
        await Promise.all(
          ['/livez', '/readyz', '/healthz', '/startupz', '/v1/debug', '/stores', '/docs'].map(
            async (path) => [path, (await fetch(`${address}${path}`)).status] as const,
          ),
        ),
      )
    const health = { '/livez': 200, '/readyz': 200, '/healthz': 200 }
    expect(await statuses(sidecar.address)).toEqual({
      ...health,
      '/startupz': 404,
      '/v1/debug': 404,
      '/stores': 200,
      '/docs': 200,
    })
    expect(await statuses(sidecar.opsAddress)).toEqual({
      ...health,
      '/startupz': 200,
      '/v1/debug': 200,
      '/stores': 404,
      '/docs': 404,
    })
  })

  test('answers before it serves: alive, not ready, not started', async () => {
    const path = await folder()
    const ops = join(path, 'ops.sock')
    // A store file that is there only once somebody writes it.
    const bootstrap = join(path, 'demo.fga.yaml')
    execFileSync('mkfifo', [bootstrap])
    const config = await configIn(path, { 'ops-listen': `unix:${ops}`, bootstrap })
    const starting = startSidecar(config, quiet)
    const statuses = () =>
      Promise.all(['/livez', '/readyz', '/startupz'].map((page) => statusOver(ops, page)))
    while ((await statusOver(ops, '/livez')) === undefined);
    expect(await statuses()).toEqual([200, 503, 503])
    await writeFile(bootstrap, storeFile)
    const sidecar = await starting
    onTestFinished(() => sidecar.stop())
    expect(await statuses()).toEqual([200, 200, 200])
    expect(sidecar.opsAddress).toBe(`unix:${ops}`)
  })

  test('beyond this machine it is refused like the first one', async () => {
    const config = await configIn(await folder(), { 'ops-listen': '0.0.0.0:0' })
    await expect(startSidecar(config, quiet)).rejects.toThrow(/--ops-listen .* can be reached from other/)
  })

  test('what fails to start closes it', async () => {
    const path = await folder()
    const ops = join(path, 'ops.sock')
    const config = await configIn(path, {
      'ops-listen': `unix:${ops}`,
      bootstrap: join(path, 'missing.fga.yaml'),
    })
    await expect(startSidecar(config, quiet)).rejects.toThrow('missing.fga.yaml')
    expect(existsSync(ops)).toBe(false)
  })
})

test('stopping: not ready, served on, no more connections, what is under way, logs, data, and operators last', async () => {
  const path = await folder()
  const noticeMs = 5_000
  const config = await configIn(path, {
    'drain-notice': String(noticeMs),
    drain: '600000',
    'ops-listen': '127.0.0.1:0',
  })
  const { promise: flushing, resolve: flush } = gate()
  const { promise: flushed, resolve: finishFlush } = gate()
  const log: Log = Object.assign(() => {}, {
    flush: () => {
      flush()
      return flushed
    },
  })
  const sidecar = await startSidecar(config, log)
  const store = (await sidecar.kith.createStore('one')).id
  await sidecar.kith.writeModel({
    store,
    json: { schema_version: '1.1', type_definitions: [{ type: 'user', relations: {}, metadata: null }] },
  })
  const { promise: more, resolve: end } = gate()
  async function* lines() {
    yield new TextEncoder().encode('{')
    await more
  }
  const under = fetch(`${sidecar.address}/v1/stores/${store}/import`, {
    method: 'POST',
    body: lines() as unknown as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let over = false
  const stopped = sidecar.stop().then(() => {
    over = true
  })

  // Told at once, and served on.
  expect(await statusAt(sidecar.address, '/readyz')).toBe(503)
  expect(await statusAt(sidecar.opsAddress, '/readyz')).toBe(503)
  expect(await statusAt(sidecar.address, '/stores')).toBe(200)

  vi.advanceTimersByTime(noticeMs - 1)
  expect(await statusAt(sidecar.address, '/stores')).toBe(200)
  vi.advanceTimersByTime(1)
  while ((await statusAt(sidecar.address, '/livez')) !== undefined);
  // No more connections; what is under way is not cut, and nothing behind it has begun.
  expect(await statusAt(sidecar.opsAddress, '/startupz')).toBe(200)
  end()
  expect((await under).status).toBe(400)
  await flushing
  expect(over).toBe(false)
  // The data is open until the logs are written.
  expect((await sidecar.kith.stores({})).stores).toHaveLength(1)
  await expect(openStorage({ path: config.data })).rejects.toThrow('open in this process')
  expect(await statusAt(sidecar.opsAddress, '/readyz')).toBe(503)
  finishFlush()
  await stopped
  expect(await statusAt(sidecar.opsAddress, '/readyz')).toBeUndefined()
  const storage = await openStorage({ path: config.data })
  await storage.close()
})

test('certificates are read again when it is told to', async () => {
  const path = await folder()
  const from = (name: string) => join(import.meta.dirname, 'http/tls', name)
  const files = { 'tls-cert': join(path, 'cert.pem'), 'tls-key': join(path, 'key.pem') }
  const put = async (name: string) => {
    await copyFile(from(`${name}.pem`), files['tls-cert'])
    await copyFile(from(`${name}.key`), files['tls-key'])
  }
  await put('server')
  const logged: string[] = []
  const sidecar = await startSidecar(
    await configIn(path, { ...files, 'ops-listen': '127.0.0.1:0' }),
    (_level, message) => logged.push(message),
  )
  onTestFinished(() => sidecar.stop())
  expect(sidecar.address).toMatch(/^https:/)
  expect(sidecar.opsAddress).toMatch(/^https:/)
  await put('next-server')
  await sidecar.reload()
  expect(logged).toContain('the certificate was replaced')
})

test('without the fast lane it has no numbers', async () => {
  const sidecar = await startSidecar(await configIn(await folder(), { 'fast-lane': 'false' }), quiet)
  onTestFinished(() => sidecar.stop())
  expect(await (await fetch(`${sidecar.address}/v1/debug`)).json()).not.toHaveProperty('lane')
})

test('in memory: a kith that is closed by its holder', async () => {
  const { kith, close } = await openInMemory()
  expect((await kith.createStore('one')).name).toBe('one')
  await close()
})
