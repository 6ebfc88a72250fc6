/** The table of published mistakes names tests that exist, and each of them names the mistake. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const rows = readFileSync(resolve(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| ([\w#@-]+-\w+|\w+[#@]\w+) +\| (.*) \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, id = '', files = '']) => ({
    id,
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }))

test('the table is read', () => expect(rows.length).toBeGreaterThan(60))

describe('each mistake is in the tests that the table names', () => {
  test.each(rows)('$id', ({ id, files }) => {
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      expect(existsSync(resolve(root, file)), file).toBe(true)
      expect(readFileSync(resolve(root, file), 'utf8')).toContain(id)
    }
  })
})
