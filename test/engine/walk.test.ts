import { describe, expect, test } from 'vitest'
import { check } from '../../src/engine/check.ts'
import { decide } from '../../src/engine/decide.ts'
import { answer } from '../../src/engine/drive.ts'
import { Reader } from '../../src/engine/reader.ts'
import { Walk } from '../../src/engine/walk.ts'
import type { Fault } from '../../src/lib/fault.ts'
import { keyOf, tupleOf, verdict, type World, worldOf } from './world.ts'

const tooDeep = 'authorization_model_resolution_too_complex'

interface Case {
  readonly name: string
  readonly model: string
  readonly tuples: readonly string[]
  /** Question and verdict. */
  readonly asked: Readonly<Record<string, string>>
  readonly context?: Readonly<Record<string, string>>
  readonly contextual?: readonly string[]
}

const operators = `type user
type doc
  relations
    define a: [user, user:*, doc#a, doc#either]
    define b: [user]
    define c: [user]
    define either: a or b
    define both: a and b
    define only: a but not b
    define alias: only
    define nested: (a or b) but not (b and c)`

const groups = `type user
type group
  relations
    define member: [user, group#member]
    define banned: [user, group#member]
    define active: member but not banned`

const folders = `type user
type group
  relations
    define member: [user]
type folder
  relations
    define parent: [folder]
    define viewer: [user, group#member] or viewer from parent
type doc
  relations
    define parent: [folder, group]
    define viewer: viewer from parent`

const games = `type user
type position
  relations
    define start: [user]
    define move: [position]
    define wins: start but not loses
    define loses: [user] or wins from move`

const self = `type user
type doc
  relations
    define viewer: [user] but not blocked
    define blocked: [user, doc#viewer]
    define open: [user] but not cyclic
    define cyclic: [user, doc#cyclic]`

const cases: readonly Case[] = [
  {
    name: 'each operator: yes, no, and the boundary between',
    model: operators,
    tuples: [
      'doc:1#a@user:ann',
      'doc:1#b@user:bob',
      'doc:1#a@user:cat',
      'doc:1#b@user:cat',
      'doc:1#c@user:cat',
    ],
    asked: {
      'doc:1#either@user:ann': 'yes',
      'doc:1#either@user:bob': 'yes',
      'doc:1#either@user:zed': 'no',
      'doc:1#both@user:cat': 'yes',
      'doc:1#both@user:ann': 'no',
      'doc:1#both@user:bob': 'no',
      'doc:1#only@user:ann': 'yes',
      'doc:1#only@user:cat': 'no',
      'doc:1#only@user:bob': 'no',
      'doc:1#alias@user:ann': 'yes',
      'doc:1#nested@user:bob': 'yes',
      'doc:1#nested@user:cat': 'no',
      'doc:2#either@user:ann': 'no',
    },
  },
  {
    name: 'wildcards match individuals, and themselves, never usersets',
    model: operators,
    tuples: ['doc:1#a@user:*', 'doc:1#b@user:bob', 'doc:2#a@doc:1#a'],
    asked: {
      'doc:1#a@user:ann': 'yes',
      'doc:1#a@user:*': 'yes',
      'doc:2#a@user:ann': 'yes',
      'doc:2#a@user:*': 'yes',
      'doc:1#a@doc:9#a': 'no',
      'doc:1#only@user:bob': 'no',
      'doc:1#only@user:*': 'yes',
    },
  },
  {
    name: 'usersets as subjects: themselves, stored, through others, by an alias',
    model: operators,
    tuples: ['doc:1#a@doc:2#a', 'doc:2#a@doc:3#either'],
    asked: {
      'doc:9#a@doc:9#a': 'yes',
      'doc:1#a@doc:2#a': 'yes',
      'doc:1#a@doc:3#either': 'yes',
      'doc:1#a@doc:3#a': 'yes',
      'doc:1#either@doc:3#either': 'yes',
      'doc:3#a@doc:1#a': 'no',
      'doc:1#alias@doc:2#a': 'yes',
    },
  },
  {
    name: 'parents; a type without the relation adds nobody',
    model: folders,
    tuples: [
      'doc:1#parent@folder:1',
      'doc:1#parent@group:x',
      'folder:1#parent@folder:0',
      'folder:0#viewer@group:x#member',
      'group:x#member@user:ann',
    ],
    asked: {
      'doc:1#viewer@user:ann': 'yes',
      'doc:1#viewer@user:bob': 'no',
      'doc:1#viewer@group:x#member': 'yes',
    },
  },
  {
    name: 'a circle of grants alone is false, also under but not',
    model: groups,
    tuples: [
      'group:1#member@group:2#member',
      'group:2#member@group:1#member',
      'group:3#member@user:ann',
      'group:3#banned@group:1#member',
      'group:2#member@user:bob',
    ],
    asked: {
      'group:1#member@user:ann': 'no',
      'group:3#active@user:ann': 'yes',
      'group:1#member@user:bob': 'yes',
      'group:2#member@user:bob': 'yes',
      'group:1#member@group:1#member': 'yes',
    },
  },
  {
    name: 'what rests on its own negation is denied',
    model: self,
    tuples: [
      'doc:1#viewer@user:ann',
      'doc:1#blocked@doc:1#viewer',
      'doc:2#open@user:ann',
      'doc:2#cyclic@doc:2#cyclic',
    ],
    asked: { 'doc:1#viewer@user:ann': 'no', 'doc:1#blocked@user:ann': 'no', 'doc:2#open@user:ann': 'yes' },
  },
  {
    name: 'a game: who can move to a lost position wins; an odd ring is undefined, an even one too, a tail decides',
    model: games,
    tuples: [
      // A path: 3 cannot move, so 2 loses nothing to it; wins alternate.
      ...[1, 2, 3].map((at) => `position:${at}#start@user:ann`),
      'position:1#move@position:2',
      'position:2#move@position:3',
      ...['a', 'b', 'c'].map((at) => `position:${at}#start@user:ann`),
      'position:a#move@position:b',
      'position:b#move@position:c',
      'position:c#move@position:a',
      ...['p', 'q', 'r'].map((at) => `position:${at}#start@user:ann`),
      'position:p#move@position:q',
      'position:q#move@position:p',
      'position:q#move@position:r',
    ],
    asked: {
      'position:3#wins@user:ann': 'yes',
      'position:2#wins@user:ann': 'no',
      'position:1#wins@user:ann': 'yes',
      'position:a#wins@user:ann': 'no',
      'position:a#loses@user:ann': 'no',
      // r wins, so q loses, so p wins: the ring is decided from outside.
      'position:q#wins@user:ann': 'no',
      'position:p#wins@user:ann': 'yes',
    },
  },
  {
    name: 'expired tuples are absent, from the very instant on; stale ones invisible',
    model: operators,
    tuples: [
      'doc:1#a@user:ann until 999',
      'doc:1#a@user:bob until 1000',
      'doc:1#a@user:cat until 1001',
      'doc:2#a@doc:3#a until 1000',
      'doc:3#a@user:ann',
      'doc:1#b@doc:3#a',
      'doc:1#c@user:*',
      'doc:1#either@user:ann',
    ],
    asked: {
      'doc:1#a@user:ann': 'no',
      'doc:1#a@user:bob': 'no',
      'doc:1#a@user:cat': 'yes',
      'doc:2#a@user:ann': 'no',
      'doc:1#b@user:ann': 'no',
      'doc:1#c@user:ann': 'no',
      'doc:1#either@user:ann': 'no',
    },
  },
]

describe('the walk', () => {
  test.each(cases)('$name', async ({ model, tuples, asked }) => {
    const world = await worldOf(model, tuples)
    const found = await verdicts(world, Object.keys(asked))
    expect(found).toEqual(asked)
  })
})

const conditions = `type user
type doc
  relations
    define a: [user with c, user, user:* with c, doc#a, doc#a with c]
    define b: [user with c, user]
    define c: [user]
    define either: a or b
    define both: a and b
    define only: a but not b
    define parent: [doc with c, doc]
    define above: a from parent
    define hopeless: c and (a or above)
condition c(x: int) {
  x == 1
}`

describe('conditions', () => {
  // a is an error for ann everywhere; b is yes on doc:1, no on doc:2, an error on doc:3.
  const tuples = [
    ...['1', '2', '3'].map((id) => `doc:${id}#a@user:ann with c`),
    'doc:1#b@user:ann',
    'doc:3#b@user:ann with c',
    'doc:4#a@user:ann',
    'doc:4#b@user:ann with c',
    'doc:5#b@user:ann with c',
    'doc:6#a@doc:1#a with c',
    'doc:6#a@doc:4#a',
    'doc:7#a@doc:1#a with c',
    'doc:7#a@user:bob with c {"x":2}',
    'doc:8#a@user:ann with c {"x":2}',
    'doc:8#a@user:* with c',
    'doc:9#parent@doc:4 with c',
    'doc:10#parent@doc:4 with c',
    'doc:10#parent@doc:6',
  ]
  const error = 'validation_error'

  test('an error is hidden by what decides without it, and surfaces where nothing does', async () => {
    const world = await worldOf(conditions, tuples)
    const asked = {
      'doc:1#either@user:ann': 'yes',
      'doc:2#either@user:ann': error,
      'doc:3#either@user:ann': error,
      'doc:1#both@user:ann': error,
      'doc:2#both@user:ann': 'no',
      'doc:3#both@user:ann': error,
      'doc:1#only@user:ann': 'no',
      'doc:2#only@user:ann': error,
      'doc:3#only@user:ann': error,
      'doc:4#only@user:ann': error,
      'doc:5#only@user:ann': 'no',
      'doc:6#a@user:ann': 'yes',
      'doc:7#a@user:ann': error,
      'doc:8#a@user:ann': error,
      'doc:9#above@user:ann': error,
      'doc:10#above@user:ann': 'yes',
      'doc:2#hopeless@user:ann': 'no',
    }
    expect(await verdicts(world, Object.keys(asked))).toEqual(asked)
  })

  test('the stored context wins, the given one fills its holes', async () => {
    const world = await worldOf(conditions, tuples)
    const scope = () => world.scope({ context: { x: 1, other: 'ignored' } })
    expect(await verdict(scope(), 'doc:2#a@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'doc:7#a@user:bob')).toBe('no')
    expect(await verdict(scope(), 'doc:8#a@user:ann')).toBe('yes')
    expect(await verdict(world.scope({ context: { x: 'one' } }), 'doc:2#a@user:ann')).toBe(error)
  })

  test('a contextual tuple hides the stored one of its key, condition and all', async () => {
    const world = await worldOf(conditions, tuples)
    const bare = world.scope({ contextual: [tupleOf('doc:2#a@user:ann')] })
    expect(await verdict(bare, 'doc:2#a@user:ann')).toBe('yes')
    const failing = world.scope({ contextual: [tupleOf('doc:4#a@user:ann with c {"x":2}')] })
    expect(await verdict(failing, 'doc:4#a@user:ann')).toBe('no')
    const linked = world.scope({ contextual: [tupleOf('doc:11#a@doc:4#a'), tupleOf('doc:12#parent@doc:11')] })
    expect(await verdict(linked, 'doc:12#above@user:ann')).toBe('yes')
  })

  test('hidden tuples are absent, contextual ones are not hidden', async () => {
    const world = await worldOf(conditions, tuples)
    const hidden = [tupleOf('doc:4#a@user:ann'), tupleOf('doc:6#a@doc:4#a')]
    expect(await verdict(world.scope({ hidden }), 'doc:4#a@user:ann')).toBe('no')
    const contextual = [tupleOf('doc:4#a@user:ann')]
    expect(await verdict(world.scope({ hidden, contextual }), 'doc:4#a@user:ann')).toBe('yes')
    expect(await verdict(world.scope({ hidden: hidden.slice(1) }), 'doc:6#a@user:ann')).toBe(error)
  })
})

describe('depth', () => {
  test('the limit lies between 24 and 25 hops', async () => {
    const world = await worldOf(groups, [...chain(30), 'group:30#member@user:ann'])
    const scope = () => world.scope({ depthMax: 25 })
    // group:n is 30 - n hops away from the tuple.
    expect(await verdict(scope(), 'group:7#member@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'group:6#member@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'group:5#member@user:ann')).toBe(tooDeep)
    expect(await verdict(scope(), 'group:4#member@user:ann')).toBe(tooDeep)
    expect(await verdict(world.scope(), 'group:4#member@user:ann')).toBe('yes')
    expect((await check(world.scope(), keyOf('group:4#member@user:ann'))).hops).toBe(26)
  })

  test('the shortest proof counts, in either order, and a deny needs none', async () => {
    const tuples = [...chain(30), 'group:a#member@group:0#member', 'group:a#member@user:ann']
    const world = await worldOf(groups, [
      ...tuples,
      'group:b#member@group:0#member',
      'group:b#member@group:z#member',
      'group:z#member@user:ann',
    ])
    const scope = () => world.scope({ depthMax: 25 })
    expect(await verdict(scope(), 'group:a#member@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'group:b#member@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'group:b#member@user:bob')).toBe('no')
  })

  test('a short way is taken though a long one was found first; what is subtracted has no depth', async () => {
    // far: 0 -> 1 -> ... -> 20 -> shared; near: shared at once. shared is 10 hops deep itself.
    const world = await worldOf(groups, [
      ...chain(20),
      'group:20#member@group:s0#member',
      ...chain(10, 's'),
      'group:s10#member@user:ann',
      'group:far#member@group:0#member',
      'group:far#member@group:s0#member',
      'group:near#member@group:a#member',
      'group:a#member@group:s0#member',
      'group:near#banned@group:0#member',
    ])
    const scope = () => world.scope({ depthMax: 25 })
    expect(await verdict(scope(), 'group:far#member@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'group:near#active@user:ann')).toBe('no')
    expect(await verdict(scope(), 'group:s0#member@user:ann')).toBe('yes')
  })

  test('questions that share a walk get what they get alone', async () => {
    const world = await worldOf(groups, [
      ...chain(40),
      'group:40#member@user:ann',
      'group:20#member@group:0#member',
    ])
    const scope = world.scope({ depthMax: 25 })
    const reader = new Reader(scope)
    for (const order of [[...numbers(41)], [...numbers(41)].reverse()]) {
      const walk = new Walk(scope, reader, 'user:ann')
      for (const at of order) {
        const alone = await verdict(world.scope({ depthMax: 25 }), `group:${at}#member@user:ann`)
        const shared = await decide(scope, walk, keyOf(`group:${at}#member@user:ann`)).then(
          () => 'yes',
          (fault: Fault) => fault.code,
        )
        expect({ at, shared }).toEqual({ at, shared: alone })
      }
    }
  })
})

describe('cost', () => {
  test('a thousand groups that are all in each other cost a vertex each', async () => {
    const nested = numbers(1_000).flatMap((at) =>
      [1, 2, 3, 5, 8, 13, 21, 34].map((step) => `group:${at}#member@group:${(at + step) % 1_000}#member`),
    )
    const world = await worldOf(groups, nested)
    const walk = await walked(world, 'group:0#member@user:ann')
    expect(walk.size).toBe(1_000)
  })

  test('a diamond of 60 floors costs its edges, not its paths', async () => {
    const floors = numbers(60).flatMap((at) => [
      `group:${at}#member@group:l${at}#member`,
      `group:${at}#member@group:r${at}#member`,
      `group:l${at}#member@group:${at + 1}#member`,
      `group:r${at}#member@group:${at + 1}#member`,
    ])
    const world = await worldOf(groups, floors)
    expect((await walked(world, 'group:0#member@user:ann')).size).toBe(181)
    expect(await verdict(world.scope({ depthMax: 25 }), 'group:0#member@user:ann')).toBe('no')
    const reached = await worldOf(groups, [...floors, 'group:60#member@user:ann'])
    expect(await verdict(reached.scope({ depthMax: 120 }), 'group:0#member@user:ann')).toBe(tooDeep)
    expect(await verdict(reached.scope({ depthMax: 121 }), 'group:0#member@user:ann')).toBe('yes')
  })

  test('a chain of 100,000 groups is no deeper than the heap', async () => {
    const world = await worldOf(groups, [...chain(100_000), 'group:100000#member@user:ann'])
    expect(await verdict(world.scope(), 'group:0#member@user:ann')).toBe('yes')
  })

  test('a subject that the model cannot lead to costs nothing', async () => {
    const world = await worldOf(`${groups}\ntype bot`, chain(10))
    expect((await walked(world, 'group:0#member@bot:1')).size).toBe(0)
  })
})

describe('the state', () => {
  test('a spread tupleset is scanned, once, and pinned for it', async () => {
    const parents = numbers(250).map((at) => `doc:1#parent@folder:${at}`)
    const world = await worldOf(folders, [...parents, 'folder:249#viewer@user:ann'])
    world.store.spread.add('doc:1#parent')
    expect(await verdict(world.scope(), 'doc:1#viewer@user:ann')).toBe('yes')
    expect(world.store.scans).toBe(1)
    const contextual = [tupleOf('doc:1#parent@folder:x'), tupleOf('folder:x#viewer@user:bob')]
    expect(await verdict(world.scope({ contextual }), 'doc:1#viewer@user:bob')).toBe('yes')
    expect(world.store.pins).toBe(0)
  })

  test('a long walk sees one state while commits land between its slices', async () => {
    const world = await worldOf(groups, [...chain(20_000), 'group:20000#member@user:ann'])
    const asking = verdict(world.scope(), 'group:0#member@user:ann')
    expect(world.store.pins).toBe(1)
    world.store.delete(keyOf('group:20000#member@user:ann'))
    expect(await asking).toBe('yes')
    expect(await verdict(world.scope(), 'group:0#member@user:ann')).toBe('no')
    expect(world.store.pins).toBe(0)
  })

  test('past the deadline there is no answer', async () => {
    const world = await worldOf(groups, [...chain(1_000), 'group:1000#member@user:ann'])
    const late = world.scope({ deadline: performance.now() - 1 })
    expect(await verdict(late, 'group:0#member@user:ann')).toBe('deadline_exceeded')
    expect(world.store.pins).toBe(0)
  })
})

async function verdicts(world: World, questions: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const question of questions) found[question] = await verdict(world.scope(), question)
  return found
}

async function walked(world: World, question: string): Promise<Walk> {
  const scope = world.scope()
  const { object, relation, subject } = keyOf(question)
  const reader = new Reader(scope)
  const walk = new Walk(scope, reader, subject)
  const defined = scope.model.relation(object.split(':', 1)[0] ?? '', relation)
  if (defined === undefined) throw new Error('no relation')
  await answer(walk, object, defined)
  reader.release()
  return walk
}

/** group:0 contains group:1, and so on down to group:`length`. */
function chain(length: number, prefix = ''): string[] {
  return numbers(length).map((at) => `group:${prefix}${at}#member@group:${prefix}${at + 1}#member`)
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at)
}
