/** Is any answer ever stale? A million steps of 16 clients at once, or as many as KITH_SOAK_STEPS says, in a folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../../bench/lib/judge.ts'
import { play } from '../../bench/lib/play.ts'
import { smallOrganization } from '../../bench/scenarios/enterprise.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { seed } from '../property/run.ts'

const stepsMin = Number(process.env.KITH_SOAK_STEPS ?? 1_000_000)
const roundSteps = 50_000
const hours = 3_600_000

test('writes and checks of 16 clients', { timeout: 12 * hours }, async () => {
  const json = await parseDsl(smallOrganization.model)
  for (let steps = 0; steps < stepsMin; steps += roundSteps) {
    const path = await mkdtemp(join(tmpdir(), 'kith-soak-'))
    const storage = await openStorage({ path })
    const kith = kithOver(storage)
    const { id: store } = await kith.createStore('soak')
    await kith.writeModel({ store, json })
    const { changes, answers } = await play(
      {
        async write({ operation, tuple }) {
          const change =
            operation === 'write'
              ? { writes: [tuple], onDuplicate: 'ignore' }
              : { deletes: [tuple], onMissing: 'ignore' }
          return (await kith.write({ store, ...change })).zookie
        },
        check: async (tuple, atLeastAsFresh) =>
          kith.check({ store, tuple, ...(atLeastAsFresh !== undefined && { atLeastAsFresh }) }),
      },
      { clients: 16, steps: Math.min(roundSteps, stepsMin), seed: seed + steps },
    )
    const { stale, wrong, telling, allows } = judge(changes, answers, (zookie) =>
      storage.revisionOf(store, zookie),
    )
    await storage.close()
    await rm(path, { recursive: true })
    expect({ stale, wrong }).toEqual({ stale: 0, wrong: 0 })
    console.log(
      `SEED=${seed}: ${steps + answers.length} of ${stepsMin} steps, of these ${telling} telling, ${allows} allows`,
    )
  }
})
