/** Every store file of schema/ passes its own tests. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openInMemory } from '../../src/sidecar.ts'
import { parseStoreFile } from '../../src/storefile/parse.ts'
import { runTests } from '../../src/storefile/run.ts'

const folder = resolve(import.meta.dirname, '../../schema')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.fga.yaml'))
  .sort()

test('there are store files to run', () => {
  expect(files).toContain('demo.fga.yaml')
})

test.each(files)('schema/%s', async (name) => {
  const { kith, close } = await openInMemory()
  onTestFinished(close)
  const report = await runTests(await parseStoreFile(join(folder, name)), kith)
  expect(report.tests.flatMap(({ failures }) => failures)).toEqual([])
  expect(report.asked).toBeGreaterThan(0)
})
