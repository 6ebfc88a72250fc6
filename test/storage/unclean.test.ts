/**
 * A folder that was not closed in order: its tables are compared before LevelDB opens them, so that nothing is answered,
 * and nothing compacted, from a damaged one. One that was is opened at once, and compared behind (damage.test.ts).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Level } from 'level'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { damageInFolder } from '../../src/storage/demand-tables.ts'
import { verify } from '../../src/storage/doctor.ts'
import { tablesInUse } from '../../src/storage/files/manifest.ts'
import { nameOfTable } from '../../src/storage/files/tables.ts'
import { openFolder } from '../../src/storage/folder.ts'
import { withLock } from '../../src/storage/lock.ts'
import { Mark } from '../../src/storage/mark.ts'
import { openStorage } from '../../src/storage/open.ts'

/** On another disk than the rest, mostly: no file there has a name here. */
const elsewhere = '/dev/shm'

let original: string
let store: string

beforeAll(async () => {
  original = mkdtempSync(join(tmpdir(), 'kith-unclean-'))
  store = await fill(original, 'one')
  // The second opening makes the first one's log a table.
  await fill(original, 'two')
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

const names = Array.from({ length: 300 }, (_, i) => `user:${i}-${'x'.repeat(200)}`)

async function fill(path: string, object: string): Promise<string> {
  const storage = await openStorage({ path }, { sweepEveryMs: 0 })
  const { id } = (await storage.stores(1)).rows[0] ?? (await storage.createStore('one'))
  const writes = names.map((subject) => ({ object: `doc:${object}`, relation: 'viewer', subject }))
  await storage.commit(id, { writes })
  await storage.close()
  return id
}

/** A copy as a kill would have left it, or a power loss. */
function uncleanCopy(): string {
  const path = mkdtempSync(join(tmpdir(), 'kith-unclean-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  cpSync(original, path, { recursive: true })
  const mark = new Mark(join(path, 'mark'))
  mark.unsettle()
  mark.close()
  return path
}

function tableOf(path: string): string {
  const [first = 0] = tablesInUse(join(path, 'level'))
  return join(path, 'level', nameOfTable(first))
}

function flip(file: string, share: number): void {
  const bytes = readFileSync(file)
  const at = Math.floor((bytes.length - 1) * share)
  bytes[at] = (bytes[at] ?? 0) ^ 0x41
  writeFileSync(file, bytes)
}

async function expectRefused(path: string, what: RegExp): Promise<void> {
  const files = readdirSync(join(path, 'level'))
  await expect(openStorage({ path })).rejects.toThrow(what)
  await expect(openStorage({ path })).rejects.toThrow(/is not opened: .*`kith doctor --data/)
  // Nothing was compacted, or laid out anew.
  expect(readdirSync(join(path, 'level'))).toEqual(files)
}

test.each([0, 0.1, 0.35, 0.6, 0.85, 1])('a byte of a table at %d of it: refused', async (share) => {
  const path = uncleanCopy()
  flip(tableOf(path), share)
  await expectRefused(
    path,
    /cannot be opened \(Corruption: the file level.*damaged at byte.*`kith doctor --data/,
  )
})

test('a table that is gone: refused', async () => {
  const path = uncleanCopy()
  rmSync(tableOf(path))
  await expectRefused(path, /cannot be opened \(Corruption: the file level.*missing.*`kith doctor --data/)
})

test('what damage is found is repaired by the doctor, and told by it before', async () => {
  const path = uncleanCopy()
  flip(tableOf(path), 0.995)
  const found = await verify(path)
  expect(found.findings[0]?.what).toContain('is damaged at byte')
  await expect(openStorage({ path })).rejects.toThrow(/is not opened/)
  expect(await verify(path, { repair: true })).toMatchObject({ repaired: true })
  expect(await verify(path)).toMatchObject({ findingCount: 0 })
  await (await openStorage({ path })).close()
})

test('tables that are whole are served, and what is left over accuses nobody', async () => {
  const path = uncleanCopy()
  // As a compaction leaves it that was killed: not in the manifest, and LevelDB deletes it.
  writeFileSync(join(path, 'level', '000999.ldb'), readFileSync(tableOf(path)).subarray(0, 5000))
  const storage = await openStorage({ path })
  for (const object of ['doc:one', 'doc:two']) {
    expect(storage.view(store).tuple(object, 'viewer', names[7] ?? '')).toBeDefined()
  }
  await storage.close()
})

test('a process that was killed: one flipped byte of what it left is refused', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-unclean-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  await fill(path, 'one')
  const child = new URL('writer.child.ts', import.meta.url).pathname
  const run = spawn(process.execPath, ['--import', 'tsx', child, path, '4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(run, 'exit')
  for await (const line of createInterface({ input: run.stdout })) {
    if (line.startsWith('ack')) run.kill('SIGKILL')
  }
  await ended
  const table = tableOf(path)
  const whole = readFileSync(table)
  flip(table, 0.4)
  await expectRefused(path, /Corruption: the file level.*damaged at byte.*`kith doctor --data/)
  writeFileSync(table, whole)
  expect(await verify(path)).toMatchObject({ findingCount: 0 })
  await (await openStorage({ path })).close()
})

test('the manifest says which tables are in use, as LevelDB does', async () => {
  const path = uncleanCopy()
  const disk = await openFolder(path)
  const inUse = (): string[] => tablesInUse(join(path, 'level')).map(nameOfTable)
  expect(inUse()).toEqual([...disk.tables()].sort())
  expect(inUse().length).toBeGreaterThan(0)
  const before = inUse()
  await disk.compact()
  expect(inUse()).toEqual([...disk.tables()].sort())
  expect(inUse()).not.toEqual(before)
  await disk.close()
})

function isSettled(path: string): boolean {
  const mark = new Mark(join(path, 'mark'))
  try {
    return mark.isSettled
  } finally {
    mark.close()
  }
}

test('while LevelDB opens it is noted already that it may end without order', async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-unclean-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  await (await openFolder(path)).close()
  expect(isSettled(path)).toBe(true)
  const seen: boolean[] = []
  const opening = vi.spyOn(Level.prototype, 'open')
  onTestFinished(() => opening.mockRestore())
  opening.mockImplementation(async () => {
    seen.push(isSettled(path))
    throw new Error('killed')
  })
  await expect(openFolder(path)).rejects.toThrow()
  expect(seen).toContain(false)
  expect(seen).not.toContain(true)
  expect(isSettled(path)).toBe(false)
})

test('of two who look at a folder without LevelDB the second is refused, and takes nothing from the first', async () => {
  const path = uncleanCopy()
  const source = (name: string) => new URL(`../../src/storage/${name}`, import.meta.url).href
  const locker = `import { withLock } from ${JSON.stringify(source('lock.ts'))}
    await withLock(${JSON.stringify(path)}, async () => console.log('in'))`
  const other = () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', locker])
    return String(run.stdout) + String(run.stderr)
  }
  const held = () => readdirSync(path).filter((name) => name.startsWith('lock'))
  await withLock(path, async () => {
    const mine = held().map((name) => [name, statSync(join(path, name)).ino])
    expect(other()).toContain('in use by another process')
    expect(held().map((name) => [name, statSync(join(path, name)).ino])).toEqual(mine)
    await expect(withLock(path, async () => {})).rejects.toThrow('in this process already')
    expect(other()).toContain('in use by another process')
  })
  expect(held()).toEqual([])
  expect(other()).toBe('in\n')
})

test('what somebody left who was killed while looking is taken away, later', async () => {
  const path = uncleanCopy()
  for (const name of ['lock', 'lock-left', 'lock-now']) mkdirSync(join(path, name))
  for (const name of ['lock', 'lock-left']) utimesSync(join(path, name), 0, 0)
  await withLock(path, async () => {})
  expect(readdirSync(path).filter((name) => name.startsWith('lock'))).toEqual(['lock-now'])
})

test('in order is closed what nobody killed, and no write failed in', async () => {
  const path = uncleanCopy()
  expect(isSettled(path)).toBe(false)
  const disk = await openFolder(path)
  await disk.close()
  expect(isSettled(path)).toBe(true)
  const again = await openFolder(path)
  expect(isSettled(path)).toBe(false)
  await again.reopen()
  await again.close()
  expect(isSettled(path)).toBe(false)
})

test('where tables are many, the newest are compared', async () => {
  const path = uncleanCopy()
  const first = tableOf(path)
  // Two tables: opening writes the log's rows as one more.
  await (await openFolder(path)).close()
  const sizes = tablesInUse(join(path, 'level')).map(
    (one) => statSync(join(path, 'level', nameOfTable(one))).size,
  )
  expect(sizes).toHaveLength(2)
  const [older = 0, newer = 0] = sizes
  flip(first, 0.4)
  expect(await damageInFolder(path, newer)).toBeUndefined()
  expect(await damageInFolder(path, newer + older)).toContain('is damaged at byte')
})

test.skipIf(!existsSync(elsewhere) || statSync(elsewhere).dev === statSync(tmpdir()).dev)(
  'where LevelDB lies on another disk its lock is held all the same',
  async () => {
    const path = uncleanCopy()
    const away = mkdtempSync(join(elsewhere, 'kith-unclean-'))
    onTestFinished(() => rmSync(away, { recursive: true, force: true }))
    const level = join(path, 'level')
    cpSync(level, away, { recursive: true })
    rmSync(level, { recursive: true })
    symlinkSync(away, level)
    const child = new URL('writer.child.ts', import.meta.url).pathname
    await withLock(path, async () => {
      const run = spawnSync(process.execPath, ['--import', 'tsx', child, path])
      expect(String(run.stderr)).toContain('in use by another process')
    })
    await (await openStorage({ path })).close()
  },
)
