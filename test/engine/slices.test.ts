/** Much at one place, or a condition that takes long, holds neither the event loop nor the deadline up. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Reader } from '../../src/engine/reader.ts'
import { remembering } from './memory.ts'
import { verdict, worldOf } from './world.ts'

const types = `type user
type group
  relations
    define member: [user]
type folder
  relations
    define viewer: [user]
type doc
  relations
    define parent: [folder with near]
    define viewer: [user, group#member with near]
    define inherited: viewer from parent
condition near(x: int) {
  x < 10
}`

const near = (count: number, place: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => `${place(at)} with near`)
const groups = (count: number) => near(count, (at) => `doc:1#viewer@group:${at}#member`)
const folders = (count: number) => near(count, (at) => `doc:1#parent@folder:${at}`)

afterEach(() => {
  vi.restoreAllMocks()
})

/** Each look at the clock finds it a millisecond later. */
function tick(): void {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => ++now)
}

describe.each([
  ['usersets', groups(2_000), 'doc:1#viewer@user:ann'],
  ['parents', folders(2_000), 'doc:1#inherited@user:ann'],
])('2,000 conditional %s', (_, tuples, question) => {
  test('are left in the middle where time is up', async () => {
    const { scope } = await worldOf(types, tuples)
    tick()
    expect(await verdict(scope({ context: { x: 99 }, deadline: 30 }), question)).toBe('deadline_exceeded')
  })

  test('are gone on with after a turn, and none is left out', async () => {
    const { scope } = await worldOf(types, [
      ...tuples,
      'group:1999#member@user:ann',
      'group:0#member@user:bob',
      'folder:1999#viewer@user:ann',
      'folder:0#viewer@user:bob',
    ])
    tick()
    for (const [user, said] of [
      ['ann', 'yes'],
      ['bob', 'yes'],
      ['eve', 'no'],
    ]) {
      const asked = question.replace('ann', `${user}`)
      expect([await verdict(scope({ context: { x: 1 } }), asked), user]).toEqual([said, user])
      expect(await verdict(scope({ context: {} }), asked)).toBe('validation_error')
    }
  })
})

test.each([
  [50, 'no by graph'],
  [150, 'no by walk'],
])('memory evaluates a hundred conditions, of %i: %s', async (count, said) => {
  const { ask } = await remembering(types, groups(count))
  expect(await ask('doc:1#viewer@user:ann', { context: { x: 99 } })).toBe(said)
})

test('each of many names at a place is found among them', async () => {
  const ids = Array.from({ length: 60 }, (_, at) => String.fromCodePoint(0xff00 + at * 8))
  const { scope } = await worldOf(
    types,
    [...ids, '\u{1f511}', '\uffff', 'z', '__proto__'].map((id) => `folder:1#viewer@user:${id}`),
  )
  const { model, view } = scope()
  const viewer = model.relation('folder', 'viewer') ?? expect.unreachable('the model has it')
  const reader = new Reader({ ...scope(), view })
  const grants = (id: string) => reader.grant(viewer, 'folder:1', `user:${id}`)
  expect([...ids, '\u{1f511}', '\uffff', 'z', '__proto__'].filter((id) => grants(id) !== true)).toEqual([])
  expect(['a', '\u{1f512}', '\ufffe', 'zz', ''].filter((id) => grants(id) !== false)).toEqual([])
})
