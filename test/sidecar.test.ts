import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { Graph } from '../src/engine/resident/graph.ts'
import type { Log } from '../src/lib/log.ts'
import { openInMemory, startSidecar } from '../src/sidecar.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kith-sidecar-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const quiet: Log = () => {}

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
