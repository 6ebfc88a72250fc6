/** Every published mistake of test/security/advisories.ts, asked of the engine; the oracle has to agree as well. */
import { describe, expect, test } from 'vitest'
import { check } from '../../src/engine/check.ts'
import { listUsers } from '../../src/engine/list-users.ts'
import { Fault } from '../../src/lib/fault.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { checkTuple } from '../../src/model/tuple-check.ts'
import { validateModel } from '../../src/model/validate.ts'
import type { Baggage, World } from '../oracle/facts.ts'
import * as oracle from '../oracle/oracle.ts'
import { keyOf, tupleOf, worldOf } from '../oracle/written.ts'
import { ArrayView } from '../property/array-view.ts'
import { engineOver, engineOverArray } from '../property/engine.ts'
import { inMemory } from '../property/stored.ts'
import { type Asked, advisories } from './advisories.ts'

const engines = {
  'over an array': engineOverArray({ spread: false }),
  'over spread subjects': engineOverArray({ spread: true }),
  'over storage': engineOver((world) => inMemory(world, 1)),
}

for (const { ids, about, model, tuples = [], ...asked } of advisories) {
  const { checks = [], objects = [], users = [], refused = [], refusedModels = [] } = asked

  describe(`${ids.join(' ')}: ${about}`, () => {
    test.each(Object.entries(engines))('%s', async (_, open) => {
      const world = await worldOf(model, tuples)
      const engine = await open(world)
      for (const [text, expected, with_] of checks) {
        const question = { key: keyOf(text), baggage: baggageOf(with_) }
        expect(oracle.check(world, question.baggage, question.key), `oracle: ${text}`).toBe(expected)
        expect(await engine.check(question), text).toBe(expected)
      }
      for (const [text, expected, with_] of objects) {
        const { object: type, relation, subject } = keyOf(text)
        const question = { type, relation, subject }
        expect(oracle.listObjects(world, baggageOf(with_), question).holds).toEqual(expected)
        expect(sorted(await engine.listObjects(baggageOf(with_), question)), text).toEqual(expected)
      }
      for (const [text, expected, with_] of users) {
        const { object, relation, subject } = keyOf(text)
        const [type = '', through] = subject.split('#')
        const filter = { type, ...(through === undefined ? {} : { relation: through }) }
        const question = { object, relation, filter }
        expect(oracle.listUsers(world, baggageOf(with_), question).holds).toEqual(expected)
        expect(sorted(await engine.listUsers(baggageOf(with_), question)), text).toEqual(expected)
      }
      await engine.close()
    })

    test.runIf(checks.length > 1)('all at once', async () => {
      const world = await worldOf(model, tuples)
      const engine = await engines['over spread subjects'](world)
      const answers = await Promise.all(
        checks.map(([text, , with_]) => engine.check({ key: keyOf(text), baggage: baggageOf(with_) })),
      )
      expect(answers).toEqual(checks.map(([, expected]) => expected))
    })

    test.each(refused)('refused: %s', async (line, reason) => {
      const compiled = compileModel('model', (await worldOf(model)).model)
      expect(checkTuple(compiled, tupleOf(line))).toContain(reason)
    })

    test.each(refusedModels)('refused model: %s', async (dsl, reason) => {
      const json = await parseDsl(`model\n  schema 1.1\n${dsl}`)
      expect(() => validateModel(json)).toThrow(reason)
    })
  })
}

const nested = `
type user
type group
  relations
    define member: [user, group#member]`

/** group:0 holds group:1 holds ... holds the user. */
async function chain(length: number): Promise<World> {
  const links = Array.from({ length }, (_, index) => `group:${index}#member@group:${index + 1}#member`)
  return worldOf(nested, [...links, `group:${length}#member@user:ann`])
}

test('keto@824f6c3c: a walk that is cut short is a fault, never a deny', async () => {
  const { model, tuples, now } = await chain(10)
  const scope = {
    model: compileModel('model', model),
    view: new ArrayView(tuples, now, { spread: false }),
    contextual: [],
    context: {},
    deadline: Number.POSITIVE_INFINITY,
  }
  const key = keyOf('group:0#member@user:ann')
  const limited = check({ ...scope, depthMax: 5 }, key)
  await expect(limited).rejects.toThrow(Fault)
  await expect(limited).rejects.toMatchObject({ code: 'authorization_model_resolution_too_complex' })
  expect((await check({ ...scope, depthMax: Number.POSITIVE_INFINITY }, key)).allowed).toBe(true)

  const long = await chain(5_000)
  const view = new ArrayView(long.tuples, now, { spread: false })
  const depthMax = Number.POSITIVE_INFINITY
  const late = check({ ...scope, view, depthMax, deadline: performance.now() - 1 }, key)
  await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' })
})

test('keto@f6aca5ce: 30,000 nested groups do not overflow the stack', async () => {
  const engine = await engines['over an array'](await chain(30_000))
  const baggage = { contextual: [], context: {} }
  const ask = (text: string) => engine.check({ key: keyOf(text), baggage })
  expect(await ask('group:0#member@user:ann')).toBe('allowed')
  expect(await ask('group:0#member@user:eve')).toBe('denied')
  const question = { object: 'group:0', relation: 'member', filter: { type: 'user' } }
  expect(await engine.listUsers(baggage, question)).toEqual(['user:ann'])
})

test('CVE-2024-27101: 65,537 members of one relation, first and last', async () => {
  const { storage, store, view, close } = await inMemory(await worldOf(nested), 1)
  for (let from = 0; from < 65_537; from += 10_000) {
    const writes = Array.from({ length: Math.min(10_000, 65_537 - from) }, (_, index) =>
      keyOf(`group:a#member@user:${from + index}`),
    )
    await storage.commit(store, { writes })
  }
  const scope = {
    model: compileModel('model', (await worldOf(nested)).model),
    contextual: [],
    context: {},
    depthMax: 25,
    deadline: Number.POSITIVE_INFINITY,
  }
  for (const member of [0, 65_534, 65_535, 65_536, 65_537]) {
    const key = keyOf(`group:a#member@user:${member}`)
    expect((await check({ ...scope, view: view() }, key)).allowed, key.subject).toBe(member < 65_537)
  }
  const listed = new Set<string>()
  const question = { object: 'group:a', relation: 'member', filter: { type: 'user' } }
  for await (const user of listUsers({ ...scope, view: view() }, question)) listed.add(user)
  expect(listed.size).toBe(65_537)
  await close()
})

test('CVE-2023-35930: a list is whole', async () => {
  const lines = Array.from({ length: 2_500 }, (_, index) => `doc:${index}#viewer@user:ann`)
  const world = await worldOf('\ntype user\ntype doc\n  relations\n    define viewer: [user]', lines)
  for (const open of Object.values(engines)) {
    const engine = await open(world)
    const question = { type: 'doc', relation: 'viewer', subject: 'user:ann' }
    const listed = await engine.listObjects({ contextual: [], context: {} }, question)
    expect(new Set(listed).size).toBe(2_500)
  }
})

function baggageOf({ context = {}, contextual = [] }: Asked = {}): Baggage {
  return { context, contextual: contextual.map(tupleOf) }
}

function sorted(listed: readonly string[] | 'error'): readonly string[] | 'error' {
  return listed === 'error' ? listed : [...listed].sort()
}
