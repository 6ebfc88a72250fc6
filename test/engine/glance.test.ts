/** A glance says nothing but what the search says, whatever is doubtful, expired, for everybody or not there; and it says it often. */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { glance, unclear } from '../../src/engine/resident/glance.ts'
import { Graph } from '../../src/engine/resident/graph.ts'
import { absent, reach } from '../../src/engine/resident/reach.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { tupleOf } from './world.ts'

const json = await parseDsl(`model
  schema 1.1
type user
type group
  relations
    define member: [user, user:*, user with odd, group#member, group#member with odd]
type folder
  relations
    define parent: [folder, folder with odd]
    define viewer: [user, group#member] or viewer from parent
type doc
  relations
    define parent: [folder]
    define editor: [user]
    define viewer: [user, group#member, group#member with odd] or editor or viewer from parent
condition odd(n: int) {
  n % 2 == 1
}`)
const model = compileModel('m', json)
const storage = await openStorage({ memory: true })
afterAll(() => storage.close())

const users = ['user:a', 'user:b', 'user:c']
const groups = ['group:1', 'group:2', 'group:3']
const folders = ['folder:1', 'folder:2']
const docs = ['doc:1', 'doc:2']
const members = groups.map((group) => `${group}#member`)
const plain = [
  ...groups.flatMap((group) => [...users, 'user:*', ...members].map((of) => `${group}#member@${of}`)),
  ...folders.flatMap((folder) => [...users, ...members].map((of) => `${folder}#viewer@${of}`)),
  ...[...folders, ...docs].flatMap((object) => folders.map((of) => `${object}#parent@${of}`)),
  ...docs.flatMap((doc) => [...users, ...members].map((of) => `${doc}#viewer@${of}`)),
  ...docs.map((doc) => `${doc}#editor@user:a`),
].map(tupleOf)
const odd = [
  ...groups.flatMap((group) => ['user:a', ...members].map((of) => `${group}#member@${of}`)),
  ...docs.flatMap((doc) => members.map((of) => `${doc}#viewer@${of}`)),
  'folder:1#parent@folder:2',
].map(tupleOf)
const doubtful: readonly Tuple[] = odd.flatMap((tuple) => [
  ...[1, 2].map((n) => ({ ...tuple, condition: { name: 'odd', context: { n } } })),
  { ...tuple, condition: { name: 'odd' } },
  { ...tuple, expiresAt: 9_000_000_000_000 },
])

const worlds = fc
  .tuple(
    fc.subarray(plain, { maxLength: 14 }),
    fc.array(fc.constantFrom(...doubtful), { maxLength: 2 }),
    fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY),
  )
  .map(([some, others, hopsMax]) => {
    const keyOf = ({ object, relation, subject }: Tuple) => `${object} ${relation} ${subject}`
    const tuples = new Map([...some, ...others].map((tuple) => [keyOf(tuple), tuple]))
    return { tuples: [...tuples.values()], hopsMax }
  })

test('what the search says', async () => {
  const { id: store } = await storage.createStore('glance')
  await storage.commit(store, { model: { id: 'm', json } })
  const tally = { absent: 0, member: 0, unclear: 0 }
  const property = fc.asyncProperty(worlds, async ({ tuples, hopsMax }) => {
    await storage.commit(store, { writes: tuples })
    const view = storage.view(store)
    const graph = new Graph({ model, revision: view.revision, windowMs: 300_000 })
    const sight = () => graph.sight(view, {})
    for (const object of [...groups, ...folders, ...docs]) {
      for (const user of users) {
        const individual = graph.individual(graph.id(user))
        for (const { flat, relation } of graph.kindOf(graph.id(object)).rungs) {
          if (flat === undefined) continue
          const asked = [graph.id(object), flat, individual, hopsMax] as const
          const [before, searched, after] = [
            glance(sight(), ...asked),
            reach(sight(), ...asked),
            glance(sight(), ...asked),
          ]
          for (const glanced of [before, after]) {
            if (glanced === unclear) tally.unclear++
            else if (glanced === absent) tally.absent++
            else tally.member++
            if (glanced === unclear) continue
            const said = { object, relation: relation.name, user, allowed: glanced !== absent }
            expect(said).toEqual({ ...said, allowed: searched !== undefined && searched !== absent })
            expect([searched === undefined, glanced < Math.max(hopsMax, 0)]).toEqual([false, true])
          }
        }
      }
    }
    await storage.commit(store, { deletes: tuples })
  })
  await fc.assert(property, { numRuns: 100 })
  expect(tally.absent).toBeGreaterThan(tally.unclear / 4)
  expect(tally.member).toBeGreaterThan(tally.unclear / 20)
})

test('whoever is in a group because everybody is', async () => {
  const open = await parseDsl(`model
  schema 1.1
type user
type team
  relations
    define member: [user, user:*, team#member]
type page
  relations
    define parent: [page]
    define viewer: [user, team#member] or viewer from parent`)
  const { id: store } = await storage.createStore('everybody')
  await storage.commit(store, { model: { id: 'm', json: open } })
  const tuples = ['team:1#member@user:*', 'team:2#member@team:1#member', 'page:1#viewer@team:2#member']
  await storage.commit(store, { writes: [...tuples, 'page:2#parent@page:1'].map(tupleOf) })
  const view = storage.view(store)
  const graph = new Graph({ model: compileModel('m', open), revision: view.revision, windowMs: 300_000 })
  const individual = graph.individual(graph.id('user:anybody'))
  const hops = (page: string, decide: typeof glance | typeof reach) => {
    const { flat } = graph.kindOf(graph.id(page)).byName.get('viewer') ?? {}
    return flat && decide(graph.sight(view, {}), graph.id(page), flat, individual, Number.POSITIVE_INFINITY)
  }
  for (const page of ['page:1', 'page:2']) expect(hops(page, reach)).toBe(page === 'page:1' ? 2 : 3)
  for (const page of ['page:1', 'page:2']) expect(hops(page, glance)).toBe(page === 'page:1' ? 2 : 3)
})
