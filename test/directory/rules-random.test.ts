/**
 * Random changes of people, rules, exclusions and memberships by hand, held after each against a plain model: who is in which
 * group, by what, and who is left out.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

interface Attributes {
  readonly department?: string
  readonly level?: number
}

interface Person {
  attributes: Attributes
  isActive: boolean
}

/** `undefined`: it cannot be said. */
type Predicate = (attributes: Attributes) => boolean | undefined

const above =
  (least: number) =>
  ({ level }: Attributes) =>
    level === undefined ? undefined : level > least
const rules: readonly (readonly [text: string, holds: Predicate])[] = [
  ["department == 'Sales'", ({ department }) => department === 'Sales'],
  ["department != 'Sales'", ({ department }) => department !== 'Sales'],
  ['attrs.level > 1', above(1)],
  ["department == 'Legal' || attrs.level > 2", (each) => each.department === 'Legal' || above(2)(each)],
  ['has(attrs.level) && attrs.level > 0', ({ level }) => level !== undefined && level > 0],
  ['true', () => true],
]

interface Place {
  rule: { readonly holds: Predicate; isEnabled: boolean } | undefined
  readonly byRule: Set<string>
  readonly byHand: Set<string>
  readonly excluded: Set<string>
}

class World {
  readonly people = new Map<string, Person>([['boss', { attributes: {}, isActive: true }]])
  readonly places: readonly Place[] = [0, 1].map(() => ({
    rule: undefined,
    byRule: new Set(),
    byHand: new Set(),
    excluded: new Set(),
  }))

  ask(place: Place, ids: Iterable<string>): void {
    const { rule, byRule, excluded } = place
    if (rule?.isEnabled !== true) return
    for (const id of ids) {
      const person = this.people.get(id)
      if (person === undefined) continue
      const holds = person.isActive ? rule.holds(person.attributes) : false
      if (holds === true && !excluded.has(id)) byRule.add(id)
      if (holds === false) byRule.delete(id)
    }
  }

  askAll(id: string): void {
    for (const place of this.places) this.ask(place, [id])
  }
}

const attributes = fc.record(
  { department: fc.constantFrom('Sales', 'Legal', 'Support'), level: fc.nat({ max: 4 }) },
  { requiredKeys: [] },
)
const id = fc.constantFrom('ann', 'bob', 'eve')
// Mostly one place, so that steps meet.
const place = fc.constantFrom(0, 0, 0, 1)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id, attributes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('active' as const), id, on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('rule' as const),
      place,
      rule: fc.nat({ max: rules.length - 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('switch' as const),
      place,
      on: fc.boolean(),
      removes: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unrule' as const), place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), place, id }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('remove' as const), place, id, exclude: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('include' as const), place, id }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function play(stage: Stage, groups: readonly string[], world: World, step: Step): Promise<void> {
  const say = async (method: string, path: string, body?: object) =>
    (await stage.boss(method, path, body)).status
  const person = 'id' in step ? world.people.get(step.id) : undefined
  const [group, spot] = 'place' in step ? [groups[step.place], world.places[step.place]] : []
  const path = `/groups/${group}`
  switch (step.do) {
    case 'put': {
      const made = person === undefined
      const { attributes } = step
      const body = made ? { id: step.id, attributes } : { attributes }
      expect(await say(made ? 'POST' : 'PATCH', made ? '/users' : `/users/${step.id}`, body)).toBe(
        made ? 201 : 200,
      )
      world.people.set(step.id, { attributes, isActive: person?.isActive ?? true })
      return world.askAll(step.id)
    }
    case 'drop':
      expect(await say('DELETE', `/users/${step.id}`)).toBe(person === undefined ? 404 : 204)
      world.people.delete(step.id)
      for (const { byRule, byHand, excluded } of world.places)
        for (const each of [byRule, byHand, excluded]) each.delete(step.id)
      return
    case 'active':
      expect(await say('PATCH', `/users/${step.id}`, { active: step.on })).toBe(
        person === undefined ? 404 : 200,
      )
      if (person === undefined) return
      person.isActive = step.on
      return world.askAll(step.id)
    case 'rule': {
      const [rule, holds] = rules[step.rule] ?? ['', () => undefined]
      if (spot === undefined) return
      expect(await say('PUT', `${path}/rule`, { rule })).toBe(200)
      spot.rule = { holds, isEnabled: spot.rule?.isEnabled ?? true }
      return world.ask(spot, world.people.keys())
    }
    case 'switch':
      if (spot === undefined) return
      expect(
        await say(
          'POST',
          `${path}/rule/${step.on ? 'enable' : 'disable'}`,
          step.on ? {} : { removeMembers: step.removes },
        ),
      ).toBe(spot.rule === undefined ? 404 : 200)
      if (spot.rule === undefined) return
      spot.rule.isEnabled = step.on
      if (!step.on && step.removes) spot.byRule.clear()
      return world.ask(spot, world.people.keys())
    case 'unrule':
      if (spot === undefined) return
      expect(await say('DELETE', `${path}/rule`)).toBe(spot.rule === undefined ? 404 : 204)
      if (spot.rule === undefined) return
      spot.rule = undefined
      spot.byRule.clear()
      spot.excluded.clear()
      return
    case 'add':
      if (spot === undefined || person?.isActive !== true) return
      await say('POST', `${path}/members`, { user: step.id })
      spot.byHand.add(step.id)
      return
    case 'remove': {
      if (spot === undefined) return
      // By hand also from whoever is inactive, and would be in it again; no rule keeps them meanwhile.
      const byHand = spot.byHand.has(step.id)
      const byRule = person?.isActive === true && spot.byRule.has(step.id)
      const status = await say('DELETE', `${path}/members/${step.id}${step.exclude ? '?exclude=true' : ''}`)
      // 200 shows what keeps them in: the rule.
      const left = byRule && !step.exclude
      const isAway = person?.isActive === false && spot.rule !== undefined
      const without = byRule ? (left ? 409 : 204) : isAway && step.exclude ? 204 : 404
      const wanted = byHand ? (left ? 200 : 204) : without
      expect(status).toBe(wanted)
      if (wanted >= 400) return
      spot.byHand.delete(step.id)
      if (!step.exclude || spot.rule === undefined) return
      spot.excluded.add(step.id)
      spot.byRule.delete(step.id)
      return
    }
    case 'include':
      if (spot === undefined) return
      expect(await say('DELETE', `${path}/rule/exclusions/${step.id}`)).toBe(
        spot.excluded.delete(step.id) ? 204 : 404,
      )
      return world.ask(spot, world.people.has(step.id) ? [step.id] : [])
  }
}

/** Everybody is there, and a rule that takes some of them. */
const opening: readonly Step[] = [
  { do: 'put', id: 'ann', attributes: { department: 'Sales', level: 3 } },
  { do: 'put', id: 'bob', attributes: { department: 'Sales' } },
  { do: 'put', id: 'eve', attributes: {} },
  { do: 'rule', place: 0, rule: 0 },
]

async function compare(stage: Stage, groups: readonly string[], world: World): Promise<void> {
  for (const [at, { byRule, byHand, excluded }] of world.places.entries()) {
    const path = `/groups/${groups[at]}`
    const isActive = (each: string) => world.people.get(each)?.isActive === true
    const found = (await stage.boss('GET', `${path}/members`)).body.members
    expect(found.map(({ id, sources }: { id: string; sources: string[] }) => [id, sources])).toEqual(
      [...new Set([...byHand, ...byRule])]
        .filter(isActive)
        .sort()
        .map((each) => [
          each,
          [...(byHand.has(each) ? ['manual'] : []), ...(byRule.has(each) ? ['rule'] : [])],
        ]),
    )
    const left = (await stage.boss('GET', `${path}/rule/exclusions`)).body.exclusions
    expect(left.map(({ user }: { user: string }) => user)).toEqual([...excluded].sort())
  }
}

test('X3, T49, T56: whatever happens in whatever order, groups are what their rules and people say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 30, size: 'max' }), async (steps) => {
      const stage = await stageOf(directory, 'enterprise')
      const groups = [await stage.group('One'), await stage.group('Two')]
      const world = new World()
      for (const each of opening) await play(stage, groups, world, each)
      for (const each of steps) {
        await play(stage, groups, world, each)
        await compare(stage, groups, world)
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 8) },
  )
})
