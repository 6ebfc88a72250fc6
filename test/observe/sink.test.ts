/** Lines to a file: in order, bounded, and what is lost is told. */
import { existsSync, mkdtempSync, readFileSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LineSink } from '../../src/observe/sink.ts'

const file = () => join(mkdtempSync(join(tmpdir(), 'kith-sink-')), 'decisions.log')
const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const never = (error: unknown) => {
  throw error
}

test('lines come in order; a rotated file keeps the lines before, the new one takes those after', async () => {
  const path = file()
  const sink = await LineSink.open(path, never)
  for (let i = 0; i < 1_000; i++) sink.write(`line ${i}`)
  renameSync(path, `${path}.1`)
  await sink.reopen()
  sink.write('after')
  await sink.close(60_000)
  expect(linesOf(`${path}.1`)).toEqual(Array.from({ length: 1_000 }, (_, i) => `line ${i}`))
  expect(linesOf(path)).toEqual(['after'])
  expect([sink.written, sink.dropped, sink.queued]).toEqual([1_001, 0, 0])
  // It says who may do what: for its owner alone.
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('what has no room is dropped, counted, and told where it is missing', async () => {
  const path = file()
  const sink = await LineSink.open(path, never)
  const line = 'x'.repeat(1 << 20)
  for (let i = 0; i < 10; i++) sink.write(line)
  expect(sink.dropped).toBe(7)
  expect(sink.queued).toBeLessThanOrEqual(4 << 20)
  while (sink.queued > 0) await new Promise((resolve) => setImmediate(resolve))
  sink.write('later')
  await sink.close(60_000)
  const lines = linesOf(path)
  expect(lines.map((text) => text.length > 1_000)).toEqual([true, true, true, false, false])
  expect(JSON.parse(lines[3] ?? '')).toMatchObject({ dropped: 7 })
  expect(lines[4]).toBe('later')
})

test('what comes after the end is dropped: the number of its descriptor may be another file by then', async () => {
  const path = file()
  const told: unknown[] = []
  const sink = await LineSink.open(path, (error) => told.push(error))
  sink.write('before')
  await sink.close(60_000)
  sink.write('after')
  expect([sink.written, sink.dropped, sink.queued]).toEqual([1, 1, 0])
  renameSync(path, `${path}.1`)
  await sink.reopen()
  await sink.close(60_000)
  expect(existsSync(path)).toBe(false)
  expect(linesOf(`${path}.1`)).toEqual(['before'])
  expect(told).toEqual([])
})

test('a disk that is full loses lines, says so, and hurts nobody', async () => {
  const told: unknown[] = []
  const sink = await LineSink.open('/dev/full', (error) => told.push(error))
  sink.write('lost')
  await sink.close(60_000)
  expect(told).toMatchObject([{ code: 'ENOSPC' }])
  expect([sink.written, sink.dropped, sink.queued]).toEqual([0, 1, 0])
})
