/** Decisions that took a walk: kept once, found again, and ended by what they rest on and by nothing else. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { remembering } from './memory.ts'
import { tupleOf } from './world.ts'

const types = `type user
type group
  relations
    define member: [user, user:*, group#member]
type folder
  relations
    define viewer: [user, group#member]
type doc
  relations
    define parent: [folder]
    define viewer: [user, user:*, group#member] or viewer from parent`

interface Kept {
  readonly name: string
  readonly question: string
  readonly tuples: readonly string[]
  /** Places and subjects whose rows are spread. */
  readonly spread?: readonly string[]
  /** Each of these taken away ends it, and so does the next answer know. */
  readonly needed: readonly string[]
  /** Each of these, written, ends it, though the answer stays: something else might have come. */
  readonly feared: readonly string[]
  /** Written and deleted, it stands. */
  readonly beside: readonly string[]
}

const usersets = ['doc:1#viewer@group:b#member', 'group:b#member@group:a#member']
const manyGroups = Array.from({ length: 450 }, (_, at) => `group:g${at}#member@user:ann`)

const kinds: readonly Kept[] = [
  {
    name: 'a userset as subject',
    question: 'doc:1#viewer@group:a#member',
    tuples: usersets,
    needed: usersets,
    feared: ['doc:1#viewer@group:c#member'],
    beside: [
      'group:b#member@user:new',
      'group:a#member@user:new',
      'group:x#member@group:y#member',
      'doc:2#viewer@group:b#member',
      // It was found before anybody looked there.
      'group:b#member@group:c#member',
      'doc:1#parent@folder:x',
    ],
  },
  {
    name: 'everybody as subject',
    question: 'doc:1#viewer@user:*',
    tuples: ['doc:1#viewer@group:b#member', 'group:b#member@user:*'],
    needed: ['doc:1#viewer@group:b#member', 'group:b#member@user:*'],
    feared: ['doc:1#viewer@group:c#member'],
    beside: ['group:b#member@user:new', 'doc:1#viewer@user:new', 'group:x#member@user:*'],
  },
  {
    name: 'over a spread tupleset',
    question: 'doc:1#viewer@user:ann',
    tuples: ['doc:1#parent@folder:x', 'folder:x#viewer@user:ann'],
    spread: ['doc:1#parent'],
    needed: ['doc:1#parent@folder:x', 'folder:x#viewer@user:ann'],
    feared: ['doc:1#parent@folder:y', 'doc:1#viewer@group:c#member'],
    beside: ['folder:x#viewer@user:new', 'group:x#member@group:y#member', 'group:x#member@user:ann'],
  },
  {
    name: 'over a spread tupleset, and then groups by their index',
    question: 'doc:1#viewer@user:ann',
    tuples: ['doc:1#parent@folder:x', 'folder:x#viewer@group:a#member', 'group:a#member@user:ann'],
    spread: ['doc:1#parent'],
    needed: ['doc:1#parent@folder:x', 'folder:x#viewer@group:a#member', 'group:a#member@user:ann'],
    feared: ['group:x#member@group:y#member', 'group:x#member@user:ann', 'folder:x#viewer@group:c#member'],
    beside: ['group:a#member@user:new', 'folder:x#viewer@user:new', 'doc:2#viewer@user:new'],
  },
  {
    name: 'a subject in more groups than the graph follows at once',
    question: 'doc:1#viewer@user:ann',
    tuples: ['doc:1#viewer@group:g7#member', ...manyGroups],
    needed: ['doc:1#viewer@group:g7#member', 'group:g7#member@user:ann'],
    feared: ['doc:1#viewer@group:c#member'],
    beside: ['group:g7#member@user:new', 'group:g8#member@user:new', 'doc:1#viewer@user:new'],
  },
]

const spreadOut = async ({ tuples, spread = [] }: Kept) => {
  const memory = await remembering(types, tuples)
  for (const place of spread) memory.store.spread.add(place)
  return memory
}

describe.each(kinds)('$name', (kind) => {
  const { question, needed, feared, beside } = kind

  test('is walked once', async () => {
    const { ask } = await spreadOut(kind)
    expect([await ask(question), await ask(question), await ask(question)]).toEqual([
      'yes by walk',
      'yes by decision',
      'yes by decision',
    ])
  })

  test.each(needed)('without %s it is another', async (tuple) => {
    const memory = await spreadOut(kind)
    await memory.ask(question)
    memory.delete(tuple)
    expect(await memory.ask(question)).toMatch(/^no by (walk|graph)$/)
    memory.write(tuple)
    expect(await memory.ask(question)).toMatch(/^yes by (walk|graph)$/)
  })

  test.each(feared)('%s ends it', async (tuple) => {
    const memory = await spreadOut(kind)
    await memory.ask(question)
    memory.write(tuple)
    expect(await memory.ask(question)).toMatch(/^yes by (walk|graph)$/)
  })

  test.each(beside)('%s comes and goes beside it', async (tuple) => {
    const memory = await spreadOut(kind)
    await memory.ask(question)
    memory.write(tuple)
    expect(await memory.ask(question)).toBe('yes by decision')
    memory.delete(tuple)
    expect(await memory.ask(question)).toBe('yes by decision')
  })
})

test('a deny is kept too, and ended by what would make it an allow', async () => {
  const memory = await remembering(types, usersets)
  const question = 'doc:1#viewer@group:z#member'
  expect([await memory.ask(question), await memory.ask(question)]).toEqual(['no by walk', 'no by decision'])
  memory.write('group:b#member@user:new')
  expect(await memory.ask(question)).toBe('no by decision')
  memory.write('group:a#member@group:z#member')
  expect(await memory.ask(question)).toBe('yes by walk')
})

test('an expiry ends it at its very instant', async () => {
  const tuples = ['doc:1#viewer@group:b#member until 2000', 'group:b#member@group:a#member until 3000']
  const memory = await remembering(types, tuples)
  const at = async (now: number) => {
    memory.store.now = now
    return await memory.ask('doc:1#viewer@group:a#member')
  }
  expect([await at(1_000), await at(1_999), await at(2_000), await at(2_001)]).toEqual([
    'yes by walk',
    'yes by decision',
    'no by walk',
    'no by decision',
  ])
})

describe('never kept', () => {
  test('what a condition had a say in, whatever it said', async () => {
    const office = `${types.replace('user:*, group#member] or', 'group#member with open] or')}
condition open(on: bool) { on }`
    const tuples = ['doc:1#viewer@group:b#member with open', 'group:b#member@group:a#member']
    const { ask } = await remembering(office, tuples)
    const question = 'doc:1#viewer@group:a#member'
    for (const on of [true, false, true]) {
      expect(await ask(question, { context: { on } })).toBe(on ? 'yes by walk' : 'no by walk')
    }
    expect(await ask(question)).toBe('validation_error by walk')
  })

  test('what was asked with tuples of its own', async () => {
    const { ask } = await remembering(types, ['doc:1#viewer@group:b#member'])
    const question = 'doc:1#viewer@group:a#member'
    const contextual = [tupleOf('group:b#member@group:a#member')]
    expect(await ask(question, { contextual })).toBe('yes')
    expect([await ask(question), await ask(question)]).toEqual(['no by walk', 'no by decision'])
    expect(await ask(question, { contextual })).toBe('yes')
  })

  test('what failed: a proof too long', async () => {
    const { ask } = await remembering(types, usersets)
    const question = 'doc:1#viewer@group:a#member'
    const tooDeep = 'authorization_model_resolution_too_complex by walk'
    expect([await ask(question, { depthMax: 1 }), await ask(question, { depthMax: 1 })]).toEqual([
      tooDeep,
      tooDeep,
    ])
    expect([await ask(question), await ask(question, { depthMax: 1 })]).toEqual(['yes by walk', tooDeep])
    expect(await ask(question)).toBe('yes by decision')
  })

  test('anything, where there is no room for decisions', async () => {
    const { ask, residency } = await remembering(types, usersets, { decisionBytesMax: 0 })
    const question = 'doc:1#viewer@group:a#member'
    expect([await ask(question), await ask(question)]).toEqual(['yes by walk', 'yes by walk'])
    expect(residency.bytes.decisions).toBe(0)
  })
})

test('those used last stay, within the bound', async () => {
  const bytesMax = 20_000
  const { ask, residency } = await remembering(types, usersets, { decisionBytesMax: bytesMax })
  const questions = Array.from({ length: 200 }, (_, at) => `doc:${at}#viewer@group:a#member`)
  for (const question of questions) {
    await ask(question)
    expect(residency.bytes.decisions).toBeLessThanOrEqual(bytesMax)
  }
  expect(residency.bytes.decisions).toBeGreaterThan(bytesMax / 2)
  expect(await ask('doc:199#viewer@group:a#member')).toBe('no by decision')
  expect(await ask('doc:0#viewer@group:a#member')).toBe('no by walk')
})

test('each version of the model has its own', async () => {
  const { ask } = await remembering(types, usersets)
  const question = 'doc:1#viewer@group:a#member'
  const json = await parseDsl(
    `model\n  schema 1.1\n${types.replace('user:*, group#member] or', 'user:*] or')}`,
  )
  const narrower = { model: compileModel('narrower', json) }
  expect([await ask(question), await ask(question, narrower)]).toEqual(['yes by walk', 'no by walk'])
  expect([await ask(question), await ask(question, narrower)]).toEqual(['yes by decision', 'no by decision'])
})

describe('the window', () => {
  const aged = async (kept: Kept) => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const memory = await remembering(types, kept.tuples, { windowMs: 10_000 })
    for (const place of kept.spread ?? []) memory.store.spread.add(place)
    return memory
  }
  const [first, , , overGraph] = kinds as readonly [Kept, Kept, Kept, Kept]

  test('ends it', async () => {
    const { ask } = await aged(first)
    await ask(first.question)
    vi.advanceTimersByTime(9_800)
    expect(await ask(first.question)).toBe('yes by decision')
    vi.advanceTimersByTime(200)
    expect(await ask(first.question)).toBe('yes by walk')
    expect(await ask(first.question)).toBe('yes by decision')
  })

  test('counts from when its oldest part was read', async () => {
    const { ask } = await aged(overGraph)
    // Reads what is below the folder into memory.
    expect(await ask('folder:x#viewer@user:ann')).toBe('yes by graph')
    vi.advanceTimersByTime(9_000)
    expect(await ask(overGraph.question)).toBe('yes by walk')
    vi.advanceTimersByTime(800)
    expect(await ask(overGraph.question)).toBe('yes by decision')
    vi.advanceTimersByTime(200)
    expect(await ask(overGraph.question)).toBe('yes by walk')
  })
})

describe('a commit while the walk is under way', () => {
  const spread: Kept = kinds[2] as Kept

  /** The walk has pinned its state and waits for a scan when the commit comes. */
  const raced = async (commit: (memory: Awaited<ReturnType<typeof spreadOut>>) => void) => {
    const memory = await spreadOut(spread)
    const asked = memory.ask(spread.question)
    expect(memory.store.pins).toBe(1)
    commit(memory)
    const said = await asked
    expect(memory.store.pins).toBe(0)
    const kept = memory.residency.bytes.decisions === 0 ? 'nothing kept' : 'kept'
    return [said, kept, await memory.ask(spread.question)]
  }

  test.each(spread.needed)('that takes %s away: the answer is of before, and not kept', async (tuple) => {
    expect(await raced((memory) => memory.delete(tuple))).toEqual([
      'yes by walk',
      'nothing kept',
      'no by walk',
    ])
  })

  test.each(spread.feared)('that writes %s: not kept either', async (tuple) => {
    expect(await raced((memory) => memory.write(tuple))).toEqual([
      'yes by walk',
      'nothing kept',
      'yes by walk',
    ])
  })

  test.each(spread.beside)('that writes %s: kept', async (tuple) => {
    expect(await raced((memory) => memory.write(tuple))).toEqual(['yes by walk', 'kept', 'yes by decision'])
  })
})

test('what memory cannot tell is asked of it once, and not at all where the scope says that it was', async () => {
  const conditional = `type user
type doc
  relations
    define viewer: [user with open]
condition open(on: bool) { on }`
  const { scope, ask } = await remembering(conditional, ['doc:1#viewer@user:ann with open'])
  const open = scope().model.conditions.get('open') ?? expect.unreachable('the model has it')
  const evaluated = vi.spyOn(open, 'holds')
  const timesAsked = async (memoryAsked: boolean) => {
    evaluated.mockClear()
    expect(await ask('doc:1#viewer@user:ann', { memoryAsked })).toBe('validation_error by walk')
    return evaluated.mock.calls.length
  }
  // The walk itself is one of them.
  expect([await timesAsked(false), await timesAsked(true)]).toEqual([2, 1])
})
