import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { LogLevel } from '../../src/lib/log.ts'
import { logTo } from '../../src/lib/log-lines.ts'

function logged(least: LogLevel = 'info') {
  const lines: string[] = []
  const log = logTo({ write: (line) => lines.push(line) }, least, () => 0)
  return { log, lines, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test.each<[LogLevel, string[]]>([
  ['silent', []],
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'warn', 'info']],
])('at %s: %j', (least, expected) => {
  const { log, lines, read } = logged(least)
  for (const level of ['info', 'warn', 'error'] as const) log(level, 'a\nb', { level, field: 1 })
  expect(
    read()
      .map(({ level }) => level)
      .toSorted(),
  ).toEqual(expected.toSorted())
  for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1)
})

test('a line says when, how grave and what; a field cannot pass for either', () => {
  const { log, lines, read } = logged()
  log('info', 'hello', { message: 'forged', level: 'error', time: 'never', port: 80 })
  expect(read()).toEqual([{ time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'hello', port: 80 }])
  expect(lines[0]?.match(/"(?:time|level|message)":/g)).toHaveLength(3)
})

test.each<[string, Record<string, string | readonly string[]>]>([
  ['by its name', { authorization: 's3cret-1' }],
  ['whatever its case', { 'X-Api-Key': 's3cret-1', apiKey: 's3cret-1', Cookie: 's3cret-1' }],
  ['part of a name', { zookie_secret: 's3cret-1', idToken: 's3cret-1' }],
  ['a bearer in a text', { cause: 'Error: refused Bearer s3cret-1\n    at x' }],
  ['a bearer in a list', { reads: ['a', 'authorization: bearer s3cret-1'] }],
  ['a signed token', { cause: 'bad token eyJhbGciOi.s3cret-1.s3cret-2, sorry' }],
  ['a private key', { cause: '-----BEGIN EC PRIVATE KEY-----\ns3cret-1\n-----END EC PRIVATE KEY-----' }],
  ['a private key that was cut', { cause: '-----BEGIN PRIVATE KEY-----\ns3cret-1' }],
  ['a key of Kith', { cause: 'no key kith_01J0000000000000000000000A_s3cret-1-s3cret-2' }],
  ['the password of a URL', { jwks: 'https://me:s3cret-1@example.org/keys' }],
  ['the password of nobody in a URL', { cause: 'no answer from https://:s3cret-1@example.org/keys' }],
  ['a user of a URL, which may be a token', { cause: 'no answer from https://s3cret-1@example.org/' }],
])('a credential is struck out: %s', (_, fields) => {
  const { log, lines } = logged()
  log('error', 'it failed', fields)
  expect(lines.join()).not.toContain('s3cret')
  expect(lines.join()).toContain('[redacted]')
})

test('the message is searched too, and what is no credential stays', () => {
  const { log, read } = logged()
  log('warn', 'refused: Authorization: Bearer s3cret', {
    path: '/stores/1/check',
    key: 'give --callers-file (KITH_CALLERS_FILE)',
  })
  expect(read()).toMatchObject([
    {
      message: 'refused: Authorization: [redacted]',
      path: '/stores/1/check',
      key: 'give --callers-file (KITH_CALLERS_FILE)',
    },
  ])
})

test.each([
  ['when it exits', 'process.exit(3)', 3],
  ['when it dies of an exception', "throw new Error('fatal')", 1],
  ['when it flushes', 'log.flush().then(() => process.kill(process.pid, "SIGKILL"))', null],
])('what was logged last is there %s', async (_, ending, code) => {
  const source = resolve(import.meta.dirname, '../../src/lib/log-lines.ts')
  const script = `import { logToStderr } from ${JSON.stringify(source)}
    const log = logToStderr('info')
    for (let line = 0; line < 100; line++) log('info', 'line ' + line)
    ${ending}`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  const [err, [ended]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect(ended).toBe(code)
  expect(err).toContain('"message":"line 99"}\n')
})
