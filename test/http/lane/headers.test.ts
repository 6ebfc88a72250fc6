/** No request header is read that the list does not name: the lane would answer as if it were not there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { handlingOf } from '../../../src/http/headers.ts'

const http = join(import.meta.dirname, '../../../src/http')
const sources = readdirSync(http, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('lane'))
  .map((file) => ({ file, text: readFileSync(join(http, file), 'utf8') }))

const read = sources.flatMap(({ file, text }) =>
  [
    ...text.matchAll(/(?:\.header\(|[hH]eaderOf\(c,)\s*'([^']+)'\s*\)|headers\.(?:get|has)\(\s*'([^']+)'/g),
  ].map(([, name, other]) => ({ file, name: (name ?? other ?? '').toLowerCase() })),
)

test('the reading of headers was found', () => {
  expect(read.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'accept',
      'content-length',
      'content-type',
      'if-match',
      'origin',
      'x-request-id',
    ]),
  )
})

test('every header that is read is on the list', () => {
  expect(read.filter(({ name }) => handlingOf(name) === undefined)).toEqual([])
})

test('no header is read under a name that is computed', () => {
  // But by the two that they go through.
  const through = /export function (?:headerOf|firstHeaderOf)[\s\S]*?\n}\n/g
  const computed =
    /(?:\.header\(|[hH]eaderOf\(c,)\s*[^'\s)][^,)]*\)|\.header\(\)|\.raw\.headers|headers\.(?:entries|forEach|keys)/
  expect(
    sources.filter(({ text }) => computed.test(text.replace(through, ''))).map(({ file }) => file),
  ).toEqual([])
})

test('headers of ours that nobody knows are not passed by', () => {
  expect(handlingOf('kith-something')).toBe('handed over')
})

test('no answer and no header of one is made past `respond`: it would be lost', () => {
  const past = /\bc\.(?:json|body|html|text|newResponse|redirect|status)\(|\bc\.header\(/
  expect(sources.filter(({ text }) => past.test(text)).map(({ file }) => file)).toEqual([])
})
