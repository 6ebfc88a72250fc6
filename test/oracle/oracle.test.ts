/** The oracle against tables made by hand. */
import { describe, expect, test } from 'vitest'
import { check, listObjects, listUsers } from './oracle.ts'
import { tables } from './tables.ts'
import { keyOf, tupleOf, worldOf } from './written.ts'

describe.each(Object.entries(tables))('%s', (_, { model, tuples, checks, objects = [], users = [] }) => {
  for (const [question, expected, context = {}, contextual = []] of checks) {
    test(`${question}: ${expected} with ${JSON.stringify(context)}`, async () => {
      const world = await worldOf(model, tuples)
      expect(check(world, { context, contextual: contextual.map(tupleOf) }, keyOf(question))).toBe(expected)
    })
  }

  const nothing = { contextual: [], context: {} }

  test.each(objects)('list-objects %s', async (question, expected) => {
    const { object: type, relation, subject } = keyOf(question)
    const world = await worldOf(model, tuples)
    expect(listObjects(world, nothing, { type, relation, subject }).holds).toEqual(expected)
  })

  test.each(users)('list-users %s', async (question, expected) => {
    const { object, relation, subject } = keyOf(question)
    const [type = '', through] = subject.split('#')
    const filter = { type, ...(through === undefined ? {} : { relation: through }) }
    const world = await worldOf(model, tuples)
    expect(listUsers(world, nothing, { object, relation, filter }).holds).toEqual(expected)
  })
})
