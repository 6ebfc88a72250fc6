import { expect, test } from 'vitest'
import { type LogLevel, logTo } from '../../src/lib/log.ts'

test.each<[LogLevel, string[]]>([
  ['silent', []],
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'warn', 'info']],
])('at %s: %j', (least, expected) => {
  const lines: string[] = []
  const log = logTo(
    (line) => lines.push(line),
    least,
    () => 0,
  )
  for (const level of ['info', 'warn', 'error'] as const) log(level, 'a\nb', { level, field: 1 })
  const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(read.map(({ level }) => level).toSorted()).toEqual(expected.toSorted())
  for (const line of lines) expect(line).not.toContain('\n')
})

test('a line says when, how grave and what; a field cannot pass for either', () => {
  const lines: string[] = []
  logTo(
    (line) => lines.push(line),
    'info',
    () => 0,
  )('info', 'hello', { message: 'forged', port: 80 })
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    message: 'hello',
    port: 80,
  })
})
