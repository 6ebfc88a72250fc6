/** A short campaign against everything that reads bytes from outside; `npm run soak` runs the long one. */
import { expect, test } from 'vitest'
import { seed } from '../property/run.ts'
import { campaign } from './campaign.ts'
import { targets } from './targets.ts'

/** Inputs over all targets. */
const inputs = Number(process.env.KITH_FUZZ_INPUTS ?? 60_000)
/** Of one target: fewer might all be taken, or all refused. */
const inputsMin = 300
const whole = targets.reduce((sum, { share }) => sum + share, 0)

test.each(targets)('$name', async (target) => {
  const mine = Math.max(inputsMin, Math.ceil((inputs * target.share) / whole))
  const { taken, refused } = await campaign(target, mine, seed)
  // A campaign that never gets in, or never does harm, has tried nothing.
  expect(taken).toBeGreaterThan(0)
  expect(refused).toBeGreaterThan(0)
})
