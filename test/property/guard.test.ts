/** The proof of the proof: evaluators that are wrong in one way each, and the harness has to see every one. */
import { expect, test } from 'vitest'
import type { ModelJson, UsersetJson } from '../../src/model/json.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import type { Baggage, World } from '../oracle/facts.ts'
import { engineOverArray } from './engine.ts'
import type { Contestant, Open } from './harness.ts'
import { firstWrong } from './run.ts'

const engine = engineOverArray({ spread: false })

const wrong: Readonly<Record<string, Open>> = {
  'exclusions ignored': seeing({ rewrite: (one) => ('difference' in one ? one.difference.base : one) }),
  'intersections taken for unions': seeing({
    rewrite: (one) => ('intersection' in one ? { union: one.intersection } : one),
  }),
  'parents ignored': seeing({
    tuple: (one) => (/^(parent|home)$/.test(one.relation) ? { ...one, subject: 'folder:nobody-else' } : one),
  }),
  'expiry ignored': seeing({ tuple: ({ expiresAt: _, ...tuple }) => tuple }),
  'the context of tuples ignored': seeing({
    tuple: ({ condition, ...tuple }) =>
      condition ? { ...tuple, condition: { name: condition.name } } : tuple,
  }),
  'the request`s context ignored': seeing({ baggage: (one) => ({ ...one, context: {} }) }),
  'contextual tuples ignored': seeing({ baggage: (one) => ({ ...one, contextual: [] }) }),
  'wildcards ignored': seeing({
    tuple: (one) => ({ ...one, subject: one.subject.replace(/:\*$/, ':nobody-else') }),
  }),
  'ids compared without case': seeing({
    tuple: (one) => ({ ...one, object: lower(one.object), subject: lower(one.subject) }),
  }),
  'errors taken for denies': over((right) => ({
    ...right,
    check: async (question) => {
      const verdict = await right.check(question)
      return verdict === 'error' ? 'denied' : verdict
    },
  })),
  'a list that is cut': over((right) => ({
    ...right,
    listObjects: async (baggage, question) => {
      const listed = await right.listObjects(baggage, question)
      return listed === 'error' ? listed : listed.slice(0, 2)
    },
  })),
  'a list with one too many': over((right) => ({
    ...right,
    listUsers: async (baggage, question) => {
      const listed = await right.listUsers(baggage, question)
      return listed === 'error' ? listed : [...listed, `${question.filter.type}:nobody`]
    },
  })),
  'a list with an entry twice': over((right) => ({
    ...right,
    listUsers: async (baggage, question) => {
      const listed = await right.listUsers(baggage, question)
      return listed === 'error' ? listed : [...listed, ...listed.slice(0, 1)]
    },
  })),
}

// A fixed seed: what is asked here is whether the harness can see, not whether it is lucky.
test.each(Object.entries(wrong))('%s: seen', async (_, open) => {
  const why = await firstWrong(open, { cases: 400, seed: 7, scrutiny: { lists: 4 } })
  expect(why).toContain('oracle: ')
})

interface Blindness {
  readonly rewrite?: (one: UsersetJson) => UsersetJson
  readonly tuple?: (one: Tuple) => Tuple
  readonly baggage?: (one: Baggage) => Baggage
}

/** The engine, shown another world than the oracle sees. */
function seeing({ rewrite = same, tuple = same, baggage = same }: Blindness): Open {
  const seen = (world: World): World => ({
    ...world,
    model: rewritten(world.model, rewrite),
    tuples: world.tuples.map(tuple),
  })
  return async (world) => {
    const right = await engine(seen(world))
    return {
      ...right,
      check: (question) => right.check({ ...question, baggage: baggage(question.baggage) }),
      listObjects: (carried, question) => right.listObjects(baggage(carried), question),
      listUsers: (carried, question) => right.listUsers(baggage(carried), question),
    }
  }
}

/** The engine, its answers spoiled. */
function over(spoil: (right: Contestant) => Contestant): Open {
  return async (world) => spoil(await engine(world))
}

function rewritten(model: ModelJson, change: (one: UsersetJson) => UsersetJson): ModelJson {
  const deep = (one: UsersetJson): UsersetJson => {
    const next = change(one)
    if ('union' in next) return { union: { child: next.union.child.map(deep) } }
    if ('intersection' in next) return { intersection: { child: next.intersection.child.map(deep) } }
    if (!('difference' in next)) return next
    return { difference: { base: deep(next.difference.base), subtract: deep(next.difference.subtract) } }
  }
  return {
    ...model,
    type_definitions: model.type_definitions.map((definition) => ({
      ...definition,
      relations: Object.fromEntries(
        Object.entries(definition.relations).map(([name, one]) => [name, deep(one)]),
      ),
    })),
  }
}

function same<T>(one: T): T {
  return one
}

function lower(name: string): string {
  return name.replace(/:[^#]*/, (id) => id.toLowerCase())
}
