/** Ten million inputs, or as many as KITH_SOAK_INPUTS says, against everything that reads bytes from outside. */
import { expect, test } from 'vitest'
import { campaign } from '../fuzz/campaign.ts'
import { targets } from '../fuzz/targets.ts'
import { seed } from '../property/run.ts'

const inputs = Number(process.env.KITH_SOAK_INPUTS ?? 10_000_000)
const rounds = 10
const hours = 3_600_000
const whole = targets.reduce((sum, { share }) => sum + share, 0)

test('inputs that are nearly right', { timeout: 12 * hours }, async () => {
  let total = 0
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const share = Math.ceil((inputs * target.share) / whole / rounds)
      const { taken, refused } = await campaign(target, share, seed + round)
      total += taken + refused
      console.log(`SEED=${seed + round} ${target.name}: ${taken} taken, ${refused} refused`)
    }
  }
  console.log(`${total} inputs`)
  expect(total).toBeGreaterThanOrEqual(inputs)
})
