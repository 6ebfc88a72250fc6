/** Long questions share the event loop: one slice of one of them in a turn, in order. */
import { expect, test } from 'vitest'
import { turn } from '../../src/engine/drive.ts'

test('however many rest, one goes on in a turn of the loop, and each gets its share', async () => {
  const order: number[] = []
  let turns = 0
  let over = false
  const counted = (async () => {
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
  })()
  const long = async (name: number) => {
    for (let slice = 0; slice < 5; slice++) {
      order.push(name)
      await turn()
    }
  }
  await Promise.all([long(0), long(1), long(2), long(3)])
  over = true
  await counted
  expect(order).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
  // Together they would have been through after five.
  expect(turns).toBeGreaterThanOrEqual(20)
})
