/** The engine against the tables that the oracle is trusted by. */
import { expect, test } from 'vitest'
import { tables } from '../oracle/tables.ts'
import { keyOf, tupleOf, worldOf } from '../oracle/written.ts'
import { engineOverArray } from './engine.ts'

test.each(Object.entries(tables))('%s', async (_, { model, tuples, checks, objects = [], users = [] }) => {
  const nothing = { contextual: [], context: {} }
  for (const spread of [false, true]) {
    const engine = await engineOverArray({ spread })(await worldOf(model, tuples))
    for (const [text, expected, context = {}, contextual = []] of checks) {
      const baggage = { context, contextual: contextual.map(tupleOf) }
      expect(await engine.check({ key: keyOf(text), baggage }), text).toBe(expected)
    }
    for (const [text, expected] of objects) {
      const { object: type, relation, subject } = keyOf(text)
      const listed = await engine.listObjects(nothing, { type, relation, subject })
      expect(new Set(listed), text).toEqual(new Set(expected))
    }
    for (const [text, expected] of users) {
      const { object, relation, subject } = keyOf(text)
      const [type = '', through] = subject.split('#')
      const filter = { type, ...(through === undefined ? {} : { relation: through }) }
      const listed = await engine.listUsers(nothing, { object, relation, filter })
      expect(new Set(listed), text).toEqual(new Set(expected))
    }
  }
})
