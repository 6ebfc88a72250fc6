/** Folders of other formats: the one before is migrated, also after an interruption; others are refused with what to run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verify } from '../../src/storage/doctor.ts'
import { openFolder } from '../../src/storage/folder.ts'
import * as keys from '../../src/storage/keys.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openStorage } from '../../src/storage/open.ts'
import { pack } from '../../src/storage/values.ts'

/** Written by the last version of format 1: three stores, one of them deleted, 403 tuples, conditions and an expiry. */
const fixture = new URL('format-1', import.meta.url).pathname
const store = '01J0000000000000000000000F'
const second = '01J0000000000000000000000T'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'kith-migrate-'))
  cpSync(fixture, path, { recursive: true })
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

async function expectMigrated(): Promise<void> {
  expect(await verify(path)).toMatchObject({ findingCount: 0, stores: 2, entries: 5 })
  const storage = await openStorage({ path })
  try {
    const view = storage.view(store)
    expect(view.revision).toBe(4)
    expect(view.reverse('user:bob')).toEqual([{ object: 'group:eng', relation: 'member', qualified: true }])
    const placed: unknown[] = []
    for await (const page of storage.view(store).placements('user:cat')) placed.push(...page)
    expect(placed).toHaveLength(399)
    expect(placed).toContainEqual({ object: 'group:7', relation: 'member', qualified: true })
    expect(placed).toContainEqual({ object: 'group:8', relation: 'member', qualified: false })
    expect(storage.view(second).reverse('user:ann')).toMatchObject([{ qualified: true }])
    expect(storage.view(store).entity('user', 'ann')?.attributes).toEqual({ name: 'Ann' })
    expect((await storage.stores(10)).rows.map(({ id }) => id)).toEqual([store, second])
  } finally {
    await storage.close()
  }
}

test('the format before is refused with the command to run, which migrates it', async () => {
  await expect(openStorage({ path })).rejects.toThrow(
    `has format 1, this version reads format 2: back it up and run \`kith migrate --data ${path}\``,
  )
  expect(await migrate(path)).toEqual({ from: 1, to: 2 })
  expect(existsSync(join(path, 'hold'))).toBe(false)
  await expectMigrated()
  expect(await migrate(path)).toEqual({ from: 2, to: 2 })
})

test('a migration that is killed between its stores leaves a folder that is not served, and is begun anew', async () => {
  const child = new URL('migrate.child.ts', import.meta.url).pathname
  const run = spawn(process.execPath, ['--import', 'tsx', child, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [, signal] = await once(run, 'exit')
  expect(signal).toBe('SIGKILL')
  await expect(openStorage({ path })).rejects.toThrow(
    `its migration has not ended; run \`kith migrate --data ${path}\` again`,
  )
  expect(await migrate(path)).toEqual({ from: 1, to: 2 })
  await expectMigrated()
})

test.each([
  [3, 'serve it with the version that wrote it, or restore a backup of before'],
  [0, 'back it up and run'],
])('format %i is refused, and nothing is changed', async (format, fix) => {
  const disk = await openFolder(path)
  const batch = disk.batch()
  batch.put(keys.formatKey, pack(format))
  await batch.write()
  await disk.close()
  await expect(openStorage({ path })).rejects.toThrow(fix)
  await expect(migrate(path)).rejects.toThrow(`has format ${format}`)
  expect(existsSync(join(path, 'hold'))).toBe(false)
})

test('a folder of the format before whose log is damaged is left as it is', async () => {
  const disk = await openFolder(path)
  const batch = disk.batch()
  batch.delete(keys.changeKey(1, 2))
  await batch.write()
  await disk.close()
  await expect(migrate(path)).rejects.toThrow(/log of store \w+ is damaged: revision 2 is missing/)
  await expect(openStorage({ path })).rejects.toThrow('has format 1')
})
