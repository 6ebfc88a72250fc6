/** What the program does without a sidecar: usage, `kith test`, `kith model validate`. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { demo, folderWith, kith } from './program.ts'

test.each([
  ['an unknown command', ['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
  [
    'an unknown option',
    ['check', '--contxt', '{}', 'a:1#b@c:1'],
    /unknown option '--contxt'\n\(Did you mean --context\?\)/,
  ],
  ['no tuple', ['check'], /missing required argument 'tuple'/],
  ['half a tuple', ['check', 'document:1'], /^kith: `document:1` is not a tuple; write object#relation@user/],
  [
    'a context that is no JSON',
    ['check', 'a:1#b@c:1', '--store', '0'.repeat(26), '-c', '{'],
    /^kith: --context is not JSON/,
  ],
  ['a URL of something else', ['read', '--url', 'ftp://x'], /^kith: `ftp:\/\/x` is not a URL of Kith/],
  ['a timeout in words', ['read', '--timeout', 'soon'], /^kith: --timeout must be a number of seconds/],
  [
    'nobody there',
    ['read', '--url', 'http://127.0.0.1:1'],
    /^kith: cannot reach http:\/\/127.0.0.1:1: the connection was refused/,
  ],
  [
    'an option of serve out of range',
    ['serve', '--resolve-depth', '0'],
    /^kith: --resolve-depth \(KITH_RESOLVE_DEPTH\): `0` cannot be used/,
  ],
])('%s exits 2 and says so in a line', async (_what, args, message) => {
  const { code, out, err } = await kith(args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(message)
  expect(err).not.toContain('    at ')
})

test('help and version', async () => {
  const help = await kith(['--help'])
  expect(help.code).toBe(0)
  expect(help.out).toContain('Exit codes:')
  const serve = await kith(['serve', '--help'])
  expect(serve.out.replace(/\s+/g, ' ')).toContain('(ms; KITH_REQUEST_TIMEOUT; default 3000)')
  const version = await kith(['version', '--json'])
  expect(JSON.parse(version.out)).toMatchObject({ kith: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

test('store-file tests pass, or fail with expected and got', async () => {
  const folder = folderWith({
    'good.fga.yaml': demo,
    'bad.fga.yaml': demo.replace('{ viewer: true }', '{ viewer: true, owner: true }'),
  })
  onTestFinished(folder.remove)
  const good = join(folder.path, 'good.fga.yaml')
  const bad = join(folder.path, 'bad.fga.yaml')
  expect(await kith(['test', good])).toEqual({
    code: 0,
    out: `${good}\n  ok      who sees what (2 of 2)\n2 of 2 questions answered as expected\n`,
    err: '',
  })
  const failed = await kith(['test', good, bad])
  expect(failed.code).toBe(1)
  expect(failed.out).toContain(`${bad}
  FAILED  who sees what (3 of 4)
          ${bad}:27:37: check document:1#owner@user:bob
            expected true
            got      false
1 of 6 questions answered otherwise
`)
  const { code, out } = await kith(['test', bad, '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ asked: 4, failed: 1, files: [{ path: bad }] })
})

test('a model is judged with its place', async () => {
  const folder = folderWith({
    'bad.fga': 'model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define a: [usr]\n',
    'good.fga': 'model\n  schema 1.1\ntype user\n',
  })
  onTestFinished(folder.remove)
  const bad = join(folder.path, 'bad.fga')
  const refused = await kith(['model', 'validate', bad])
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toMatch(new RegExp(`^kith: ${bad}:6:5: the relation type 'usr'`))
  expect((await kith(['model', 'validate', join(folder.path, 'good.fga')])).code).toBe(0)
  const printed = await kith(['model', 'print', join(folder.path, 'good.fga'), '--json'])
  expect(JSON.parse(printed.out)).toMatchObject({
    schema_version: '1.1',
    type_definitions: [{ type: 'user' }],
  })
})
