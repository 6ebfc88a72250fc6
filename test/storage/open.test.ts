/** What openStorage refuses, and what it keeps: one process, one format, an unbroken log, a secret of its own. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SteadyClock } from '../../src/lib/clock.ts'
import { verify } from '../../src/storage/doctor.ts'
import { openFolder } from '../../src/storage/folder.ts'
import * as keys from '../../src/storage/keys.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'
import { openSecrets } from '../../src/storage/secret.ts'
import { pack } from '../../src/storage/values.ts'
import { openZookie, sealZookie, type Zookie } from '../../src/tuple/zookie.ts'
import { openTestFolder } from './folder.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'kith-open-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

const open = (at = path): Promise<LevelStorage> => openStorage({ path: at }, { sweepEveryMs: 0 })

async function fill(commits: number): Promise<string> {
  const storage = await open()
  const { id } = (await storage.stores(1)).rows[0] ?? (await storage.createStore('one'))
  for (let i = 0; i < commits; i++) {
    await storage.commit(id, { writes: [{ object: `doc:${i}`, relation: 'viewer', subject: 'user:ann' }] })
  }
  await storage.close()
  return id
}

async function damage(work: (disk: Awaited<ReturnType<typeof openFolder>>) => Promise<void>): Promise<void> {
  const disk = await openFolder(path)
  await work(disk)
  await disk.close()
}

test('a folder in use is refused, in this process and from another', async () => {
  const storage = await open()
  await expect(open()).rejects.toThrow(`the data folder ${path} is open in this process already`)
  const child = new URL('writer.child.ts', import.meta.url).pathname
  const run = spawnSync(process.execPath, ['--import', 'tsx', child, path])
  expect(run.status).not.toBe(0)
  expect(String(run.stderr)).toContain('in use by another process')
  await storage.close()
  await (await open()).close()
})

test.each([
  [1, '`kith migrate --data'],
  [999, 'serve it with the version that wrote it'],
])('format %i is refused with what to do', async (format, fix) => {
  await fill(1)
  await damage(async (disk) => {
    const batch = disk.batch()
    batch.put(keys.formatKey, pack(format))
    await batch.write()
  })
  await expect(open()).rejects.toThrow(new RegExp(`has format ${format}.*${fix}`))
})

test('a folder that was opened 150,000 times is opened once more', async () => {
  const store = await fill(1)
  await damage(async (disk) => {
    const batch = disk.batch()
    for (let epoch = 2; epoch <= 150_000; epoch++) batch.put(keys.epochKey(epoch), pack([`e${epoch}`, 0]))
    await batch.write()
  })
  const storage = await open()
  expect(storage.revisionOf(store, storage.zookie(store, 1))).toBe(1)
  await storage.close()
})

test('a database that is not ours is refused', async () => {
  await damage(async (disk) => {
    const batch = disk.batch()
    batch.put(Buffer.from('hello'), Buffer.from('world'))
    await batch.write()
  })
  await expect(open()).rejects.toThrow(/not Kith's/)
})

test.each([
  ['a missing entry at the end', 5, 5],
  ['a missing entry before it', 5, 4],
  ['the only one', 1, 1],
])('%s is refused with the command to run; the doctor cuts the log there', async (_, commits, revision) => {
  const store = await fill(commits)
  await damage(async (disk) => {
    const batch = disk.batch()
    batch.delete(keys.changeKey(1, revision))
    await batch.write()
  })
  await expect(open()).rejects.toThrow(`\`kith doctor --data ${path}\``)
  const found = await verify(path, { repair: true })
  expect(found).toMatchObject({ repaired: true })
  expect((await verify(path)).findings).toEqual([])
  const storage = await open()
  expect(storage.view(store).revision).toBe(revision - 1)
  expect((await storage.view(store).tuples({}, 100)).rows).toHaveLength(revision - 1)
  await storage.close()
})

test('a changed byte in an entry is refused, or found by the doctor', async () => {
  await fill(9)
  for (const [revision, refused] of [
    [9, true],
    [2, false],
  ] as const) {
    await damage(async (disk) => {
      const row = Buffer.from(disk.get(keys.changeKey(1, revision)) ?? '')
      row[row.length - 3] = (row.at(-3) ?? 0) ^ 1
      const batch = disk.batch()
      batch.put(keys.changeKey(1, revision), row)
      await batch.write()
    })
    if (refused) await expect(open()).rejects.toThrow(/damaged at revision 9/)
  }
  const [finding] = (await verify(path)).findings
  expect(finding).toMatchObject({
    what: expect.stringContaining('revision 2 does not chain'),
    repairable: false,
  })
})

test('a log file that lost its end is refused; the doctor lets go of what was lost', async () => {
  await fill(30)
  const level = join(path, 'level')
  const log = readdirSync(level).find((name) => name.endsWith('.log') && statSync(join(level, name)).size > 0)
  const file = join(level, log ?? '')
  const whole = readFileSync(file)
  // LevelDB itself opens it without a word.
  writeFileSync(file, whole.subarray(0, whole.length - 40))
  await expect(open()).rejects.toThrow(/lost its end/)
  const found = await verify(path, { repair: true })
  expect(found.findings.map((one) => one.what).join()).toContain('were acknowledged and are not there')
  await (await open()).close()
})

test('a flipped byte in the log file is refused', async () => {
  await fill(30)
  const level = join(path, 'level')
  const log = readdirSync(level).find((name) => name.endsWith('.log') && statSync(join(level, name)).size > 0)
  const file = join(level, log ?? '')
  const whole = readFileSync(file)
  writeFileSync(file, flipped(whole, whole.length >> 1))
  await expect(open()).rejects.toThrow(/kith doctor --data/)
})

test('a restored copy: zookies of what it lost are of a forked log, older ones hold', async () => {
  const copy = `${path}-copy`
  try {
    const store = await fill(2)
    const first = await open()
    await first.commit(store, { writes: [{ object: 'doc:a', relation: 'viewer', subject: 'user:ann' }] })
    const held = first.zookie(store, 3)
    await first.close()
    cpSync(path, copy, { recursive: true })
    const second = await open()
    await second.commit(store, { writes: [{ object: 'doc:b', relation: 'viewer', subject: 'user:ann' }] })
    const lost = second.zookie(store, 4)
    await second.close()
    const restored = await open(copy)
    expect(restored.revisionOf(store, held)).toBe(3)
    expect(() => restored.revisionOf(store, lost)).toThrow(expect.objectContaining({ code: 'log_forked' }))
    await restored.commit(store, { writes: [{ object: 'doc:c', relation: 'viewer', subject: 'user:ann' }] })
    expect(() => restored.revisionOf(store, lost)).toThrow(expect.objectContaining({ code: 'log_forked' }))
    await restored.close()
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})

test('a restart after a kill does not take back the time of any answer', async () => {
  const copy = `${path}-copy`
  try {
    const at = { now: 1_700_000_000_000 }
    const openAt = (where: string) =>
      openStorage({ path: where }, { clock: new SteadyClock(() => at.now), sweepEveryMs: 0 })
    const storage = await openAt(path)
    const { id } = await storage.createStore('one')
    for (const passed of [0, 400, 700, 60_000, 60_001]) {
      at.now = 1_700_000_000_000 + passed
      const answered = storage.view(id).now
      // What a killed process leaves behind.
      cpSync(path, copy, { recursive: true })
      at.now -= 3_600_000
      const restarted = await openAt(copy)
      expect(restarted.view(id).now - answered).toBeGreaterThanOrEqual(0)
      expect(restarted.view(id).now - answered).toBeLessThanOrEqual(1000)
      await restarted.close()
      rmSync(copy, { recursive: true })
    }
    await storage.close()
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})

test('a folder that cannot be made is named', async () => {
  writeFileSync(join(path, 'file'), '')
  await expect(open(join(path, 'file', 'data'))).rejects.toThrow(
    /the data folder .*file.data cannot be made \(ENOTDIR/,
  )
})

test('a folder whose mark cannot be opened is refused, and let go of', async () => {
  await fill(1)
  const mark = join(path, 'mark')
  rmSync(mark)
  mkdirSync(mark)
  await expect(open()).rejects.toThrow(/the data folder .* cannot be opened .*EISDIR/)
  rmdirSync(mark)
  await (await open()).close()
})

test('a secret that was being made when the process died is made anew', async () => {
  writeFileSync(join(path, 'secret.new'), 'half of a secr')
  await fill(1)
  expect(readFileSync(join(path, 'secret'), 'utf8')).toMatch(/^[A-Za-z0-9+/=]{44}\n$/)
  expect(readdirSync(path).sort()).toEqual(['level', 'mark', 'secret'])
})

test('the secret is made once, for its owner only, and rotates with overlap', async () => {
  const store = await fill(1)
  const file = join(path, 'secret')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const before = await open()
  const zookie = before.zookie(store, 1)
  const cursorKey = before.key('cursor')
  expect(cursorKey).toHaveLength(32)
  expect(before.key('other')).not.toEqual(cursorKey)
  await before.close()
  const old = readFileSync(file, 'utf8')
  writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n${old}`)
  const rotated = await open()
  expect(rotated.revisionOf(store, zookie)).toBe(1)
  expect(rotated.key('cursor')).not.toEqual(cursorKey)
  // Who has the old one seals nothing of today with it.
  const [present = new Uint8Array(), past = new Uint8Array()] = openSecrets(path).keys('zookie')
  const today = openZookie(present, rotated.zookie(store, 1))
  const forged = sealZookie(past, today as Zookie)
  expect(() => rotated.revisionOf(store, forged)).toThrow(expect.objectContaining({ code: 'invalid_zookie' }))
  await rotated.close()
  writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n`)
  const forgotten = await open()
  expect(() => forgotten.revisionOf(store, zookie)).toThrow(
    expect.objectContaining({ code: 'invalid_zookie' }),
  )
  await forgotten.close()
  writeFileSync(file, 'short\n')
  await expect(open()).rejects.toThrow(/at least 32 bytes/)
})

function flipped(bytes: Buffer, at: number): Buffer {
  const harmed = Buffer.from(bytes)
  harmed[at] = (harmed[at] ?? 0) ^ 0xff
  return harmed
}

test('questions share a view while its clock goes on, and none while the clock is put back: it says when it was made', async () => {
  let now = 1_000
  const storage = await openStorage({ memory: true }, { clock: new SteadyClock(() => now) })
  const { id } = await storage.createStore('held')
  const isShared = () => new Set([storage.view(id), storage.view(id)]).size === 1
  expect(isShared()).toBe(true)
  now = 500
  expect([isShared(), storage.view(id).now]).toEqual([false, 1_000])
  const { madeAt } = storage.view(id)
  const last = storage.view(id)
  expect(last.madeAt).toBeGreaterThanOrEqual(madeAt)
  // The clock has caught up with the instant that it told all the while.
  now = 1_000
  expect(storage.view(id)).not.toBe(last)
  now = 1_001
  expect([isShared(), storage.view(id).now]).toEqual([true, 1_001])
  await storage.close()
})

test('a commit to a store that nobody knows is refused as any other: it does not throw', async () => {
  const folder = await openTestFolder('memory')
  try {
    const asked = folder.storage.commit('nobody', { writes: [] })
    await expect(asked).rejects.toMatchObject({ code: 'store_id_not_found' })
  } finally {
    await folder.remove()
  }
})

test('a write whose store is deleted before it in the same group finds no store', async () => {
  const folder = await openTestFolder('memory')
  try {
    const { storage } = folder
    const { id } = await storage.createStore('one')
    const writes = [{ object: 'doc:1', relation: 'viewer', subject: 'user:ann' }]
    const asked = [
      storage.commit(id, { writes }),
      storage.deleteStore(id),
      storage.commit(id, { writes, onDuplicate: 'ignore' }),
    ]
    // All are in the queue, and the store is there.
    expect(storage.store(id)).toBeDefined()
    const [before, deleted, after] = await Promise.allSettled(asked)
    expect(before).toMatchObject({ status: 'fulfilled', value: { revision: 1 } })
    expect(deleted?.status).toBe('fulfilled')
    expect(after).toMatchObject({ status: 'rejected', reason: { code: 'store_id_not_found' } })
  } finally {
    await folder.remove()
  }
})
