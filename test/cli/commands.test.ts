/** The commands against a sidecar of their own: what they print, as text and as JSON, and how they exit. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demo, folderWith, kith, type Running, serve } from './program.ts'

const folder = folderWith({ 'demo.fga.yaml': demo })
let sidecar: Running

beforeAll(async () => {
  sidecar = await serve([
    '--data',
    join(folder.path, 'data'),
    '--bootstrap',
    join(folder.path, 'demo.fga.yaml'),
  ])
})

afterAll(async () => {
  await sidecar.stop()
  folder.remove()
})

const run = (args: readonly string[], input?: string) =>
  kith(args, {
    env: { KITH_URL: sidecar.url, KITH_STORE: 'demo' },
    ...(input === undefined ? {} : { input }),
  })

async function json(args: readonly string[]): Promise<{ code: number | null; value: unknown }> {
  const { code, out } = await run([...args, '--json'])
  return { code, value: JSON.parse(out) }
}

describe('questions', () => {
  test('check says allowed or denied, and exits so', async () => {
    expect(await run(['check', 'document:1#viewer@user:bob'])).toEqual({
      code: 0,
      out: 'allowed  document:1#viewer@user:bob\n',
      err: '',
    })
    expect(await run(['check', 'user:eve', 'viewer', 'document:1'])).toEqual({
      code: 1,
      out: 'denied  document:1#viewer@user:eve\n',
      err: '',
    })
    expect(await json(['check', 'document:1#viewer@user:eve'])).toMatchObject({
      code: 1,
      value: { allowed: false },
    })
  })

  test('contextual tuples and context travel', async () => {
    const eve = ['check', 'document:1#owner@user:eve', '-t', 'document:1#owner@user:eve']
    expect((await run(eve)).code).toBe(0)
    await run(['write', 'document:2#viewer@user:eve', '--condition', 'fresh'])
    const fresh = (day: number) => run(['check', 'document:2#viewer@user:eve', '-c', `{"day":${day}}`])
    expect([(await fresh(3)).code, (await fresh(9)).code]).toEqual([0, 1])
  })

  test('a question that cannot be answered is an error, never a no', async () => {
    const { code, out, err } = await run(['check', 'document:1#nope@user:eve'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^kith: validation_error: .*relation 'document#nope' not found \(HTTP 400\)\n$/)
  })

  test('lists', async () => {
    expect((await run(['list-objects', 'user:bob', 'viewer', 'document'])).out).toBe('document:1\n')
    expect((await json(['list-objects', 'user:bob', 'viewer', 'document'])).value).toEqual({
      objects: ['document:1'],
    })
    const users = await run(['list-users', 'document:1#viewer'])
    expect(users.out.split('\n').sort()).toEqual(['', 'user:anne', 'user:bob'])
    expect((await run(['list-users', 'document:1#viewer', 'group#member'])).out).toBe('group:eng#member\n')
  })

  test('expand draws a tree', async () => {
    expect((await run(['expand', 'document:1#editor'])).out).toBe(`document:1#editor
├─ everyone in document:1#owner
└─ but not
   └─ everyone in document:1#blocked
`)
    expect((await json(['expand', 'document:1#owner'])).value).toMatchObject({
      tree: { root: { name: 'document:1#owner', leaf: { users: { users: ['user:anne'] } } } },
    })
  })

  test('explain tells the way, or what is missing', async () => {
    const allowed = await run(['explain', 'document:1#viewer@user:bob'])
    expect(allowed.code).toBe(0)
    expect(allowed.out).toContain('  1. group:eng#member@user:bob  (direct; ')
    const denied = await run(['explain', 'document:1#viewer@user:eve'])
    expect(denied.code).toBe(1)
    expect(denied.out).toContain('  * + document:1#viewer@user:eve\n')
    expect(await json(['explain', 'document:1#viewer@user:bob'])).toMatchObject({ value: { allowed: true } })
  })
})

describe('tuples', () => {
  test('write, read, update and delete', async () => {
    const carl = 'document:5#viewer@user:carl'
    expect(await run(['write', carl])).toEqual({ code: 0, out: `wrote  ${carl}\n`, err: '' })
    const again = await run(['write', carl])
    expect(again.code).toBe(2)
    expect(again.err).toContain('write_failed_due_to_invalid_input')
    expect((await run(['write', carl, '--if-present', 'ignore'])).code).toBe(0)
    await run(['write', carl, '--if-present', 'update', '--expires-at', '2099-01-31T12:00:00Z'])
    expect((await run(['read', '--object', 'document:5'])).out).toBe(
      `${carl}  until 2099-01-31T12:00:00.000Z\n`,
    )
    expect(await json(['read', '--object', 'document:5'])).toMatchObject({
      value: { tuples: [{ key: { user: 'user:carl', relation: 'viewer', object: 'document:5' } }] },
    })
    expect((await run(['write', '--delete', carl])).out).toBe(`deleted  ${carl}\n`)
    expect((await run(['read', '--object', 'document:5'])).out).toBe('')
    expect((await run(['write', '--delete', carl])).code).toBe(2)
  })

  test('a dry run prints who would gain and lose what, and writes nothing', async () => {
    const carl = 'document:5#viewer@user:carl'
    const told = await run(['write', carl, '--dry-run'])
    expect([told.code, told.out.split('\n')]).toEqual([0, expect.arrayContaining([`+ ${carl}`])])
    expect((await run(['check', carl])).code).toBe(1)
    await run(['write', carl])
    const gone = await run(['write', '--delete', carl, '-n', '--max', '1'])
    expect(gone.out).toMatch(/^- document:5#\w+@user:carl\n$/)
    const { value } = await json(['write', '--delete', carl, '-n'])
    expect(value).toMatchObject({ dryRun: true, truncated: false })
    expect((await run(['write', carl, '--if-present', 'ignore', '-n'])).err).toBe(
      'nobody would gain or lose anything\n',
    )
    writeFileSync(join(folder.path, 'users.fga'), 'model\n  schema 1.1\n\ntype user\n')
    const modelled = await run(['model', 'write', join(folder.path, 'users.fga'), '--dry-run', '--max', '0'])
    expect(modelled.out.split('\n')).toContain(`- ${carl}`)
    expect((await run(['check', carl])).code).toBe(0)
    await run(['write', '--delete', carl])
  })

  test('what is exported can be imported, once', async () => {
    const exported = join(folder.path, 'all.ndjson')
    const told = await run(['export', '--output', exported])
    const lines = readFileSync(exported, 'utf8').trimEnd().split('\n')
    expect(told.err).toBe(`wrote ${lines.length} tuples to ${exported}\n`)
    expect((await run(['export'])).out).toBe(readFileSync(exported, 'utf8'))

    const copy = JSON.parse((await run(['store', 'create', 'copy', '--json'])).out).id as string
    const model = (await run(['model', 'get'])).out
    writeFileSync(join(folder.path, 'copied.fga'), model)
    await run(['model', 'write', join(folder.path, 'copied.fga'), '--store', copy])
    const first = await json(['import', exported, '--store', copy])
    expect(first).toEqual({ code: 0, value: { written: lines.length, skipped: 0 } })
    const second = await json(['import', exported, '--store', copy])
    expect(second.value).toEqual({ written: 0, skipped: lines.length })
    expect((await run(['export', '--store', copy])).out).toBe(readFileSync(exported, 'utf8'))
  })

  test('import reads standard input and CSV, and names a wrong line', async () => {
    const line = (user: string): string => `{"user":"${user}","relation":"viewer","object":"document:8"}\n`
    expect((await run(['import', '-'], line('user:a'))).err).toMatch(/^wrote 1 tuple in /)
    const wrong = await run(['import', '-'], line('user:b') + line('team:c'))
    expect(wrong.code).toBe(2)
    expect(wrong.err).toMatch(/^kith: validation_error: line 2: .*type 'team' not found/)
    const csv = join(folder.path, 'rows.csv')
    writeFileSync(csv, 'user_type,user_id,relation,object_type,object_id\nuser,d,viewer,document,8\n')
    expect((await run(['import', csv])).code).toBe(0)
    expect((await run(['read', '--object', 'document:8'])).out).toBe(
      'document:8#viewer@user:a\ndocument:8#viewer@user:b\ndocument:8#viewer@user:d\n',
    )
    expect((await run(['import', join(folder.path, 'gone.ndjson')])).code).toBe(2)
  })
})

test('stores and models', async () => {
  const { out } = await run(['store', 'create', 'short-lived'])
  const id = out.trim()
  expect((await run(['store', 'rename', 'renamed', '--store', id])).code).toBe(0)
  expect((await run(['store', 'get', '--store', 'renamed'])).out).toContain(id)
  expect((await run(['model', 'get', '--store', id])).err).toContain('the store has no model yet')

  writeFileSync(join(folder.path, 'one.fga'), 'model\n  schema 1.1\n\ntype user\n')
  const written = await run(['model', 'write', join(folder.path, 'one.fga'), '--store', id])
  expect((await run(['model', 'get', written.out.trim(), '--store', id])).out).toBe(
    'model\n  schema 1.1\n\ntype user\n',
  )
  expect((await json(['model', 'list', '--store', id])).value).toMatchObject({
    authorization_models: [{ id: written.out.trim(), schema_version: '1.1' }],
  })
  await run(['store', 'delete', id])
  expect((await json(['store', 'list', '--name', 'renamed'])).value).toEqual({ stores: [] })
  const gone = await run(['store', 'get', '--store', 'renamed'])
  expect(gone.err).toBe('kith: no store is called `renamed` (see `kith store list`)\n')
})

test('which store: the only one, or one that is named', async () => {
  const unnamed = await kith(['read'], { env: { KITH_URL: sidecar.url } })
  expect(unnamed.code).toBe(2)
  expect(unnamed.err).toContain('there are several stores; say which with --store')
  expect(
    (await kith(['--store', 'demo', '--url', sidecar.url, 'check', 'document:1#viewer@user:bob'])).code,
  ).toBe(0)
})

test('healthcheck', async () => {
  expect((await run(['healthcheck'])).out).toBe('ready\n')
  // Nothing listens on port 1 of this machine.
  const away = await kith(['healthcheck', '--json'], { env: { KITH_LISTEN: '0.0.0.0:1' } })
  expect(away.code).toBe(1)
  expect(JSON.parse(away.out)).toMatchObject({ ready: false })
  expect(away.out).toContain('http://127.0.0.1:1: the connection was refused')
})
