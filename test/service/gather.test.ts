import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import { compareBytes } from '../../src/lib/order.ts'
import { gatherPage, gatherSome } from '../../src/service/gather.ts'
import { each, refusedAs } from './world.ts'

async function* thenFault(names: readonly string[], code: 'deadline_exceeded' | 'validation_error') {
  yield* names
  throw new Fault(code, 'on purpose')
}

test('pages together are the sorted list, whatever came in which order', async () => {
  const names = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(names, fc.integer({ min: 1, max: 20 }), async (found, size) => {
      const pages: string[] = []
      for (let after: string | undefined; ; ) {
        const { names: page, last, truncated } = await gatherPage(each(found), { size, after })
        expect(truncated).toBe(false)
        expect(page.length).toBeLessThanOrEqual(size)
        pages.push(...page)
        if (last === undefined) break
        expect(page.at(-1)).toBe(last)
        after = last
      }
      expect(pages).toEqual(found.toSorted(compareBytes))
    }),
    { numRuns: 200 },
  )
})

test('a fault after the limit no longer matters, one before it does', async () => {
  expect(await gatherSome(thenFault(['b', 'a'], 'validation_error'), 2)).toEqual({
    names: ['a', 'b'],
    truncated: true,
  })
  expect(await refusedAs(gatherSome(thenFault(['b', 'a'], 'validation_error'), 3))).toBe('validation_error')
  expect(await gatherSome(thenFault(['b', 'a'], 'deadline_exceeded'), 3)).toEqual({
    names: ['a', 'b'],
    truncated: true,
  })
})

test('a page that the deadline cut is nothing to go on from', async () => {
  const page = await gatherPage(thenFault(['c', 'a', 'b'], 'deadline_exceeded'), {
    size: 2,
    after: undefined,
  })
  expect(page).toEqual({ names: ['a', 'b'], truncated: true, last: undefined })
  const fault = gatherPage(thenFault(['a'], 'validation_error'), { size: 2, after: undefined })
  expect(await refusedAs(fault)).toBe('validation_error')
})

test('the source is stopped when enough was found', async () => {
  let given = 0
  const source = (async function* () {
    for (;;) yield `n${given++}`
  })()
  expect((await gatherSome(source, 10)).truncated).toBe(true)
  expect(given).toBe(11)
})
