/**
 * What groups may refuse, memory decides at the groups too: it says nothing but what the walk says, whatever refuses,
 * fails, circles or is too far off, and the very next check hears of each tuple on the way.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { walk } from '../../src/engine/decide.ts'
import { absent } from '../../src/engine/resident/reach.ts'
import { recall } from '../../src/engine/resident/recall.ts'
import { looksMax } from '../../src/engine/resident/sight.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { remembering } from './memory.ts'
import { keyOf, tupleOf } from './world.ts'

const types = `type user
type plan
  relations
    define groups: [user:*]
type organization
  relations
    define plan: [plan]
    define lapse_suspends: [user:*]
    define lapsed: lapse_suspends but not groups from plan
type group
  relations
    define organization: [organization]
    define child: [group]
    define archived: [user:*]
    define listed: [user, group#member]
    define suspended: archived or lapsed from organization
    define member: (listed or member from child) but not suspended
type agent
  relations
    define viewer: [user, group#member]
    define trained: [user]
    define can_query: viewer and trained`

const people = ['group:a#listed@user:ann', 'agent:x#viewer@group:b#member']
const office = ['group:a#organization@organization:o', 'organization:o#plan@plan:p', 'plan:p#groups@user:*']

test('each tuple on the way is heard of by the very next check', async () => {
  const world = await remembering(types, [...people, ...office, 'organization:o#lapse_suspends@user:*'])
  const says = async (said: string) =>
    expect(await world.ask('agent:x#viewer@user:ann')).toBe(`${said} by graph`)
  await says('no')
  const steps: readonly (readonly ['write' | 'delete', string, string])[] = [
    ['write', 'group:b#child@group:a', 'yes'],
    ['write', 'group:a#archived@user:*', 'no'],
    ['delete', 'group:a#archived@user:*', 'yes'],
    ['write', 'group:b#archived@user:*', 'no'],
    ['delete', 'group:b#archived@user:*', 'yes'],
    ['delete', 'plan:p#groups@user:*', 'no'],
    ['delete', 'organization:o#lapse_suspends@user:*', 'yes'],
    ['write', 'organization:o#lapse_suspends@user:*', 'no'],
    ['write', 'plan:p#groups@user:*', 'yes'],
    ['delete', 'group:a#listed@user:ann', 'no'],
    ['write', 'group:b#listed@group:a#member', 'no'],
    ['write', 'group:a#listed@user:ann', 'yes'],
    ['delete', 'group:b#child@group:a', 'yes'],
    ['delete', 'group:b#listed@group:a#member', 'no'],
  ]
  for (const [verb, tuple, said] of steps) {
    world[verb](tuple)
    await says(said)
  }
})

test.each([
  ['a member is found beside a circle', 'group:b#listed@user:ann', 'yes by graph'],
  ['who is refused is refused, circle or not', 'group:b#archived@user:*', 'no by graph'],
  ['of whom only the circle could tell, the walk tells', 'group:c#archived@user:*', 'no by walk'],
])('%s', async (_, tuple, said) => {
  const circle = ['group:a#listed@group:b#member', 'group:b#child@group:a']
  const { ask } = await remembering(types, [...circle, 'agent:x#viewer@group:b#member', tuple])
  expect(await ask('agent:x#viewer@user:ann')).toBe(said)
})

const chain = (length: number) =>
  Array.from({ length }, (_, at) => `group:${at}#listed@group:${at + 1}#member`)

test('groups in groups, as deep as calls go; deeper ones are walked', async () => {
  const { ask } = await remembering(types, [...chain(120), 'group:120#listed@user:ann'])
  // From the innermost outwards: each finds in memory what the one before it read.
  for (let at = 119; at > 0; at--) await ask(`group:${at}#member@user:ann`)
  expect(await ask('group:80#member@user:ann')).toBe('yes by graph')
  expect(await ask('group:80#member@user:bob')).toBe('no by graph')
  expect(await ask('group:0#member@user:ann')).toBe('yes by walk')
  expect(await ask('group:0#member@user:bob')).toBe('no by walk')
})

const doors = Array.from({ length: 50 }, (_, at) => at)

test.each([
  ['groups that refuse', (at: number) => `agent:x#viewer@group:${at}#member`],
  ['groups of whom some fail', (at: number) => `agent:x#viewer@club:${at}#member`],
  ['conditions', (at: number) => `agent:x#viewer@club:${at}#member with odd {"n":2}`],
])('no more is looked at than may be: %s', async (_, written) => {
  const clubs = `${types}
type club
  relations
    define member: [user, user with odd]
condition odd(n: int) {
  n % 2 == 1
}`.replace(
    'define viewer: [user, group#member]',
    'define viewer: [user, group#member, club#member, club#member with odd]',
  )
  const { scope, residency } = await remembering(clubs, doors.map(written))
  const { view, model } = scope()
  const graph = residency.graph(view, model) ?? expect.unreachable('it is the applied state')
  const agent = graph.id('agent:x')
  const viewer = graph.kindOf(agent).byName.get('viewer') ?? expect.unreachable('the model has it')
  const ann = graph.individual(graph.id('user:ann'))
  const asked = (looksLeft: number) =>
    recall({ ...graph.sight(view, {}), looksLeft }, agent, viewer, ann, Number.POSITIVE_INFINITY)
  expect(asked(looksMax)).toBe(absent)
  expect(asked(doors.length)).toBeUndefined()
})

test('a proof is no longer than the limit, and one too long is told by the walk', async () => {
  const { ask } = await remembering(types, [
    ...chain(3),
    'group:3#listed@user:ann',
    'agent:x#viewer@group:0#member',
  ])
  const question = 'agent:x#viewer@user:ann'
  expect(await ask(question, { depthMax: 5 })).toBe('yes by graph')
  expect(await ask(question, { depthMax: 4 })).toBe('authorization_model_resolution_too_complex by walk')
})

test('a proof within the limit is found behind one that is not', async () => {
  const long = [...chain(4), 'group:4#listed@user:ann', 'agent:x#viewer@group:0#member']
  const { ask } = await remembering(types, [...long, 'group:0#child@group:4'])
  expect(await ask('agent:x#viewer@user:ann', { depthMax: 3 })).toMatch(/^yes/)
})

const tangled = `type user
type group
  relations
    define child: [group, group with odd]
    define banned: [user, user:*, group#member]
    define invited: [user, user:*, user with odd, group#member, group#member with odd, group#trusted]
    define member: (invited or member from child) but not banned
    define trusted: invited and member
type folder
  relations
    define parent: [folder]
    define viewer: [user, group#member, group#trusted] or viewer from parent
    define shown: viewer from parent but not blocked
    define blocked: [user, group#member]
condition odd(n: int) {
  n % 2 == 1
}`
const users = ['user:a', 'user:b']
const groups = ['group:1', 'group:2', 'group:3', 'group:4']
const folders = ['folder:1', 'folder:2']
const usersets = groups.flatMap((group) => [`${group}#member`, `${group}#trusted`])
const members = groups.map((group) => `${group}#member`)
const at = (objects: readonly string[], relation: string, subjects: readonly string[]) =>
  objects.flatMap((object) => subjects.map((subject) => `${object}#${relation}@${subject}`))
const plain = [
  ...at(groups, 'child', groups),
  ...at(groups, 'banned', [...users, 'user:*', ...members]),
  ...at(groups, 'invited', [...users, 'user:*', ...usersets]),
  ...at(folders, 'parent', folders),
  ...at(folders, 'viewer', [...users, ...usersets]),
  ...at(folders, 'blocked', [...users, ...members]),
].map(tupleOf)
const doubtful = [...at(groups, 'child', groups), ...at(groups, 'invited', ['user:a', ...members])].flatMap(
  (text): readonly Tuple[] => {
    const tuple = tupleOf(text)
    const odd = (n: number) => ({ ...tuple, condition: { name: 'odd', context: { n } } })
    return [
      odd(1),
      odd(2),
      { ...tuple, condition: { name: 'odd' } },
      { ...tuple, expiresAt: 9_000_000_000_000 },
    ]
  },
)
const worlds = fc.record({
  some: fc.subarray(plain, { minLength: 4, maxLength: 22 }),
  others: fc.array(fc.constantFrom(...doubtful), { maxLength: 2 }),
  depthMax: fc.constantFrom(1, 2, 3, 4, Number.POSITIVE_INFINITY),
})

async function walked(scope: Scope, question: string): Promise<string> {
  try {
    const { allowed } = await walk({ ...scope, resident: undefined }, keyOf(question))
    return allowed ? 'yes' : 'no'
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
}

test('what the walk says', async () => {
  const tally = { yes: 0, no: 0, unknown: 0 }
  const property = fc.asyncProperty(worlds, async ({ some, others, depthMax }) => {
    const tuples = new Map(
      [...some, ...others].map((one) => [`${one.object} ${one.relation} ${one.subject}`, one]),
    )
    const { scope, residency } = await remembering(tangled, [...tuples.values()])
    const asked = scope({ depthMax })
    const graph = residency.graph(asked.view, asked.model) ?? expect.unreachable('it is the applied state')
    for (const object of [...groups, ...folders]) {
      for (const user of users) {
        for (const rung of graph.kindOf(graph.id(object)).rungs) {
          const question = `${object}#${rung.relation.name}@${user}`
          const individual = graph.individual(graph.id(user))
          const hops = recall(graph.sight(asked.view, {}), graph.id(object), rung, individual, depthMax)
          if (hops === undefined || hops >= depthMax) {
            tally.unknown++
            continue
          }
          const said = hops === absent ? 'no' : 'yes'
          tally[said]++
          expect(`${question} ${said}`).toBe(`${question} ${await walked(asked, question)}`)
        }
      }
    }
  })
  await fc.assert(property, { numRuns: Number(process.env.RUNS ?? 150) })
  expect(Math.min(tally.yes, tally.no)).toBeGreaterThan(tally.unknown / 10)
})
