/**
 * Expand's leaves are who list-users names, where nothing below can take away or depend on a context: the drawing
 * and the answer are of one graph.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandAll } from '../../src/engine/expand-all.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { compileModel } from '../../src/model/compile.ts'
import { typeOf } from '../../src/tuple/object.ts'
import { isUserset } from '../../src/tuple/subject.ts'
import { type Case, caseArbitrary, usualSizes } from '../generate/case.ts'
import { listUsers } from '../oracle/oracle.ts'
import { accepts, seed } from './run.ts'
import { inMemory } from './stored.ts'

const endless = Number.POSITIVE_INFINITY

test('where relations only grant and nothing is conditional', async () => {
  const tally = { expanded: 0, leaves: 0 }
  const property = fc.asyncProperty(caseArbitrary(accepts, usualSizes), async (one) => {
    await compare(one, tally)
  })
  await fc.assert(property, { seed: seed + 10, numRuns: 300, endOnFailure: true })
  console.log(`SEED=${seed}: ${tally.expanded} expansions of ${tally.leaves} leaves`)
  expect(tally.expanded).toBeGreaterThan(100)
  expect(tally.leaves).toBeGreaterThan(100)
})

async function compare(
  { world, questions }: Case,
  tally: { expanded: number; leaves: number },
): Promise<void> {
  const bare = { ...world, tuples: world.tuples.filter(({ condition }) => condition === undefined) }
  const model = compileModel('01', world.model)
  const { view, close } = await inMemory(bare, seed)
  try {
    for (const { object, relation } of questions.map(({ key }) => key)) {
      if (model.relation(typeOf(object), relation)?.decides !== false) continue
      const scope = { model, view: view(), contextual: [], context: {}, depthMax: endless, deadline: endless }
      const leaves = await leavesOf((after) => expandAll(scope, { object, relation }, { size: 3, after }))
      const types = [...new Set(model.types)]
      const listed = types.flatMap((type) => {
        const question = { object, relation, filter: { type } }
        return listUsers(bare, { contextual: [], context: {} }, question).holds
      })
      expect(leaves).toEqual([...new Set(listed)].sort())
      tally.expanded += 1
      tally.leaves += leaves.length
    }
  } finally {
    await close()
  }
}

/** Individuals and wildcards of all rows of all pages. */
async function leavesOf(page: (after: number) => ReturnType<typeof expandAll>): Promise<readonly string[]> {
  const found = new Set<string>()
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { nodes, next } = await page(after)
    for (const { users = [] } of nodes) {
      for (const { user } of users as readonly JsonObject[])
        if (!isUserset(String(user))) found.add(String(user))
    }
    after = next
  }
  return [...found].sort()
}
