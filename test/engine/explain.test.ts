import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Explanation, explain } from '../../src/engine/explain.ts'
import type { Scope } from '../../src/engine/scope.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { compileModel } from '../../src/model/compile.ts'
import { validateModel } from '../../src/model/validate.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { caseArbitrary } from '../generate/case.ts'
import * as oracle from '../oracle/oracle.ts'
import { FakeStore } from './fake-view.ts'
import { keyOf, tupleOf, verdict, worldOf } from './world.ts'

const model = `type user
type group
  relations
    define member: [user, user:*, group#member]
type folder
  relations
    define viewer: [user, group#member, user with office]
type doc
  relations
    define parent: [folder, folder with office]
    define blocked: [user, user:*, group#member]
    define signed: [user]
    define editor: [user, group#member]
    define viewer: [user with office] or editor or viewer from parent
    define open: viewer but not blocked
    define closed: editor and signed
    define own: [user] but not denied
    define denied: [user, doc#own]
condition office(ip: string) {
  ip == "a"
}`

const tuples = [
  'group:eng#member@user:ann',
  'group:all#member@group:eng#member',
  'doc:1#editor@group:all#member',
  'doc:1#editor@user:eve',
  'doc:1#parent@folder:1',
  'folder:1#viewer@user:bob with office',
  'folder:1#viewer@user:cat with office {"ip":"b"}',
  'doc:1#blocked@user:eve',
  'doc:2#parent@folder:2 with office',
  'folder:2#viewer@user:dan',
  'doc:3#editor@user:* until 1',
  'doc:4#own@user:ann',
  'doc:4#denied@doc:4#own',
  'doc:5#editor@user:gus until 900',
  'doc:5#signed@user:gus',
  'folder:9#viewer@user:kim',
  'doc:8#editor@user:flo',
  'doc:8#blocked@user:flo',
  'doc:8#blocked@group:x#member',
  'group:x#member@user:flo',
]

describe('an allow', () => {
  test('is the fewest tuples, from the subject to the object, with where they come from', async () => {
    const detour = ['doc:1#editor@group:aaa#member', 'group:aaa#member@group:mid#member']
    const world = await worldOf(model, [...detour, 'group:mid#member@group:eng#member', ...tuples])
    const found = await explain(world.scope(), keyOf('doc:1#open@user:ann'))
    expect(found.allowed).toBe(true)
    expect(tuplesOf(found)).toEqual([
      'group:eng#member@user:ann',
      'group:all#member@group:eng#member',
      'doc:1#editor@group:all#member',
    ])
    expect(found.path?.[0]).toEqual({
      tuple: { object: 'group:eng', relation: 'member', user: 'user:ann' },
      provenance: { revision: 1, timestamp: '1970-01-01T00:00:00.501Z', caller: 'test' },
      grants: 'group:eng#member',
      via: 'direct',
    })
    expect(found.path?.map(({ via }) => via)).toEqual([
      'direct',
      'userset',
      'userset',
      'computed',
      'union',
      'computed',
      'exclusion',
    ])
    expect(found.path?.at(-1)).toMatchObject({ object: 'doc:1', relation: 'open', absent: ['doc:1#blocked'] })
    expect(found.resolution).toBe(
      'user:ann is member of group:eng (group:eng#member@user:ann), ' +
        'group:eng#member is member of group:all (group:all#member@group:eng#member), ' +
        'group:all#member is editor of doc:1 (doc:1#editor@group:all#member), ' +
        'doc:1#editor is viewer of doc:1, doc:1#viewer is open of doc:1, not doc:1#blocked',
    )
    expect(found.truncated).toBe(false)
  })

  test('names contextual tuples, parents, wildcards, conditions and usersets that are themselves', async () => {
    const world = await worldOf(model, tuples)
    const contextual = ['doc:7#parent@folder:9', 'group:any#member@user:*'].map(tupleOf)
    const parent = await explain(world.scope({ contextual }), keyOf('doc:7#viewer@user:kim'))
    expect(parent.path?.[1]).toMatchObject({ contextual: true, via: 'parent', of: 'folder:9#viewer' })
    const everybody = await explain(world.scope({ contextual }), keyOf('group:any#member@user:zed'))
    expect(everybody.path).toMatchObject([{ contextual: true, via: 'wildcard', tuple: { user: 'user:*' } }])
    const inOffice = await explain(world.scope({ context: { ip: 'a' } }), keyOf('doc:1#viewer@user:bob'))
    expect(inOffice.path?.[0]).toMatchObject({ tuple: { condition: { name: 'office' } } })
    const self = await explain(world.scope(), keyOf('doc:1#editor@group:all#member'))
    expect(tuplesOf(self)).toEqual(['doc:1#editor@group:all#member'])
    const same = await explain(world.scope(), keyOf('doc:1#editor@doc:1#editor'))
    expect(same.path).toEqual([{ object: 'doc:1', relation: 'editor', via: 'self' }])
  })

  test('counts tuples, not steps', async () => {
    const steps = `type user
type group
  relations
    define member: [user]
type doc
  relations
    define c: [user]
    define b: c
    define a: b
    define viewer: [group#member] or a`
    const world = await worldOf(steps, [
      'doc:1#viewer@group:1#member',
      'group:1#member@user:ann',
      'doc:1#c@user:ann',
    ])
    expect(tuplesOf(await explain(world.scope(), keyOf('doc:1#viewer@user:ann')))).toEqual([
      'doc:1#c@user:ann',
    ])
  })

  test('of an intersection needs both sides, and a shared tuple once', async () => {
    const shared = `type user
type doc
  relations
    define member: [user]
    define a: member
    define b: member
    define both: a and b`
    const world = await worldOf(shared, ['doc:1#member@user:ann'])
    const found = await explain(world.scope(), keyOf('doc:1#both@user:ann'))
    expect(tuplesOf(found)).toEqual(['doc:1#member@user:ann'])
    expect(found.path?.map(({ via }) => via)).toEqual([
      'direct',
      ...['computed', 'computed', 'computed', 'computed'],
      'intersection',
    ])
  })

  test('through 20,000 groups is found, and cut', async () => {
    const long = chain(20_000)
    const world = await worldOf(model, [...long, 'group:20000#member@user:ann'])
    const found = await explain(world.scope(), keyOf('group:0#member@user:ann'))
    expect(found).toMatchObject({ allowed: true, truncated: true })
    expect(found.path).toHaveLength(1_000)
    expect(world.store.pins).toBe(0)
  })
})

describe('a deny', () => {
  const cases: readonly {
    readonly asked: string
    readonly says: string
    readonly missing: readonly unknown[]
    readonly context?: JsonObject
  }[] = [
    {
      asked: 'doc:1#open@user:zed',
      says: 'user:zed is not open of doc:1: missing group:eng#member@user:zed',
      missing: [
        { add: ['group:eng#member@user:zed'] },
        { add: ['folder:1#viewer@user:zed'] },
        { add: ['group:all#member@user:zed'] },
        { add: ['doc:1#editor@user:zed'] },
      ],
    },
    {
      asked: 'doc:1#open@user:eve',
      says: 'user:eve is not open of doc:1: excluded by doc:1#blocked@user:eve',
      missing: [{ remove: ['doc:1#blocked@user:eve'] }],
    },
    {
      asked: 'doc:8#open@user:flo',
      says: 'user:flo is not open of doc:8: excluded by ',
      missing: [
        { remove: ['doc:8#blocked@group:x#member', 'doc:8#blocked@user:flo'] },
        { remove: ['doc:8#blocked@user:flo', 'group:x#member@user:flo'] },
      ],
    },
    {
      asked: 'doc:5#closed@user:gus',
      says: 'user:gus is not closed of doc:5: missing doc:5#editor@user:gus',
      missing: [{ add: ['doc:5#editor@user:gus'] }],
    },
    {
      asked: 'doc:1#closed@user:zed',
      says: 'user:zed is not closed of doc:1: missing ',
      missing: [{ add: ['doc:1#signed@user:zed', 'group:eng#member@user:zed'] }],
    },
    {
      asked: 'doc:1#viewer@user:cat',
      says: 'user:cat is not viewer of doc:1: missing group:eng#member@user:cat',
      context: { ip: 'a' },
      // Its tuple settles the parameter itself: no context can help, the condition as such has to hold.
      missing: [{ context: [], conditions: ['folder:1#viewer@user:cat'] }],
    },
    {
      asked: 'doc:2#viewer@user:dan',
      says: 'the condition does not hold on doc:2#parent@folder:2',
      context: { ip: 'b' },
      missing: [{ context: ['ip'], conditions: ['doc:2#parent@folder:2'] }],
    },
    {
      asked: 'doc:6#viewer@user:kim',
      says: 'missing ',
      missing: [{ add: ['doc:6#parent@folder:9'] }, { add: ['doc:6#editor@user:kim'] }],
    },
    { asked: 'group:1#member@doc:1#parent', says: 'no change was found', missing: [] },
  ]

  test.each(cases)('$asked', async ({ asked, says, missing, context = {} }) => {
    const world = await worldOf(model, tuples)
    const found = await explain(world.scope({ context }), keyOf(asked))
    expect(found.allowed).toBe(false)
    expect(found.resolution).toContain(says)
    const shown = (found.missing ?? []).map(inShort)
    for (const one of missing) expect(shown).toContainEqual(one)
    expect(shown.length).toBeLessThanOrEqual(5)
    if (missing.length === 0) expect(shown).toEqual([])
    expect(world.store.pins).toBe(0)
  })

  test('puts what needs no write first, then what is nearest to the subject', async () => {
    const world = await worldOf(model, tuples)
    const found = await explain(world.scope({ context: { ip: 'b' } }), keyOf('doc:1#viewer@user:bob'))
    expect(found.missing?.slice(0, 2).map(inShort)).toEqual([
      { context: ['ip'], conditions: ['folder:1#viewer@user:bob'] },
      { add: ['group:eng#member@user:bob'] },
    ])
  })

  test('draws what was tried, with reasons', async () => {
    const world = await worldOf(model, [
      ...tuples,
      'doc:1#editor@group:1#member',
      'group:1#member@group:2#member',
      'group:2#member@group:1#member',
      'doc:1#parent@folder:3 until 900',
      'doc:1#editor@user:bob with office',
    ])
    const found = await explain(world.scope({ context: { ip: 'b' } }), keyOf('doc:1#viewer@user:bob'))
    const drawn = JSON.stringify(found.tried)
    expect(found.tried).toMatchObject({ object: 'doc:1', relation: 'viewer', outcome: 'absent' })
    expect(reasons(found.tried)).toEqual(
      expect.arrayContaining(['cycle', 'no such tuple', 'condition office is false', 'expired']),
    )
    expect(drawn).toContain('the model does not accept it: ')
    const excluded = await explain(world.scope(), keyOf('doc:1#open@user:eve'))
    expect(excluded.tried).toMatchObject({
      outcome: 'excluded',
      reason: 'excluded by doc:1#blocked@user:eve',
    })
    const negated = await explain(world.scope(), keyOf('doc:4#own@user:ann'))
    expect(negated.tried).toMatchObject({ outcome: 'undefined', reason: 'it rests on its own negation' })
    expect(negated.missing?.map(inShort)).toContainEqual({ remove: ['doc:4#denied@doc:4#own'] })
    const both = await explain(world.scope(), keyOf('doc:5#closed@user:gus'))
    expect(both.tried).toMatchObject({ reason: 'not doc:5#editor' })
    const impossible = await explain(world.scope(), keyOf('group:1#member@doc:1#parent'))
    expect(impossible.tried).toMatchObject({ outcome: 'absent' })
    expect(reasons(impossible.tried).join()).toContain('the model lets no subject like doc:1#parent')
  })

  test('among thousands of groups stays small and says that it is cut', async () => {
    const wide = Array.from({ length: 3_000 }, (_, at) => `doc:1#editor@group:${at}#member`)
    const world = await worldOf(model, wide)
    const found = await explain(world.scope(), keyOf('doc:1#viewer@user:zed'))
    expect(found.truncated).toBe(true)
    expect(JSON.stringify(found).length).toBeLessThan(100_000)
    expect(found.missing?.map(inShort)).toEqual([
      { add: ['group:0#member@user:zed'] },
      { add: ['group:1#member@user:zed'] },
      { add: ['doc:1#editor@user:zed'] },
      { add: ['doc:1#viewer@user:zed'], context: ['ip'], conditions: ['doc:1#viewer@user:zed'] },
    ])
  })

  test('finds the one place that is open to the subject, however deep', async () => {
    const deep = `type user
type agent
type club
  relations
    define guest: [agent]
type group
  relations
    define member: [user, group#member, club#guest]`
    const world = await worldOf(deep, [...chain(3_000), 'group:3000#member@club:x#guest'])
    const found = await explain(world.scope(), keyOf('group:0#member@agent:x'))
    expect(found.missing?.map(inShort)).toEqual([{ add: ['club:x#guest@agent:x'] }])
  })
})

describe('an error', () => {
  test('is neither an allow nor a plain deny, and names what is missing', async () => {
    const world = await worldOf(model, tuples)
    const found = await explain(world.scope(), keyOf('doc:1#viewer@user:bob'))
    expect(found).toMatchObject({ allowed: false, error: { code: 'validation_error' } })
    expect(found.resolution).toContain("missing context parameters '[ip]'")
    expect(inShort(found.missing?.[0] ?? {})).toEqual({
      context: ['ip'],
      conditions: ['folder:1#viewer@user:bob'],
    })
  })

  test('by depth and by deadline are explained too', async () => {
    const world = await worldOf(model, [...chain(30), 'group:30#member@user:ann'])
    const deep = await explain(world.scope({ depthMax: 25 }), keyOf('group:0#member@user:ann'))
    expect(deep).toMatchObject({
      allowed: false,
      error: { code: 'authorization_model_resolution_too_complex' },
      missing: [],
    })
    const many = await worldOf(model, chain(1_000))
    const late = await explain(many.scope({ deadline: 0 }), keyOf('group:0#member@user:ann'))
    expect(late).toMatchObject({ allowed: false, truncated: true, error: { code: 'deadline_exceeded' } })
    expect(many.store.pins).toBe(0)
  })
})

test('the decision is check’s, a proof stands alone, and every suggestion convinces the oracle', async () => {
  const accepts = (json: Parameters<typeof validateModel>[0]) => {
    try {
      validateModel(json)
      return true
    } catch {
      return false
    }
  }
  const counts = { yes: 0, no: 0, error: 0, suggestions: 0 }
  const cases = fc.sample(caseArbitrary(accepts, { questions: 8, tuplesMax: 40 }), { numRuns: 100, seed: 7 })
  for (const { world, questions } of cases) {
    const compiled = compileModel('model', world.model)
    const store = new FakeStore(world.tuples, world.now)
    for (const [index, { key, baggage }] of questions.entries()) {
      const depthMax = index % 2 === 0 ? Number.POSITIVE_INFINITY : 2
      const scope = (): Scope => ({
        model: compiled,
        view: store.view(),
        ...baggage,
        depthMax,
        deadline: 1e12,
      })
      const found = await explain(scope(), key)
      const asked = `${key.object}#${key.relation}@${key.subject}`
      const decided = await verdict(scope(), asked)
      expect({ asked, said: found.error?.code ?? (found.allowed ? 'yes' : 'no') }).toEqual({
        asked,
        said: decided,
      })
      counts[found.error !== undefined ? 'error' : found.allowed ? 'yes' : 'no'] += 1
      if (found.allowed && !JSON.stringify(found.path).includes('"via":"exclusion"')) {
        const proof = (found.path ?? []).flatMap(({ tuple }) => (tuple ? wireTuple(tuple as JsonObject) : []))
        const alone = oracle.check({ ...world, tuples: proof }, { ...baggage, contextual: [] }, key)
        expect({ asked, alone }).toEqual({ asked, alone: 'allowed' })
      }
      for (const one of found.missing ?? []) {
        if (one.conditions !== undefined) continue
        const [add, remove] = [wireTuples(one.add), wireTuples(one.remove)]
        const changed = new Set([...add, ...remove].map(nameOf))
        const left = (list: readonly Tuple[]) => list.filter((tuple) => !changed.has(nameOf(tuple)))
        const after = { ...world, tuples: [...left(world.tuples), ...add] }
        const answer = oracle.check(after, { ...baggage, contextual: left(baggage.contextual) }, key)
        expect({ asked, one, answer }).toEqual({ asked, one, answer: 'allowed' })
        counts.suggestions += 1
      }
    }
  }
  // Each kind was met often enough to mean something.
  expect(Math.min(counts.yes, counts.no, counts.error)).toBeGreaterThan(10)
  expect(counts.suggestions).toBeGreaterThan(100)
})

function nameOf({ object, relation, subject }: Tuple): string {
  return `${object}#${relation}@${subject}`
}

function wireTuple(json: JsonObject): Tuple {
  const { object, relation, user, condition, expires_at } = json as {
    object: string
    relation: string
    user: string
    condition?: { name: string; context?: JsonObject }
    expires_at?: string
  }
  const expiry = expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }
  return { object, relation, subject: user, ...(condition && { condition }), ...expiry }
}

function wireTuples(list: unknown): readonly Tuple[] {
  return ((list ?? []) as readonly JsonObject[]).map(wireTuple)
}

function tuplesOf({ path = [] }: Explanation): readonly string[] {
  return path.flatMap(({ tuple }) => (tuple === undefined ? [] : nameOf(wireTuple(tuple as JsonObject))))
}

/** A suggestion with its tuples as text, sorted. */
function inShort(one: JsonObject): Record<string, unknown> {
  const names = (list: unknown) => wireTuples(list).map(nameOf).sort()
  const conditions = (one.conditions ?? []) as readonly JsonObject[]
  return {
    ...(one.add !== undefined && { add: names(one.add) }),
    ...(one.remove !== undefined && { remove: names(one.remove) }),
    ...(one.context !== undefined && {
      context: one.context,
      conditions: names(conditions.map(({ tuple }) => tuple)),
    }),
  }
}

/** Every reason and outcome in a tree. */
function reasons(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(reasons)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    (key === 'reason' || key === 'outcome') && typeof value === 'string' ? [value] : reasons(value),
  )
}

function chain(length: number): string[] {
  return Array.from({ length }, (_, at) => `group:${at}#member@group:${at + 1}#member`)
}
