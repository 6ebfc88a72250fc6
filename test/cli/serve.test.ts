/** `kith serve` from start to stop: banner, bootstrap, sockets, signals, and what it says when it cannot start. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFolder } from '../../src/storage/folder.ts'
import * as keys from '../../src/storage/keys.ts'
import { demo, folderWith, kith, serve } from './program.ts'

function folder(files: Readonly<Record<string, string>> = {}): string {
  const made = folderWith(files)
  onTestFinished(made.remove)
  return made.path
}

test('starts, bootstraps once, stops on SIGTERM, and finds everything again', async () => {
  const path = folder({ 'demo.fga.yaml': demo })
  const args = ['--data', join(path, 'data'), '--bootstrap', join(path, 'demo.fga.yaml')]
  const first = await serve(args)
  expect(first.banner).toMatch(
    /^kith \S+ serving on http:\/\/127\.0\.0\.1:[1-9]\d*, data in \S+, stores: demo$/,
  )
  expect((await kith(['write', 'document:9#viewer@user:z', '--url', first.url])).code).toBe(0)
  const ended = await first.stop('SIGTERM')
  expect(ended.code).toBe(0)
  expect(ended.err).toContain('wrote 3 tuples')

  const second = await serve(args)
  expect((await kith(['check', 'document:9#viewer@user:z', '--url', second.url])).code).toBe(0)
  const again = await second.stop('SIGINT')
  expect(again.code).toBe(0)
  expect(again.err).toContain('store demo: nothing to change')
})

test('a name of several lines makes no line of its own', async () => {
  const args = ['--data', join(folder(), 'data')]
  const first = await serve(args)
  const made = await fetch(`${first.url}/v1/orgs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Acme\r\n{"level":"error"}', preset: 'enterprise', owner: { id: 'boss' } }),
  })
  expect(made.status).toBe(201)
  await first.stop()
  const second = await serve(args)
  expect(second.banner).toMatch(/^kith .*, stores: Acme {"level":"error"}$/)
  await second.stop()
})

test('a signal that answers the banner stops it gently', async () => {
  const sidecar = await serve(['--data', join(folder(), 'data')])
  expect((await sidecar.stop()).code).toBe(0)
})

test('goes on, and stops gently, when whoever read its lines has left', async () => {
  const sidecar = await serve(['--data', join(folder(), 'data')])
  sidecar.leave()
  expect((await kith(['healthcheck', '--url', sidecar.url])).code).toBe(0)
  expect((await sidecar.stop()).code).toBe(0)
})

test('serves on a unix socket', async () => {
  const path = folder({ 'demo.fga.yaml': demo })
  const socket = `unix:${join(path, 'kith.sock')}`
  const args = ['--data', join(path, 'data'), '--bootstrap', join(path, 'demo.fga.yaml'), '--listen', socket]
  const sidecar = await serve(args)
  expect(sidecar.url).toBe(socket)
  const checked = await kith(['check', 'document:1#viewer@user:bob'], { env: { KITH_LISTEN: socket } })
  expect(checked.code).toBe(0)
  expect((await sidecar.stop()).code).toBe(0)
  const gone = await kith(['healthcheck', '--url', socket])
  expect(gone.code).toBe(1)
})

test('a wrong store file says where, and nothing serves', async () => {
  const path = folder({ 'wrong.fga.yaml': demo.replace('define owner: [user]', 'define owner: [usr]') })
  const file = join(path, 'wrong.fga.yaml')
  const { code, out, err } = await kith([
    'serve',
    ...['--data', join(path, 'data'), '--listen', '127.0.0.1:0', '--bootstrap', file],
  ])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(
    `kith: ${file}:12:7: the relation type 'usr' on 'owner' in object type 'document' is not valid\n`,
  )
})

test('a port that is taken, and an address that others can reach', async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const path = folder()
  const refused = (listen: string) => kith(['serve', '--data', join(path, 'data'), '--listen', listen])
  const busy = await refused(`127.0.0.1:${port}`)
  expect(busy.code).toBe(2)
  expect(busy.err).toContain(`kith: 127.0.0.1:${port} is in use; is Kith running there?`)
  const open = await refused('0.0.0.0:0')
  expect(open.code).toBe(2)
  expect(open.err).toContain('spell out --insecure')
})

test.each<[string, (path: string) => string[], string]>([
  [
    'a socket in a folder that is not there',
    (path) => ['--data', join(path, 'data'), '--listen', `unix:${path}/none/kith.sock`],
    '/none/kith.sock: there is no such folder, or this user may not make a socket in it; see --listen',
  ],
  [
    'a file where the socket should be',
    (path) => ['--data', join(path, 'data'), '--listen', `unix:${path}/file`],
    '/file is in use; is Kith running there? --listen takes another',
  ],
  [
    'an address that this machine does not have',
    (path) => ['--data', join(path, 'data'), '--insecure', '--listen', '203.0.113.9:0'],
    'this machine has no address 203.0.113.9; see --listen',
  ],
  [
    'a file where the data folder should be',
    (path) => ['--data', join(path, 'file'), '--listen', '127.0.0.1:0'],
    '/file cannot be made (EEXIST',
  ],
  [
    'a file above the data folder',
    (path) => ['--data', join(path, 'file', 'data'), '--listen', '127.0.0.1:0'],
    '/file/data cannot be made (ENOTDIR',
  ],
])('cannot start: %s', async (_name, options, said) => {
  const { code, out, err } = await kith(['serve', ...options(folder({ file: '' }))])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(said)
  expect(err.trim().split('\n')).toHaveLength(1)
})

test('the doctor finds a folder healthy, says what is damaged, and repairs it', async () => {
  const path = folder({ 'demo.fga.yaml': demo })
  const data = join(path, 'data')
  const sidecar = await serve(['--data', data, '--bootstrap', join(path, 'demo.fga.yaml')])
  const busy = await kith(['doctor', '--data', data])
  expect(busy.code).toBe(2)
  expect(busy.err).toContain('in use')
  await sidecar.stop()

  const healthy = await kith(['doctor', '--data', data])
  expect(healthy.code).toBe(0)
  expect(healthy.out).toMatch(/^healthy {2}\S+: 1 store, \d+ log entries, every derived row agrees\n$/)

  await loseOneRow(data)
  const damaged = await kith(['doctor', '--data', data, '--json'])
  expect(damaged.code).toBe(1)
  expect(JSON.parse(damaged.out)).toMatchObject({ stores: 1, repaired: false })
  const told = await kith(['doctor', '--data', data])
  expect(told.code).toBe(1)
  expect(told.out).toMatch(/damaged {2}\S+: \d+ findings? in 1 store/)
  expect((await kith(['doctor', '--data', data, '--repair'])).code).toBe(0)
  expect((await kith(['doctor', '--data', data])).out).toContain('healthy')
})

test('the doctor makes no folder', async () => {
  const missing = join(folder(), 'gone')
  const { code, err } = await kith(['doctor', '--data', missing])
  expect(code).toBe(2)
  expect(err).toContain(`there is no folder \`${missing}\``)
  expect(existsSync(missing)).toBe(false)
})

/** Deletes a row that is derived: the first tuple. */
async function loseOneRow(data: string): Promise<void> {
  const disk = await openFolder(data)
  const prefix = keys.kindPrefix(keys.kind.tuple)
  for await (const rows of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1)) {
    const [row] = rows
    const batch = disk.batch()
    if (row !== undefined) batch.delete(row[0])
    await batch.write()
    break
  }
  await disk.close()
}

test('healthcheck finds the sidecar of its environment: over TLS, and on the address for operators', async () => {
  const path = folder()
  const pem = (name: string) => join(import.meta.dirname, '../http/tls', name)
  const ops = `unix:${join(path, 'ops.sock')}`
  const tls = ['--tls-cert', pem('server.pem'), '--tls-key', pem('server.key')]
  const sidecar = await serve(['--data', join(path, 'data'), ...tls, '--ops-listen', ops])
  expect(sidecar.url).toMatch(/^https:/)
  const listening = { KITH_LISTEN: new URL(sidecar.url).host, KITH_TLS_CERT: pem('server.pem') }
  const health = async (env: Record<string, string>, ...args: string[]) => {
    const { code, err } = await kith(['healthcheck', ...args], { env })
    return { code, err }
  }
  expect(await health(listening)).toEqual({ code: 0, err: '' })
  expect(await health({ ...listening, KITH_OPS_LISTEN: ops })).toEqual({ code: 0, err: '' })
  // Where the address is given, whoever answers there has to prove who it is.
  const given = ['--url', sidecar.url]
  expect(await health({}, ...given, '--ca', pem('authority.pem'))).toEqual({ code: 0, err: '' })
  const doubted = await health({}, ...given)
  expect(doubted.code).toBe(1)
  expect(doubted.err).toContain('see --ca')
  const other = await health({ KITH_CA: pem('other-authority.pem') }, ...given)
  expect(other.code).toBe(1)
  expect((await sidecar.stop()).code).toBe(0)
})
