/** The doctor finds every planted fault, and after a repair none; a verifier that finds nothing must be able to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Disk, DiskBatch } from '../../src/storage/disk.ts'
import { openMemory } from '../../src/storage/disk.ts'
import { verify, verifyDisk } from '../../src/storage/doctor.ts'
import { openFolder } from '../../src/storage/folder.ts'
import * as keys from '../../src/storage/keys.ts'
import { mendFolder } from '../../src/storage/mend.ts'
import { openStorage } from '../../src/storage/open.ts'
import { noValue, placementValue } from '../../src/storage/reverse.ts'
import { pack, packDocument, packHead, packTuple, unpack, unpackHead } from '../../src/storage/values.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
let store: string
beforeEach(async () => {
  folder = await openTestFolder('memory')
  const { storage, hand } = folder
  store = (await storage.createStore('one')).id
  const other = (await storage.createStore('two')).id
  await storage.commit(other, { writes: [t('doc:1', 'viewer', 'user:ann')] })
  await storage.commit(store, {
    writes: [
      t('doc:1', 'viewer', 'user:ann'),
      { ...t('doc:1', 'viewer', 'user:bob'), expiresAt: hand.instant + 9 },
    ],
    putEntities: [{ type: 'user', id: 'ann', attributes: { a: 1 } }],
    asides: [{ type: 'count', id: 'x', attributes: { n: 1 } }],
  })
  const sets = Array.from({ length: 900 }, (_, i) =>
    t('doc:2', 'viewer', `group:some-group-of-people-${i}#member`),
  )
  await storage.commit(store, { writes: sets })
  const placed = Array.from({ length: 300 }, (_, i) => t(`doc:${i}`, 'editor', 'user:cat'))
  await storage.commit(store, { writes: placed })
})
afterEach(() => folder.remove())

const bob = t('doc:1', 'viewer', 'user:bob')

const faults: [string, (batch: DiskBatch, disk: Disk) => void, RegExp][] = [
  [
    'a tuple row lost',
    (b) => b.delete(keys.tupleKey(1, 'doc:1', 'viewer', 'user:ann')),
    /tuple row is missing/,
  ],
  [
    'a tuple row too many',
    (b) => b.put(keys.tupleKey(1, 'doc:1', 'viewer', 'user:eve'), packTuple({ revision: 1, timestamp: 1 })),
    /tuple row is too many: doc:1#viewer@user:eve/,
  ],
  [
    'a tuple row changed',
    (b) => b.put(keys.tupleKey(1, 'doc:1', 'viewer', 'user:bob'), packTuple({ revision: 1, timestamp: 1 })),
    /not what the log says/,
  ],
  [
    'an expiry lost',
    (b) => b.delete(keys.expiryKey(folder.hand.instant + 9, 1, bob)),
    /expiry row is missing/,
  ],
  ['an expiry too many', (b) => b.put(keys.expiryKey(5, 1, bob), noValue), /expiry row is too many/],
  [
    'a forward head lost',
    (b) => b.delete(keys.forwardKey(1, 'doc:1', 'viewer')),
    /forward head of doc:1#viewer is missing/,
  ],
  [
    'a member added to a forward head',
    (b) =>
      b.put(
        keys.forwardKey(1, 'doc:1', 'viewer'),
        pack([
          [[], []],
          [['user:ann', 'user:bob', 'user:eve'], [1]],
        ]),
      ),
    /does not list its plain/,
  ],
  [
    'a qualified edge that is plain',
    (b) =>
      b.put(
        keys.forwardKey(1, 'doc:1', 'viewer'),
        pack([
          [[], []],
          [['user:ann', 'user:bob'], []],
        ]),
      ),
    /does not list its plain/,
  ],
  [
    'a head of nothing',
    (b) =>
      b.put(
        keys.forwardKey(1, 'doc:x', 'viewer'),
        pack([
          [['user:*'], []],
          [[], []],
        ]),
      ),
    /doc:x#viewer/,
  ],
  [
    'a forward head that is none',
    (b) => b.put(keys.forwardKey(1, 'doc:1', 'viewer'), Buffer.from('none')),
    /heads cannot be read/,
  ],
  [
    'a reverse head that is none',
    (b) => b.put(keys.reverseKey(1, 'user:ann'), Buffer.from('none')),
    /heads cannot be read/,
  ],
  [
    'a page lost',
    (b) => b.delete(keys.forwardPageKey(1, 'doc:2', 'viewer', 'usersets', 1)),
    /does not list its usersets/,
  ],
  [
    'a page of no head',
    (b) => b.put(keys.forwardPageKey(1, 'doc:2', 'viewer', 'usersets', 77), pack([['group:z#member'], []])),
    /page 77 of doc:2#viewer belongs to no head/,
  ],
  [
    'a reverse head lost',
    (b) => b.delete(keys.reverseKey(1, 'user:ann')),
    /reverse head of user:ann is missing/,
  ],
  [
    'a reverse head changed',
    (b) => b.put(keys.reverseKey(1, 'user:ann'), pack(['doc:9', 'viewer'])),
    /reverse head of user:ann is not/,
  ],
  [
    'a qualified placement that is plain',
    (b) => b.put(keys.reverseKey(1, 'user:bob'), pack(['doc:1', 'viewer'])),
    /reverse head of user:bob is not/,
  ],
  [
    'a reverse head too many',
    (b) => b.put(keys.reverseKey(1, 'user:zoe'), pack(['doc:9', 'viewer'])),
    /reverse head of user:zoe is too many/,
  ],
  [
    'a placement lost',
    (b) => b.delete(keys.placementKey(1, 'user:cat', 'doc:7', 'editor')),
    /placement of user:cat at doc:7#editor is missing/,
  ],
  [
    'a placement too many',
    (b) => b.put(keys.placementKey(1, 'user:cat', 'doc:7', 'viewer'), noValue),
    /placement of user:cat at doc:7#viewer is too many/,
  ],
  [
    'a plain placement that is qualified',
    (b) => b.put(keys.placementKey(1, 'user:cat', 'doc:7', 'editor'), placementValue(true)),
    /placement of user:cat at doc:7#editor is not what the log says/,
  ],
  [
    'a head record behind',
    (b, disk) => {
      const head = unpackHead(disk.get(keys.headKey(1)) ?? noValue)
      b.put(keys.headKey(1), packHead({ ...head, revision: 2 }))
    },
    /head record says revision 2, the log ends at 3/,
  ],
]

test('nothing is found where nothing is wrong', async () => {
  expect(await folder.verify()).toMatchObject({ findings: [], stores: 2, entries: 4, repaired: false })
})

test.each(faults)('%s is found, repaired, and then gone', async (_, plant, found) => {
  await folder.storage.settled()
  const { disk } = folder
  const batch = disk.batch()
  plant(batch, disk)
  await batch.write()
  const examine = async (repair: boolean) => verifyDisk(disk, await openMemory(), { repair })
  const first = await examine(false)
  expect(first.findings.map((one) => one.what).join('\n')).toMatch(found)
  expect(first.findings.every((one) => one.store === store)).toBe(true)
  expect(await examine(true)).toMatchObject({ repaired: true })
  expect((await examine(false)).findings).toEqual([])
})

test.each([
  ['entity user:ann is missing', (b) => b.delete(keys.entityKey(1, 'user', 'ann'))],
  [
    'entity user:ann is not what the log says',
    (b) => b.put(keys.entityKey(1, 'user', 'ann'), packDocument(1, '{"a":2}')),
  ],
  ['model m1 is missing', (b) => b.delete(keys.modelKey(1, 'm1'))],
  [
    'model m1 is not what the log says',
    (b) => b.put(keys.modelKey(1, 'm1'), packDocument(4, JSON.stringify(noModel('1.2')))),
  ],
  ['model m1 is not what the log says', (b) => b.put(keys.modelKey(1, 'm1'), Buffer.from('none'))],
  ['the assertions of model m1 are missing', (b) => b.delete(keys.assertionsKey(1, 'm1'))],
  [
    'the assertions of model m1 are not what the log says',
    (b) => b.put(keys.assertionsKey(1, 'm1'), pack('[]')),
  ],
] as [string, (batch: DiskBatch) => void][])(
  '%s: in no log to be rebuilt from, and said so',
  async (what, plant) => {
    await writeDocuments()
    expect((await folder.verify()).findings).toEqual([])
    const batch = folder.disk.batch()
    plant(batch)
    await batch.write()
    for (const repair of [false, true, false]) {
      const found = await verifyDisk(folder.disk, await openMemory(), { repair })
      expect(found.findings).toEqual([{ store, what, repairable: false }])
      expect(found.lostCount).toBe(1)
    }
  },
)

test.each([
  ['entity user:eve is too many', (b) => b.put(keys.entityKey(1, 'user', 'eve'), packDocument(1, '{}'))],
  ['model m1 is not listed', (b) => b.delete(keys.modelOrderKey(1, 4))],
  ['model m1 is not listed', (b) => b.put(keys.modelOrderKey(1, 4), Buffer.from('none'))],
] as [string, (batch: DiskBatch) => void][])('%s: found, repaired, and then gone', async (what, plant) => {
  await writeDocuments()
  const batch = folder.disk.batch()
  plant(batch)
  await batch.write()
  const found = await verifyDisk(folder.disk, await openMemory(), { repair: true })
  expect(found).toMatchObject({ findings: [{ store, what, repairable: true }], lostCount: 0 })
  expect((await verifyDisk(folder.disk, await openMemory())).findings).toEqual([])
})

test('a document beside the log that was changed is told and not read; a repair lets it go, and no other', async () => {
  const { storage, disk } = folder
  await storage.commit(store, { asides: [{ type: 'count', id: 'y', attributes: { n: 2 } }] })
  await storage.settled()
  const key = keys.asideKey(1, 'count', 'x')
  const batch = disk.batch()
  const row = disk.get(keys.asideKey(1, 'count', 'y'))
  // Right in itself, and not its own.
  batch.put(key, row ?? noValue)
  await batch.write()
  const damaged = 'the document count:x, which is beside the log, is'
  expect(() => storage.view(store).aside('count', 'x')).toThrow(damaged)
  const examine = async (repair: boolean) => verifyDisk(disk, await openMemory(), { repair })
  const what = `${damaged} not what was written`
  expect((await examine(true)).findings).toEqual([{ store, what, repairable: false }])
  expect((await examine(false)).findings).toEqual([])
  expect(disk.get(key)).toBeUndefined()
  expect(storage.view(store).aside('count', 'y')).toEqual({ n: 2 })
})

async function writeDocuments(): Promise<void> {
  const { revision } = await folder.storage.commit(store, {
    model: { id: 'm1', json: noModel('1.1') },
    assertions: { model: 'm1', assertions: [{ expectation: true }] },
    putEntities: [{ type: 'user', id: 'bob', attributes: {} }],
  })
  expect(revision).toBe(4)
  await folder.storage.settled()
}

function noModel(version: string) {
  return { schema_version: version, type_definitions: [] }
}

test('a folder whose files LevelDB cannot read is mended, and what was lost with them is told', async () => {
  const path = await folderOfThree()
  breakTable(path)

  await expect(openStorage({ path })).rejects.toThrow(/cannot be opened \(Corruption.*kith doctor --data/)
  await expect(verify(path)).rejects.toThrow(/\(Corruption.*--repair/)
  const { findings, repaired, lostCount } = await verify(path, { repair: true })
  expect(repaired).toBe(true)
  expect(findings[0]).toMatchObject({
    what: expect.stringMatching(/its files were mended/),
    repairable: false,
  })
  expect(findings[1]).toMatchObject({ what: expect.stringMatching(/were acknowledged/), repairable: false })
  expect(lostCount).toBe(2)
  expect(await verify(path)).toMatchObject({ findingCount: 0 })
  await (await openStorage({ path })).close()
})

test.each([
  // Read once to find that they are to be mended, and once more when they are.
  ['files are mended', breakTable, 'reading the files', 2],
  ['rows are laid out', loseTuple, 'repairing', 1],
])(
  'a repair that is interrupted when %s keeps the folder shut until it ends',
  async (_, harm, step, times) => {
    const path = await folderOfThree()
    await harm(path)
    let left = times
    const progress = (told: string): void => {
      if (told.startsWith(step) && --left === 0) throw new Error('killed')
    }
    await expect(verify(path, { repair: true, progress })).rejects.toThrow('killed')
    await expect(openStorage({ path })).rejects.toThrow(
      /not opened: its repair has not ended; run .* --repair/,
    )
    expect(await verify(path, { repair: true })).toMatchObject({ repaired: true })
    await (await openStorage({ path })).close()
  },
)

test('files that another process has open are not mended', async () => {
  const path = await folderOfThree()
  const held = `new (require('level').Level)('${join(path, 'level')}').open().then(() => process.send('open'))`
  const stay = 'setInterval(() => {}, 1000)'
  const holder = spawn(process.execPath, ['-e', `${held};${stay}`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    await once(holder, 'message')
    const begun: string[] = []
    await expect(mendFolder(path, () => begun.push('mending'))).rejects.toThrow(
      'is in use by another process',
    )
    expect(begun).toEqual([])
    expect(readdirSync(path)).not.toContain('lock')
  } finally {
    holder.kill()
    await once(holder, 'exit')
  }
  await mendFolder(path, () => {})
  await (await openStorage({ path })).close()
})

/** Of one store with one tuple, in a table. */
async function folderOfThree(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'kith-doctor-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  const written = await openStorage({ path })
  const { id } = await written.createStore('three')
  await written.commit(id, { writes: [t('doc:1', 'viewer', 'user:ann')] })
  await written.close()
  // Opening moves LevelDB's log into a table.
  await (await openStorage({ path })).close()
  return path
}

function breakTable(path: string): void {
  const level = join(path, 'level')
  const table = join(level, readdirSync(level).find((name) => name.endsWith('.ldb')) ?? '')
  const bytes = readFileSync(table)
  bytes.fill(0, bytes.length - 8)
  writeFileSync(table, bytes)
}

async function loseTuple(path: string): Promise<void> {
  const disk = await openFolder(path)
  const batch = disk.batch()
  batch.delete(keys.tupleKey(1, 'doc:1', 'viewer', 'user:ann'))
  await batch.write()
  await disk.close()
}

test('the faults above are planted where rows really are', () => {
  expect(unpack(folder.disk.get(keys.reverseKey(1, 'user:cat')) ?? noValue)).toBe(1)
  expect(folder.disk.get(keys.forwardPageKey(1, 'doc:2', 'viewer', 'usersets', 1))).toBeDefined()
})

function t(object: string, relation: string, subject: string) {
  return { object, relation, subject }
}
