/**
 * The properties of test/property for as long as KITH_SOAK_SECONDS says, each round from its own seed, and a count
 * of what was seen at the end. A failure says which seed to replay and shows the smallest case.
 */
import { expect, test } from 'vitest'
import { engineOver, engineOverArray } from '../property/engine.ts'
import { type Open, Tally } from '../property/harness.ts'
import { firstWrong, type Run, seed } from '../property/run.ts'
import { batchesInMemory, serviceInMemory } from '../property/service.ts'
import { inFolder, inMemory } from '../property/stored.ts'

const seconds = Number(process.env.KITH_SOAK_SECONDS ?? 600)

interface Course {
  readonly open: (salt: number) => Open
  readonly run: Omit<Run, 'seed'>
}

const courses: Readonly<Record<string, Course>> = {
  'engine over an array': {
    open: () => engineOverArray({ spread: false }),
    run: { cases: 200, scrutiny: { lists: 3 } },
  },
  'engine over spread subjects': {
    open: () => engineOverArray({ spread: true }),
    run: { cases: 100, scrutiny: { lists: 3 } },
  },
  'engine in larger worlds': {
    open: () => engineOverArray({ spread: false }),
    run: { cases: 5, scrutiny: { lists: 3 }, sizes: { questions: 25, tuplesMax: 600 } },
  },
  'engine over storage': {
    open: (salt) => engineOver((world) => inMemory(world, salt)),
    run: { cases: 50, scrutiny: { lists: 3 } },
  },
  'engine over crowded storage': {
    open: (salt) => engineOver((world) => inMemory(world, salt)),
    run: { cases: 2, scrutiny: { lists: 3 }, sizes: { questions: 25, tuplesMax: 2_000, crowd: 80 } },
  },
  'engine after a restart': {
    open: (salt) => engineOver((world) => inFolder(world, salt)),
    run: { cases: 5, scrutiny: { lists: 3 } },
  },
  service: { open: serviceInMemory, run: { cases: 30, scrutiny: { lists: 3 } } },
  batches: { open: batchesInMemory, run: { cases: 20, scrutiny: { lists: 0 } } },
}

test(`every course in turn for ${seconds} s, from SEED=${seed}`, async () => {
  const until = performance.now() + seconds * 1_000
  const tallies = new Map(Object.keys(courses).map((name) => [name, new Tally()]))
  for (let round = seed; performance.now() < until; round += 1) {
    for (const [name, { open, run }] of Object.entries(courses)) {
      const tally = tallies.get(name) ?? new Tally()
      expect(
        await firstWrong(open(round), { ...run, seed: round, replay: round, tally }),
        name,
      ).toBeUndefined()
    }
  }
  for (const [name, tally] of tallies) console.log(`${name}: ${tally}`)
})
