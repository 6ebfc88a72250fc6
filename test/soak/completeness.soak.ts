/** Are the reads of a decision complete? Ten million single changes, or as many as KITH_SOAK_TRIALS says. */
import { expect, test } from 'vitest'
import { makings, search } from '../property/completeness.ts'
import { seed } from '../property/run.ts'

const trialsMin = Number(process.env.KITH_SOAK_TRIALS ?? 10_000_000)
const hours = 3_600_000

test('decisions and single changes', { timeout: 12 * hours }, async () => {
  const tally = { trials: 0, changed: 0, needless: 0 }
  for (let round = 0, told = 0; tally.trials < trialsMin; round++) {
    for (const [place, making] of makings.entries()) {
      const found = await search(making, { numRuns: 100, seed: seed + round * makings.length + place }, tally)
      expect(found).toBeUndefined()
    }
    if (tally.trials < told) continue
    told = tally.trials + trialsMin / 100
    console.log(`SEED=${seed}: ${tally.trials} of ${trialsMin} trials, ${tally.changed} changed the answer`)
  }
})
