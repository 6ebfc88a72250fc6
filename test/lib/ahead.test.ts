import { expect, test } from 'vitest'
import { ahead } from '../../src/lib/ahead.ts'

/** Tells what was asked of it. @param failsAt - an item that it cannot give */
async function* counted(until: number, log: string[], failsAt?: number): AsyncGenerator<number> {
  try {
    for (let item = 0; item < until; item++) {
      log.push(`reads ${item}`)
      await Promise.resolve()
      if (item === failsAt) throw new Error(`no ${item}`)
      yield item
    }
  } finally {
    log.push('closed')
  }
}

test('all of it comes in order, each read while the one before is worked on', async () => {
  const log: string[] = []
  for await (const item of ahead(counted(3, log))) log.push(`has ${item}`)
  expect(log).toEqual(['reads 0', 'reads 1', 'has 0', 'reads 2', 'has 1', 'closed', 'has 2'])
})

test('whoever stops has read one more, and it is closed', async () => {
  const log: string[] = []
  for await (const item of ahead(counted(9, log))) if (item === 1) break
  expect(log).toEqual(['reads 0', 'reads 1', 'reads 2', 'closed'])
})

test('a failure comes in its turn, and to nobody who stopped before it', async () => {
  const seen: number[] = []
  const all = async () => {
    for await (const item of ahead(counted(9, [], 2))) seen.push(item)
  }
  await expect(all()).rejects.toThrow('no 2')
  expect(seen).toEqual([0, 1])
  for await (const item of ahead(counted(9, [], 1))) if (item === 0) break
})
