/** `kith backup` from a sidecar that serves, `kith restore`, and the restored folder served: as an operator would. */
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { demo, folderWith, kith, serve } from './program.ts'

test('saved while it serves, restored, served; what the original said since is of a fork', async () => {
  const folder = folderWith({ 'demo.fga.yaml': demo })
  onTestFinished(folder.remove)
  const at = (name: string): string => join(folder.path, name)
  const original = await serve(['--data', at('data'), '--bootstrap', at('demo.fga.yaml')])
  const url = original.url
  const { stores } = (await (await fetch(`${url}/stores`)).json()) as { stores: { id: string }[] }
  const path = `/stores/${stores[0]?.id}`
  const write = async (base: string, user: string): Promise<string> => {
    const answer = await fetch(`${base}${path}/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        writes: { tuple_keys: [{ user: `user:${user}`, relation: 'member', object: 'group:eng' }] },
      }),
    })
    expect(answer.status, await answer.text()).toBe(200)
    return answer.headers.get('kith-zookie') ?? ''
  }
  const ask = (base: string, user: string, zookie: string): Promise<Response> =>
    fetch(`${base}${path}/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'kith-at-least-as-fresh': zookie },
      body: JSON.stringify({
        tuple_key: { user: `user:${user}`, relation: 'viewer', object: 'document:1' },
      }),
    })
  const tokenOf = async (base: string): Promise<string> => {
    const page = await fetch(`${base}${path}/changes?page_size=1`)
    return ((await page.json()) as { continuation_token: string }).continuation_token
  }

  const before = await write(url, 'fay')
  const token = await tokenOf(url)
  const saved = await kith(['backup', '--url', url, '-o', at('kith.backup'), '--json'])
  expect({ code: saved.code, err: saved.err }).toEqual({ code: 0, err: '' })
  expect(JSON.parse(saved.out)).toMatchObject({
    output: at('kith.backup'),
    stores: 1,
    bytes: statSync(at('kith.backup')).size,
  })
  expect(statSync(at('kith.backup')).mode & 0o777).toBe(0o600)
  const after = await write(url, 'gus')

  const restored = await kith(['restore', at('kith.backup'), '--data', at('copy')])
  expect(restored.code, restored.err).toBe(0)
  expect(restored.out).toMatch(/^restored .*: 1 store, \d+ log entries as of .*, verified; serve it with/)
  const copy = await serve(['--data', at('copy')])
  expect(await (await ask(copy.url, 'fay', before)).json()).toMatchObject({ allowed: true })
  const forked = await ask(copy.url, 'fay', after)
  expect([forked.status, await forked.json()]).toEqual([409, expect.objectContaining({ code: 'log_forked' })])
  const page = await fetch(`${copy.url}${path}/changes?continuation_token=${encodeURIComponent(token)}`)
  expect([page.status, await page.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'invalid_continuation_token' }),
  ])
  const own = await write(copy.url, 'hal')
  expect((await ask(url, 'fay', own)).status).toBe(400)
  expect((await copy.stop()).code).toBe(0)
  expect((await original.stop()).code).toBe(0)
})

test('a folder at rest; a backup that was cut; a place that is taken', async () => {
  const folder = folderWith({ 'demo.fga.yaml': demo })
  onTestFinished(folder.remove)
  const at = (name: string): string => join(folder.path, name)
  expect(await kith(['backup', '--data', at('nowhere'), '-o', at('b')])).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no folder'),
  })
  const sidecar = await serve(['--data', at('data'), '--bootstrap', at('demo.fga.yaml')])
  expect(await kith(['backup', '--data', at('data'), '-o', at('b')])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is in use by another process'),
  })
  expect(existsSync(at('b')) || existsSync(at('b.partial'))).toBe(false)
  await sidecar.stop()
  const saved = await kith(['backup', '--data', at('data'), '-o', at('b')])
  expect(saved.code, saved.err).toBe(0)
  expect(saved.err).toMatch(/^saved 1 store, \d+ log entries, [\d,]+ bytes to .*, verified\n$/)

  expect(await kith(['restore', at('b'), '--data', at('data')])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is not empty'),
  })
  const whole = readFileSync(at('b'))
  truncateSync(at('b'), whole.length - 30)
  mkdirSync(at('copy'))
  const cut = await kith(['restore', at('b'), '--data', at('copy')])
  expect({ code: cut.code, err: cut.err }).toEqual({
    code: 2,
    err: 'kith: the backup is cut off: it has no end; take another one\n',
  })
  const refused = await serve(['--data', at('copy')]).catch((error: Error) => error.message)
  expect(refused).toContain(
    `a restore into it has not ended; run \`kith restore FILE --data ${at('copy')}\` again`,
  )
  expect(await kith(['migrate', '--data', at('data')])).toMatchObject({
    code: 0,
    out: expect.stringContaining('has format 2 already'),
  })
})
