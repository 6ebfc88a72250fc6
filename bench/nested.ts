/**
 * Do mutually nested groups stay linear? Groups in a ring, each also holding eight others: one component of mutual
 * dependence. The question is a deny, so every edge has to be looked at. Prints one JSON line.
 */
import type { Tuple } from '../src/tuple/tuple.ts'
import { digits, median } from './lib/figures.ts'
import { small } from './lib/settings.ts'
import { openTree, parseModel } from './lib/tree.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define banned: [user]
    define member: [user, group#member]
    define active: [user, group#active] but not banned
`
const degree = 9

function* ring(groups: number, relation: string): Generator<Tuple> {
  for (let group = 0; group < groups; group++) {
    for (let step = 0; step < degree; step++) {
      const other = (group + 1 + step * step * 7) % groups
      yield { object: `group:g${group}`, relation, subject: `group:g${other}#${relation}` }
    }
  }
}

/** Median microseconds an edge, of walks over storage: memory is passed by. */
async function perEdge(groups: number, relation: string): Promise<number> {
  const { kith, close } = await openTree()
  const { id: store } = await kith.createStore('nested')
  await kith.writeModel({ store, json: await parseModel(dsl) })
  const tuples = new Map([...ring(groups, relation)].map((one) => [`${one.object} ${one.subject}`, one]))
  await kith.importTuples({ store }, asynchronous(tuples.values()))
  const tuple = { object: 'group:g0', relation, subject: 'user:nobody' }
  const request = { store, tuple, higherConsistency: true, depthMax: Number.POSITIVE_INFINITY }
  const times: number[] = []
  for (let run = 0; run < 3; run++) {
    const started = performance.now()
    const { allowed } = await kith.check(request)
    times.push(((performance.now() - started) * 1000) / tuples.size)
    if (allowed) throw new Error('nobody is a member')
  }
  await close()
  return digits(median(times))
}

async function* asynchronous<Item>(items: Iterable<Item>) {
  yield* items
}

export interface NestedResult {
  readonly degree: number
  readonly microsecondsPerEdge: readonly {
    readonly groups: number
    readonly member: number
    readonly active: number
  }[]
}

const rows: { groups: number; member: number; active: number }[] = []
for (const groups of small ? [50, 100] : [250, 1000, 4000, 16_000]) {
  rows.push({ groups, member: await perEdge(groups, 'member'), active: await perEdge(groups, 'active') })
}
const result: NestedResult = { degree, microsecondsPerEdge: rows }
console.log(JSON.stringify(result))
