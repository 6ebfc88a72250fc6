/** One native batch is written again and again; one that is let go is closed, or the database would hold it for ever. */
import { expect, test } from 'vitest'
import { Batches } from '../../src/storage/batches.ts'
import type { DiskBatch } from '../../src/storage/disk.ts'

/** A database that holds every batch until that is closed, as LevelDB's does. */
class FakeDatabase {
  status = 'open'
  readonly held = new Set<object>()
  made = 0

  batch() {
    this.made++
    const batch = {
      _put: () => {},
      _del: () => {},
      _clear: () => {},
      _write: async () => {},
      close: async (): Promise<void> => {
        this.held.delete(batch)
      },
    }
    this.held.add(batch)
    return batch
  }
}

const large = Buffer.alloc(4 << 20)
const small = Buffer.alloc(100)

async function write(batch: DiskBatch, value: Buffer): Promise<void> {
  batch.put(small, value)
  await batch.write()
}

test('small ones after small ones, and large ones after large ones, are one', async () => {
  for (const value of [small, large]) {
    const db = new FakeDatabase()
    const batches = new Batches(db)
    for (let i = 0; i < 5; i++) await write(batches.begin(), value)
    expect([db.made, db.held.size]).toEqual([1, 1])
  }
})

test('the room of a large one is given back when small ones follow, each time', async () => {
  const db = new FakeDatabase()
  const batches = new Batches(db)
  for (let i = 0; i < 5; i++) {
    await write(batches.begin(), large)
    await write(batches.begin(), small)
    expect(db.held.size).toBe(0)
  }
})

test('of two at once one is kept, the other closed', async () => {
  const db = new FakeDatabase()
  const batches = new Batches(db)
  const both = [batches.begin(), batches.begin()]
  for (const batch of both) await write(batch, small)
  expect([db.made, db.held.size]).toEqual([2, 1])
})
