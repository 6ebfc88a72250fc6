/** Every scenario, small, through the service: the answers it expects are the answers. Benches cannot rot. */
import { expect, onTestFinished, test } from 'vitest'
import { catalog } from '../../bench/scenarios/catalog.ts'
import { chainQuestion, chainQuestions, depths } from '../../bench/scenarios/chains.ts'
import { draw, indexes } from '../../bench/scenarios/draw.ts'
import { agentsOf, enterpriseSizes, largeOrganization, mayUse } from '../../bench/scenarios/enterprise.ts'
import { lists, readable, reader } from '../../bench/scenarios/lists.ts'
import { mix, steps } from '../../bench/scenarios/mix.ts'
import type { Dataset, Question, Scenario } from '../../bench/scenarios/scenario.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import type { Kith } from '../../src/service/kith.ts'
import { openInMemory } from '../../src/sidecar.ts'
import { all, each } from '../service/world.ts'

const questionsAsked = 300

async function opened(scenario: Scenario): Promise<{ kith: Kith; store: string; data: Dataset }> {
  const { kith, close } = await openInMemory()
  onTestFinished(close)
  const { id: store } = await kith.createStore(scenario.name)
  await kith.writeModel({ store, json: await parseDsl(scenario.model) })
  const data = scenario.at('small')
  await kith.importTuples({ store }, each(data.tuples()))
  return { kith, store, data }
}

async function wrong(kith: Kith, store: string, question: Question): Promise<string[]> {
  const { allowed: expected, context, ...tuple } = question
  const depthMax = Number.POSITIVE_INFINITY
  const { allowed } = await kith.check({ store, tuple, depthMax, ...(context && { context }) })
  return allowed === expected ? [] : [`${JSON.stringify(question)} is ${allowed}`]
}

test.each(catalog.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
  const { kith, store, data } = await opened(scenario)
  let allows = 0
  const faults: string[] = []
  const questions = draw(data, 'uniform', 1)
  for (let asked = 0; asked < questionsAsked; asked++) {
    const question = questions.next().value
    if (question.allowed) allows++
    faults.push(...(await wrong(kith, store, question)))
  }
  expect(faults).toEqual([])
  expect(allows).toBeGreaterThan(questionsAsked * 0.4)
  expect(allows).toBeLessThan(questionsAsked * 0.6)
})

test.each(catalog.map((scenario) => [scenario.name, scenario] as const))(
  '%s asks no question twice, and writes no tuple twice',
  (_, scenario) => {
    const data = scenario.at('small')
    const asked = new Set<string>()
    for (let index = 0; index < data.distinct; index++) asked.add(JSON.stringify(data.question(index)))
    expect(asked.size).toBe(data.distinct)
    const tuples = [...data.tuples()].map((tuple) => JSON.stringify(tuple))
    expect(new Set(tuples).size).toBe(tuples.length)
  },
)

test.each(depths)('a chain %i deep', async (depth) => {
  const { kith, store } = await opened(catalog.find(({ name }) => name === 'W3') as Scenario)
  for (let index = 0; index < chainQuestions('small'); index++) {
    expect(await wrong(kith, store, chainQuestion('small', depth, index))).toEqual([])
  }
})

test('a mix, lane by lane', async () => {
  const { kith, store } = await opened(mix)
  const kinds = { check: 0, list: 0, write: 0 }
  for (const lane of [0, 1]) {
    let taken = 0
    for (const step of steps('small', lane)) {
      if (taken++ === 200) break
      kinds[step.kind]++
      if (step.kind === 'check') {
        expect(await wrong(kith, store, step.question)).toEqual([])
      } else if (step.kind === 'write') {
        const { tuple, operation } = step
        await kith.write({ store, ...(operation === 'write' ? { writes: [tuple] } : { deletes: [tuple] }) })
      } else {
        const request = { store, type: 'agent', relation: 'can_use', subject: step.subject }
        expect((await kith.listObjects(request)).objects).toEqual([...step.objects].sort())
      }
    }
  }
  expect(kinds).toEqual({ check: 360, list: 32, write: 8 })
})

test('lists', async () => {
  const { kith, store } = await opened(lists)
  const request = { store, type: 'agent', relation: 'can_use', subject: reader }
  const { objects } = await kith.streamListObjects(request)
  expect((await all(objects)).sort()).toEqual([...readable('small')].sort())
})

test('the agents of a user, backwards, are those found by asking for each', () => {
  const size = enterpriseSizes.small
  for (const user of [0, 7, 999]) {
    const asked = Array.from({ length: size.agents }, (_, agent) => agent)
    const found = asked.filter((agent) => mayUse(size, user, agent)).map((agent) => `agent:a${agent}`)
    expect([...agentsOf(size, user)].sort()).toEqual(found.sort())
    expect(found.length).toBeGreaterThan(0)
  }
})

test('draws are the same every time, and skewed where asked', () => {
  const take = (skew: 'zipf' | 'uniform', seed: number) => {
    const drawn = indexes(10_000, skew, seed)
    return Array.from({ length: 2_000 }, () => drawn.next().value)
  }
  expect(take('zipf', 1)).toEqual(take('zipf', 1))
  expect(take('zipf', 1)).not.toEqual(take('zipf', 2))
  expect(new Set(take('uniform', 1)).size).toBeGreaterThan(1_700)
  expect(new Set(take('zipf', 1)).size).toBeLessThan(1_200)
  expect(largeOrganization.skew).toBe('zipf')
})
