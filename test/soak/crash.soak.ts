/** Two hundred ends of a sidecar under load, or as many as KITH_SOAK_ROUNDS says: SIGKILL, power loss, failing fsyncs, sweeps. */
import { expect, test } from 'vitest'
import { canTrace, crash, type End } from '../crash/rounds.ts'
import { Random } from '../fuzz/random.ts'
import { seed } from '../property/run.ts'

const rounds = Number(process.env.KITH_SOAK_ROUNDS ?? 200)
const hours = 3_600_000

test(`${rounds} rounds (SEED=${seed})`, { timeout: 12 * hours }, async () => {
  const random = new Random(seed)
  const kinds: readonly End[] = canTrace
    ? ['kill', 'sweep', 'power', 'kill', 'sync', 'kill', 'power', 'sweep', 'kill']
    : ['kill', 'kill', 'sweep']
  const ends = Array.from({ length: rounds }, (_, i) => kinds[i % kinds.length] ?? 'kill')
  const report = await crash({
    ends,
    random: () => random.below(2 ** 30) / 2 ** 30,
    loadMs: 1_500,
    folderRounds: 10,
    backupEvery: 9,
    tell: ({ lost, half, unexplained, ...counts }) => {
      const wrong = { lost: lost.length, half: half.length, unexplained: unexplained.length }
      console.log(JSON.stringify({ ...counts, ...wrong }))
    },
  })
  const { lost, half, unexplained } = report
  expect({ lost, half, unexplained }).toEqual({ lost: [], half: [], unexplained: [] })
  expect(report.acknowledged).toBeGreaterThan(rounds)
})
