/** Groups by the thousand, one in another: what a check costs is linear in what it reaches, and no turn is long. */
import { afterEach, expect, test, vi } from 'vitest'
import { Graph } from '../../src/engine/resident/graph.ts'
import type { FakeStore } from './fake-view.ts'
import { remembering } from './memory.ts'

const types = `type user
type idp_group
  relations
    define member: [user, user with odd, idp_group#member]
type group
  relations
    define banned: [user]
    define member: [user, idp_group#member] but not banned
condition odd(x: int) {
  x == 1
}`

const inside = (outer: number, inner: number) => `idp_group:${outer}#member@idp_group:${inner}#member`
const to = (count: number) => Array.from({ length: count }, (_, at) => at)

/** The innermost group is 0, the outermost the last. */
const shapes: Readonly<Record<string, (count: number) => readonly string[]>> = {
  chain: (count) => to(count - 1).map((at) => inside(at + 1, at)),
  tree: (count) => to(count - 1).map((at) => inside(count - 1 - Math.floor((count - 2 - at) / 10), at)),
  wide: (count) => to(count - 1).map((at) => inside(count - 1, at)),
  'layers of ten': (count) =>
    to(count - 10).flatMap((at) => to(10).map((place) => inside((Math.floor(at / 10) + 1) * 10 + place, at))),
}

const count = 1_000
const eachMapped = to(count).map((at) => `group:${at}#member@idp_group:${at}#member`)
/** Of cat the graph cannot know all that is above: one tuple has to be looked at every time. */
const people = [
  'idp_group:0#member@user:cat',
  'idp_group:aside#member@user:cat with odd',
  'idp_group:0#member@user:ann',
  'idp_group:0#member@user:bob',
  `group:${count - 1}#banned@user:bob`,
]

afterEach(() => {
  vi.restoreAllMocks()
})

interface Work {
  /** Records that the graph was asked for. */
  readonly asked: number
  /** Milliseconds of the longest turn of the event loop. */
  readonly longest: number
}

/** From here to the end a record takes a microsecond, one that storage is read for fifty more, and nothing else any time. */
function watch(store: FakeStore): { end(): Work } {
  const before = store.reads
  let asked = 0
  let [longest, last] = [0, 0]
  let isOver = false
  const { keptIn } = Graph.prototype
  vi.spyOn(Graph.prototype, 'keptIn').mockImplementation(function (this: Graph, slot, tick) {
    asked += 1
    return keptIn.call(this, slot, tick)
  })
  const now = () => asked / 1_000 + (store.reads - before) / 20
  vi.spyOn(performance, 'now').mockImplementation(now)
  const look = () => {
    longest = Math.max(longest, now() - last)
    last = now()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return {
    end() {
      look()
      isOver = true
      vi.restoreAllMocks()
      return { asked, longest }
    },
  }
}

test.each(Object.keys(shapes))('a %s of a thousand groups', async (shape) => {
  const tuples = [...(shapes[shape]?.(count) ?? []), ...eachMapped]
  const { ask, store } = await remembering(types, [...tuples, ...people])
  for (const [user, said] of [
    ['ann', 'yes'],
    ['bob', 'no'],
    ['cat', 'yes'],
    ['eve', 'no'],
  ]) {
    for (let time = 0; time < 3; time++) {
      const work = watch(store)
      const answer = await ask(`group:${count - 1}#member@user:${user}`, { context: { x: 1 } })
      const { asked, longest } = work.end()
      expect(answer).toMatch(`${said} by`)
      expect(asked).toBeLessThan(tuples.length * 10)
      // What memory may read for the question and for the walk's first slice, and that slice.
      expect(longest).toBeLessThan(23)
    }
  }
})
