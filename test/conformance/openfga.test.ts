/**
 * OpenFGA's behaviour suite over a real HTTP server: stored tuples, the same in another order, all tuples sent along,
 * and checks in batches. SEED= replays an order.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../http/server.ts'
import { Client } from './client.ts'
import { type Ground, runBatch, runStage } from './run.ts'
import { counts, loadSuites, type SuiteTest, type WireTuple } from './suite.ts'

const suites = loadSuites()
const seed = Number(process.env.SEED ?? 20_26)
/** Contextual tuples of one request (contract 3.2). */
const alongMax = 100

if (suites === undefined) {
  test.skip('OpenFGA behaviour suite: KITH_CONFORMANCE does not name its folder', () => {})
}

for (const suite of suites ?? []) {
  describe(`OpenFGA ${suite.name}, seed ${seed}`, () => {
    const ran = { tests: 0, stages: 0, checks: 0, listObjects: 0, listUsers: 0 }
    let server: Server
    let client: Client

    beforeAll(async () => {
      server = await startServer()
      client = new Client(server.url)
    })
    afterAll(() => server.close())

    test.each(suite.tests.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
      const differences: string[] = []
      await stored(client, each, differences, (tuples) => tuples)
      await stored(client, each, differences, shuffled(seed))
      await contextual(client, each, differences)
      expect(differences).toEqual([])
      ran.tests++
      for (const stage of each.stages) {
        ran.stages++
        ran.checks += stage.checkAssertions?.length ?? 0
        ran.listObjects += stage.listObjectsAssertions?.length ?? 0
        ran.listUsers += stage.listUsersAssertions?.length ?? 0
      }
    })

    test('every assertion ran', () => {
      expect(ran).toEqual(counts[suite.name])
    })
  })
}

type Order = (tuples: readonly WireTuple[]) => readonly WireTuple[]

/** One store for all stages: tuples of earlier stages stay, each stage asks under its own model. */
async function stored(client: Client, each: SuiteTest, differences: string[], order: Order): Promise<void> {
  const store = await client.createStore(each.name)
  for (const stage of each.stages) {
    const model = await client.writeModel(store, stage.model)
    const tuples = order(stage.tuples ?? [])
    for (let start = 0; start < tuples.length; start += 40) {
      await client.write(store, model, tuples.slice(start, start + 40))
    }
    const ground: Ground = { client, store, model, along: [], differences }
    await runStage(ground, stage)
    await runBatch(ground, stage)
  }
}

/** Nothing is written; every question brings the stage's tuples along. */
async function contextual(client: Client, each: SuiteTest, differences: string[]): Promise<void> {
  const [stage] = each.stages
  const along = stage?.tuples ?? []
  if (stage === undefined || each.stages.length > 1 || along.length > alongMax) return
  const store = await client.createStore(`${each.name}_ctxTuples`)
  const model = await client.writeModel(store, stage.model)
  const own: string[] = []
  const ground: Ground = { client, store, model, along, differences: own }
  await runStage(ground, stage)
  await runBatch(ground, stage)
  differences.push(...own.map((difference) => `_ctxTuples ${difference}`))
}

/** Fisher-Yates over a small generator: the same order for the same seed. */
function shuffled(seed: number): Order {
  let state = seed >>> 0
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return (tuples) => {
    const drawn = [...tuples]
    for (let i = drawn.length - 1; i > 0; i--) {
      const j = next(i + 1)
      const [one, other] = [drawn[i], drawn[j]]
      if (one !== undefined && other !== undefined) [drawn[i], drawn[j]] = [other, one]
    }
    return drawn
  }
}
