/** What ends the serving, and what only ends a round of looking. */
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openMemory } from '../../src/storage/disk.ts'
import { Scrub } from '../../src/storage/scrub.ts'

test.each([
  ['the folder is being opened again', 'LEVEL_DATABASE_NOT_OPEN', 0],
  ['no descriptor is left', 'EMFILE', 0],
  ['the disk cannot be read', 'EIO', 1],
])('%s: told or not', async (_, code, times) => {
  const disk = await openMemory()
  const tables = (): never => {
    throw Object.assign(new Error(code), { code })
  }
  const told: unknown[] = []
  const scrub = new Scrub({ ...disk, tables }, 'nowhere', (error) => told.push(error))
  // Nothing of the round is awaited but what has failed already.
  await setImmediate()
  await scrub.stop()
  expect(told).toHaveLength(times)
  await disk.close()
})
