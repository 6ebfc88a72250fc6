/** What is kept printed from answer to answer is never another answer's. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerPrinter, printHead } from '../../../src/http/lane/answer.ts'

const common = {
  allowed: { status: 200, body: '{"yes":1}' },
  denied: { status: 200, body: '{"no":true}' },
  refused: { status: 503, body: '{"code":"x"}', retryAfter: 1 },
}

test('an answer is its own head and body, whatever was printed before it', () => {
  const answer = fc.record({
    said: fc.constantFrom('allowed', 'denied', 'refused'),
    zookie: fc.constantFrom('z1', 'z2', 'z10', undefined),
    model: fc.constantFrom('m1', 'm2', undefined),
    store: fc.constantFrom('s1', 's2'),
    date: fc.constantFrom('monday', 'sunday', 'tuesday'),
    requestId: fc.constantFrom('a', 'b', 'longer'),
    elapsed: fc.constantFrom(0, 1, 9, 10, 99, 100, 1_234, 3_600_000),
    isKept: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 2, maxLength: 6 }), (answers) => {
      const printer = new AnswerPrinter(65, common)
      const kept: { readonly bytes: Buffer; readonly text: string }[] = []
      for (const { said, zookie, model, store, date, requestId, elapsed, isKept } of answers) {
        const { status, body, retryAfter } = { retryAfter: undefined, ...common[said] }
        const head = printHead({
          status,
          requestId,
          elapsed,
          store,
          zookie,
          model,
          retryAfter,
          bodyLength: body.length,
          date,
          keepAliveSeconds: 65,
        })
        const decided = { ...(zookie !== undefined && { zookie }), ...(model !== undefined && { model }) }
        const bytes = printer.print(said, decided, store, requestId, elapsed, date)
        expect(bytes.toString()).toBe(head + body)
        if (!isKept) continue
        printer.giveAway()
        kept.push({ bytes, text: head + body })
      }
      // What a socket still holds was not printed over.
      for (const { bytes, text } of kept) expect(bytes.toString()).toBe(text)
    }),
    { numRuns: 300 },
  )
})

test('bytes that were given away are not printed over; others are', () => {
  const printer = new AnswerPrinter(65, common)
  const print = (requestId: string) => printer.print('allowed', { zookie: 'z' }, 's', requestId, 1, 'monday')
  const kept = print('a')
  const text = kept.toString()
  printer.giveAway()
  const next = print('b')
  expect([kept.toString(), next.toString()]).toEqual([text, text.replaceAll('id: a', 'id: b')])
  expect(print('c')).toBe(next)
})

test('a commit, and a second that has gone by, are put into the bytes that are there', () => {
  const printer = new AnswerPrinter(65, common)
  const print = (zookie: string, date: string) => printer.print('allowed', { zookie }, 's', 'a', 1, date)
  const first = print('z1', 'monday')
  const next = print('z2', 'sunday')
  expect(next).toBe(first)
  expect(next.toString()).toBe(
    new AnswerPrinter(65, common).print('allowed', { zookie: 'z2' }, 's', 'a', 1, 'sunday').toString(),
  )
})
