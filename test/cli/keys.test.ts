/** `kith keys`: the first key in a stopped folder, the rest through the sidecar; and how commands show theirs. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderWith, kith, type Running, serve } from './program.ts'

const folder = folderWith({})
const data = join(folder.path, 'data')
let admin: string
let adminId: string
let sidecar: Running

beforeAll(async () => {
  const made = await kith(['keys', 'create', 'admin', '--scope', '*', '--data', data])
  expect(made).toMatchObject({ code: 0 })
  admin = made.out.trim()
  adminId = /key (\w{26})/.exec(made.err)?.[1] ?? ''
  sidecar = await serve(['--data', data, '--auth', 'keys', '--drain', '100'])
}, 60_000)
afterAll(async () => {
  const { err, out } = await sidecar.stop()
  expect(err + out).not.toMatch(/kith_[0-9A-Z]/)
  folder.remove()
})

const withKey = (key: string) => ({ env: { KITH_URL: sidecar.url, KITH_TOKEN: key } })

test('the key alone is on standard output; the folder is not served without being asked for keys', async () => {
  expect(admin).toMatch(/^kith_[0-9A-Z]{26}_[\w-]{43}$/)
  const listed = await kith(['keys', 'list', '--data', join(folder.path, 'none', 'such')])
  expect(listed).toMatchObject({ code: 2, err: expect.stringContaining('there is no folder') })
})

test('made, used from a file, rotated and revoked through the sidecar', async () => {
  const made = await kith(
    ['keys', 'create', 'web app', '--scope', 'check', 'debug', '--expires', '90d', '--json'],
    withKey(admin),
  )
  const { id, key } = JSON.parse(made.out) as { id: string; key: string }
  const { path, remove } = folderWith({ key: `${key}\n` })
  const env = { KITH_URL: sidecar.url, KITH_TOKEN_FILE: join(path, 'key') }
  expect(await kith(['store', 'list'], { env })).toMatchObject({ code: 0 })
  const refused = await kith(['store', 'create', 'mine'], { env })
  expect(refused).toMatchObject({
    code: 2,
    err: 'kith: forbidden: the caller lacks the scope stores (HTTP 403)\n',
  })
  const rotated = await kith(['keys', 'rotate', id, '--overlap', '0s'], withKey(admin))
  expect(await kith(['store', 'list'], { env })).toMatchObject({
    code: 2,
    err: expect.stringContaining('401'),
  })
  expect(await kith(['store', 'list'], withKey(rotated.out.trim()))).toMatchObject({ code: 0 })
  expect(await kith(['keys', 'revoke', id], withKey(admin))).toMatchObject({
    code: 0,
    err: `revoked ${id}\n`,
  })
  const { out } = await kith(['keys', 'list'], withKey(admin))
  expect(out).toContain(adminId)
  expect(out).not.toContain(id)
  expect((await kith(['keys', 'list', '--all'], withKey(admin))).out).toMatch(
    new RegExp(`${id}  web app  check debug  -  .*revoked`),
  )
  remove()
}, 60_000)

test('without a key only health answers; a folder in use is not opened', async () => {
  const env = { KITH_URL: sidecar.url }
  expect(await kith(['healthcheck'], { env })).toMatchObject({ code: 0, out: 'ready\n' })
  expect(await kith(['keys', 'list'], { env })).toMatchObject({
    code: 2,
    err: expect.stringMatching(/unauthenticated.*KITH_TOKEN/s),
  })
  expect(await kith(['keys', 'list', '--data', data])).toMatchObject({
    code: 2,
    err: expect.stringContaining('in use'),
  })
})

test.each([
  ['a scope that means nothing', ['create', 'x', '--scope', 'root'], /the scope "root" is unknown/],
  [
    'a time that is none',
    ['create', 'x', '--scope', '*', '--expires', 'soon'],
    /`soon` is no length of time/,
  ],
  [
    'a token file that is not there',
    ['list', '--token-file', '/nowhere'],
    /the file of --token-file, `\/nowhere`, cannot be read/,
  ],
])('%s', async (_, args, reason) => {
  const { code, err } = await kith(['keys', ...args], args.includes('--token-file') ? {} : withKey(admin))
  expect(code).toBe(2)
  expect(err).toMatch(reason)
})
