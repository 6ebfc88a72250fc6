/** A sidecar that is killed, or loses power, under load: a few rounds; test/soak/crash.soak.ts has two hundred. */
import { expect, test } from 'vitest'
import { Random } from '../fuzz/random.ts'
import { seed } from '../property/run.ts'
import { canTrace, crash, type End } from './rounds.ts'

const ends: readonly End[] = canTrace
  ? ['kill', 'power', 'kill', 'sync', 'power', 'kill', 'power', 'sync']
  : ['kill', 'kill', 'kill', 'kill']
const why = canTrace ? '' : ', kills alone: strace cannot run here'

test(`nothing acknowledged is lost, nothing is half there (SEED=${seed}${why})`, async () => {
  const random = new Random(seed)
  const report = await crash({
    ends,
    random: () => random.below(2 ** 30) / 2 ** 30,
    loadMs: 600,
    folderRounds: 4,
    backupEvery: 3,
  })
  const { lost, half, unexplained } = report
  expect({ lost, half, unexplained }).toEqual({ lost: [], half: [], unexplained: [] })
  expect(report.rounds).toBe(ends.length)
  expect(report.acknowledged).toBeGreaterThan(0)
})
