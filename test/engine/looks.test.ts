/**
 * What memory does for one question is spent from what it may look at: long lists and reads cost by their length, so
 * that no few objects hold the event loop, and once nothing is left nothing more is done.
 */
import { expect, test } from 'vitest'
import { absent } from '../../src/engine/resident/reach.ts'
import { Reads } from '../../src/engine/resident/reads.ts'
import { recall } from '../../src/engine/resident/recall.ts'
import { looksMax, looksPerRead } from '../../src/engine/resident/sight.ts'
import { remembering } from './memory.ts'

const types = `type user
type team
  relations
    define member: [user, user:*, team#member]
type group
  relations
    define banned: [user]
    define listed: [user]
    define member: listed but not banned
type folder
  relations
    define team: [team]
    define banned: [user]
    define r0: [user]
    define r1: [user]
    define r2: [user]
    define r3: [user]
    define r4: [user]
    define r5: [user]
    define r6: [user]
    define r7: [user with odd]
    define broad: r0 or r1 or r2 or r3 or r4 or r5 or r6 or r7
    define viewer: [user, team#member, group#member, folder#broad]
    define once: viewer but not banned
    define twice: once or (viewer but not banned)
    define inside: member from team
condition odd(n: int) {
  n % 2 == 1
}`

const many = Array.from({ length: 800 }, (_, at) => at)
/** As many looks as there are ids in a list of `many`. */
const list = many.length / 8
const theirs = many.map((at) => `team:their${at}#member`)
const shared = theirs.map((team) => `folder:f#viewer@${team}`)
const ours = (member: string) => many.map((at) => `team:our${at}#member@${member}`)

interface Cost {
  readonly of: string
  readonly tuples: readonly string[]
  readonly relation: string
  readonly least: number
  readonly isSpread?: true
}

const costs: readonly Cost[] = [
  {
    of: 'usersets that are gone through for the one that may refuse',
    tuples: [...shared, 'folder:f#viewer@group:g#member'],
    relation: 'viewer',
    least: list,
  },
  {
    of: 'the same, by two operators',
    tuples: [...shared, 'folder:f#viewer@group:g#member'],
    relation: 'twice',
    least: 2 * list,
  },
  {
    of: "an individual's many groups",
    tuples: [...shared, ...ours('user:ann')],
    relation: 'viewer',
    least: list,
  },
  { of: "everybody's many groups", tuples: [...shared, ...ours('user:*')], relation: 'viewer', least: list },
  {
    of: 'parents',
    tuples: many.map((at) => `folder:f#team@team:their${at}`),
    relation: 'inside',
    least: list,
  },
  { of: 'relations of one object', tuples: [], relation: 'broad', least: 2 },
  {
    of: 'relations of another object',
    tuples: ['folder:f#viewer@folder:g#broad'],
    relation: 'viewer',
    least: 3,
  },
  {
    of: 'a read',
    tuples: ['folder:f#viewer@user:bob'],
    relation: 'viewer',
    least: looksPerRead,
    isSpread: true,
  },
]

const lookedAt = costs.flatMap((cost) => [
  { ...cost, seen: 'at a glance' },
  { ...cost, seen: 'by the search' },
])

/** Who asks about ann at folder:f, with so much to spend. */
async function asker({ tuples, relation, isSpread }: Omit<Cost, 'of' | 'least'>, isNoted: boolean) {
  const { store, scope, residency } = await remembering(types, tuples)
  if (isSpread) store.spread.add(`folder:f#${relation}`)
  const { view, model } = scope()
  const graph = residency.graph(view, model) ?? expect.unreachable('it is the applied state')
  const folder = graph.id('folder:f')
  const rung = graph.kindOf(folder).byName.get(relation) ?? expect.unreachable('the model has it')
  const ann = graph.individual(graph.id('user:ann'))
  return (looksLeft: number) => {
    const reads = isNoted ? new Reads('fake') : undefined
    const sight = { ...graph.sight(view, {}, reads), looksLeft, loads: 10_000 }
    const hops = recall(sight, folder, rung, ann, Number.POSITIVE_INFINITY)
    return { hops, spent: looksLeft - sight.looksLeft }
  }
}

test.each(lookedAt)('$of, $seen', async ({ least, seen, ...cost }) => {
  const ask = await asker(cost, seen === 'by the search')
  // Reads what is asked about, once.
  ask(looksMax)
  const { hops, spent } = ask(looksMax)
  expect(hops).toBe(absent)
  expect(spent).toBeGreaterThanOrEqual(least)
  expect(ask(spent)).toEqual({ hops: absent, spent })
  expect(ask(spent - 1).hops).toBeUndefined()
})

test('once nothing is left no operator is gone through', async () => {
  const ask = await asker({ tuples: shared, relation: 'twice' }, false)
  ask(looksMax)
  expect(ask(0)).toEqual({ hops: undefined, spent: 1 })
})
