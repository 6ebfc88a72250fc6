/** What ends the serving, and what only ends a round of looking; and that the looking is done elsewhere, and ends. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  await scrub.begin()
  await scrub.stop()
  expect(told).toHaveLength(times)
  await disk.close()
})

let path: string
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'kith-scrub-'))
  mkdirSync(join(path, 'level', 'folder'), { recursive: true })
  writeFileSync(join(path, 'level', '000001.ldb'), 'no table')
})
afterAll(() => rmSync(path, { recursive: true }))

test.each([
  ['a table that is none', ['000001.ldb'], /level\/000001.ldb is damaged at byte 0.*`kith doctor --data/],
  ['a table that is gone and in use', ['000002.ldb'], /level\/000002.ldb is missing/],
  ['what the thread cannot read', ['folder'], /EISDIR/],
])('%s ends the serving', async (_, names, message) => {
  const disk = await openMemory()
  const told: Error[] = []
  const scrub = new Scrub({ ...disk, tables: () => names }, path, (error) => told.push(error))
  await scrub.begin()
  await scrub.stop()
  expect(told.map((error) => error.message)).toEqual([expect.stringMatching(message)])
  if (!names.includes('folder')) expect(readFileSync(join(path, 'hold'), 'utf8')).toMatch(/^damage\n/)
  rmSync(join(path, 'hold'), { force: true })
  await disk.close()
})

test('a table that was compacted away meanwhile is none that is missing', async () => {
  const disk = await openMemory()
  const lists = [['000002.ldb'], []]
  const told: Error[] = []
  const tables = (): readonly string[] => lists.shift() ?? []
  const scrub = new Scrub({ ...disk, tables }, path, (error) => told.push(error))
  await scrub.begin()
  await scrub.stop()
  expect(told).toEqual([])
  expect(lists).toEqual([])
  await disk.close()
})

test('stopped amid a round, it tells nothing and the thread is gone', async () => {
  const disk = await openMemory()
  const told: Error[] = []
  const scrub = new Scrub({ ...disk, tables: () => ['000001.ldb'] }, path, (error) => told.push(error))
  const round = scrub.begin()
  await scrub.stop()
  await round
  expect(told).toEqual([])
  await disk.close()
})
