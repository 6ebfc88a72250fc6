/** Kills amid sweeps: no state that is half swept, and log and rows agree. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Random } from '../fuzz/random.ts'
import { seed } from '../property/run.ts'
import { sweepRound } from './sweep.ts'

test(`a sweep that is killed leaves what its log says, and is ended later (SEED=${seed})`, async () => {
  const path = mkdtempSync(join(tmpdir(), 'kith-sweep-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const random = new Random(seed)
  let [before, after] = [0, 0]
  for (const round of ['a', 'b', 'c']) {
    const found = await sweepRound(path, round, random.below(400))
    expect(found.wrong).toEqual([])
    before += found.before
    after += found.after
  }
  expect(before).toBeGreaterThan(0)
  expect(after).toBeGreaterThan(0)
})
