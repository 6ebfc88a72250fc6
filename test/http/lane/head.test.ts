/** The second head of a connection is recognised by comparison: as strictly as the first. */
import { expect, test } from 'vitest'
import { Gate } from '../../../src/callers/gate.ts'
import { HeadReader } from '../../../src/http/lane/head.ts'
import { storeId } from '../fake.ts'

const head = (length: string, more = '') =>
  `POST /stores/${storeId}/check HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${length}\r\nAccept: */*\r\n\r\n`

/** Reads `text` at some offset, on a connection that has read a plain head before. */
function second(text: string): unknown {
  const reader = new HeadReader(new Gate())
  const first = reader.read(Buffer.from(head('12')), 0)
  expect(first).toBeDefined()
  const read = reader.read(Buffer.from(`###${text}`), 3)
  if (read === undefined) return undefined
  return { same: read === first, start: reader.bodyStart - 3, length: reader.bodyEnd - reader.bodyStart }
}

test.each<[string, string, unknown]>([
  ['the same', head('12'), { same: true, length: 12 }],
  ['another length', head('7'), { same: true, length: 7 }],
  ['the longest', head('9999999'), { same: true, length: 9_999_999 }],
  ['longer', head('12345678'), undefined],
  ['far longer', head('1'.repeat(30)), undefined],
  ['zero', head('0'), undefined],
  ['a zero before', head('012'), undefined],
  ['none', head(''), undefined],
  ['a sign', head('+12'), undefined],
  ['a letter', head('1a'), undefined],
  ['more after the digits', head('12 '), { same: false, length: 12 }],
  ['a list', head('12,12'), undefined],
  ['another head', head('12', 'X: y\r\n'), { same: false, length: 12 }],
  [
    'a query, which may say that nothing is to be written',
    head('12').replace(' HTTP', '?dryRun=true HTTP'),
    undefined,
  ],
  ['one to hand over', head('12', 'Cookie: y\r\n'), undefined],
  ['cut short', head('12').slice(0, -1), undefined],
  ['cut in the digits', head('12').slice(0, -17), undefined],
])('%s', (_, text, expected) => {
  expect(second(text)).toEqual(
    expected === undefined ? undefined : { ...(expected as object), start: text.length },
  )
})

test('a head that varies from request to request is not kept', () => {
  const reader = new HeadReader(new Gate())
  const a = reader.read(Buffer.from(head('12', 'X-Request-Id: a\r\n')), 0)
  const again = reader.read(Buffer.from(head('12', 'X-Request-Id: a\r\n')), 0)
  expect(a).toEqual(again)
  expect(a).not.toBe(again)
})
