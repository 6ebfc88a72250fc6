/** Rows that no log vouches for: records of stores, the journal, callers' keys. What is lost or changed is told, never used. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DiskBatch } from '../../src/storage/disk.ts'
import { openMemory } from '../../src/storage/disk.ts'
import { type Diagnosis, verifyDisk } from '../../src/storage/doctor.ts'
import * as keys from '../../src/storage/keys.ts'
import { pack, unpack } from '../../src/storage/values.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
let ids: string[]
beforeEach(async () => {
  folder = await openTestFolder('memory')
  const { storage } = folder
  ids = []
  // The second has no rows but its record, the third is deleted, the last is the last.
  for (const name of ['first', 'bare', 'gone', 'last']) ids.push((await storage.createStore(name)).id)
  const writes = [{ object: 'doc:1', relation: 'viewer', subject: 'user:ann' }]
  for (const index of [0, 2, 3]) await storage.commit(ids[index] ?? '', { writes })
  await storage.renameStore(ids[3] ?? '', 'renamed')
  await storage.deleteStore(ids[2] ?? '')
  await storage.putCredential('key1', { scopes: ['check:*'] })
  await storage.settled()
})
afterEach(() => folder.remove())

async function plant(change: (batch: DiskBatch) => void): Promise<void> {
  const batch = folder.disk.batch()
  change(batch)
  await batch.write()
}

async function examine(repair = false): Promise<Diagnosis> {
  return verifyDisk(folder.disk, await openMemory(), { repair })
}

/** A row with one bit of its content changed. */
function flipped(key: Buffer, at: number): Buffer {
  const row = Buffer.from(folder.disk.get(key) ?? [])
  row[at] = (row[at] ?? 0) ^ 1
  return row
}

test.each([
  [1, 'first', 'lost'],
  [2, 'bare', 'lost'],
  [3, 'gone', 'lost'],
  [4, 'renamed', 'lost'],
  [1, 'first', 'changed'],
  [3, 'gone', 'changed'],
  [4, 'renamed', 'changed'],
])(
  'the record of store number %d, %s, is %s: not opened, told, and made again',
  async (number, name, how) => {
    const id = ids[number - 1] ?? ''
    const key = keys.storeKey(number)
    await plant((batch) => (how === 'lost' ? batch.delete(key) : batch.put(key, flipped(key, 4))))
    await expect(folder.reopen()).rejects.toThrow(`store number ${number} is lost; the folder is not opened`)
    const what = `the record of store ${id} is lost`
    expect((await examine()).findings).toEqual([{ store: undefined, what, repairable: true }])
    expect(await examine(true)).toMatchObject({ repaired: true, lostCount: 0 })
    expect((await examine()).findings).toEqual([])
    const storage = await folder.reopen()
    await storage.settled()
    expect(storage.store(id)?.name).toBe(number === 3 ? undefined : name)
    await expect(storage.createStore('again', id)).rejects.toMatchObject({ code: 'precondition_failed' })
    if (number === 1 || number === 4) {
      expect(storage.view(id).tuple('doc:1', 'viewer', 'user:ann')).toBeDefined()
      await storage.commit(id, { deletes: [{ object: 'doc:1', relation: 'viewer', subject: 'user:ann' }] })
    }
  },
)

test('several are lost at once, the last of them without a row', async () => {
  const { id } = await folder.storage.createStore('very last')
  await plant((batch) => {
    for (const number of [1, 2, 4, 5]) batch.delete(keys.storeKey(number))
  })
  expect((await examine(true)).lostCount).toBe(0)
  expect((await examine()).findings).toEqual([])
  const storage = await folder.reopen()
  expect([...ids, id].map((one) => storage.store(one)?.name)).toEqual([
    'first',
    'bare',
    undefined,
    'renamed',
    'very last',
  ])
})

test('a record that the journal does not name is lost; its number is given to nobody, its rows are shown to nobody', async () => {
  await plant((batch) => {
    batch.delete(keys.storeKey(4))
    for (let row = 1; row <= 8; row++) batch.delete(keys.journalKey(row))
  })
  const found = await examine(true)
  expect(found.findings[0]?.what).toMatch(/store number 4 is lost, and nothing says which/)
  expect(found.lostCount).toBe(1)
  expect((await examine()).findings).toEqual([])
  const storage = await folder.reopen()
  expect((await storage.stores(10)).rows.map(({ id }) => id)).toEqual(ids.slice(0, 2))
  const { id } = await storage.createStore('new')
  expect(storage.view(id).revision).toBe(0)
  expect(storage.view(id).tuple('doc:1', 'viewer', 'user:ann')).toBeUndefined()
})

test.each([
  ['a row of the journal', keys.journalKey(2), 'row 2 of the journal of stores is not what was written'],
  ['a key', keys.credentialKey('key1'), 'the record of key key1 is not what was written: make another key'],
])('%s that was changed where it lies is told, let go of, and never used', async (_, key, what) => {
  const { length } = folder.disk.get(key) ?? Buffer.alloc(0)
  const whole = Buffer.from(folder.disk.get(key) ?? [])
  for (let at = 0; at < length; at++) {
    await plant((batch) => batch.put(key, flipped(key, at)))
    expect((await examine()).findings, `byte ${at}`).toEqual([{ store: undefined, what, repairable: false }])
    const { storage } = folder
    const used = key[0] === keys.kind.journal ? storage.storeChanges(10) : storage.credentials()
    await expect(used).rejects.toThrow('is damaged; stop Kith and see `kith doctor`')
    await plant((batch) => batch.put(key, whole))
  }
  await plant((batch) => batch.put(key, flipped(key, 3)))
  expect(await examine(true)).toMatchObject({ repaired: true, lostCount: 1 })
  expect((await examine()).findings).toEqual([])
})

test('rows of before digests are believed', async () => {
  const rows = [keys.storeKey(1), keys.journalKey(1), keys.credentialKey('key1')]
  await plant((batch) => {
    for (const key of rows) {
      const cells = unpack<unknown[]>(folder.disk.get(key) ?? Buffer.alloc(0)).slice(0, -1)
      batch.put(key, pack(cells.length === 1 ? cells[0] : cells))
    }
  })
  expect((await examine()).findings).toEqual([])
  const storage = await folder.reopen()
  expect(storage.store(ids[0] ?? '')?.name).toBe('first')
  expect((await storage.storeChanges(1)).rows[0]).toMatchObject({ operation: 'create', name: 'first' })
  expect(await storage.credentials()).toEqual([{ id: 'key1', document: { scopes: ['check:*'] } }])
})
