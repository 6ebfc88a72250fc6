import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from '../../src/lib/make-folder.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kith-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('all that are missing are made, each its owner’s alone, and made again is nothing', () => {
  const inner = join(folder, 'a', 'b', 'c')
  makeFolder(inner)
  makeFolder(inner)
  for (const one of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, one)).mode & 0o777).toBe(0o700)
})

test('a file is no folder, and has none in it', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow(/EEXIST/)
  expect(() => makeFolder(join(file, 'data'))).toThrow(/ENOTDIR/)
})

test.skipIf(!existsSync('/proc/self'))(
  'where the system takes none, that is said, not tried without end',
  () => {
    expect(() => makeFolder('/proc/nope')).toThrow(/ENOENT/)
    expect(() => makeFolder('/proc/nope/data')).toThrow(/ENOENT/)
  },
)
