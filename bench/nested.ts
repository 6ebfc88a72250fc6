/**
 * Do mutually nested groups stay linear? Groups in a ring, each also holding eight others: one component of mutual
 * dependence. The question is a deny, so every edge has to be looked at. Prints one JSON line.
 */
import { check } from '../src/engine/check.ts'
import { compileModel } from '../src/model/compile.ts'
import { parseDsl } from '../src/model/dsl.ts'
import { openStorage } from '../src/storage/open.ts'
import type { Tuple } from '../src/tuple/tuple.ts'
import { small } from './lib/settings.ts'

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

/** Median microseconds an edge, of five walks over fresh states. */
async function perEdge(groups: number, relation: string): Promise<number> {
  const storage = await openStorage({ memory: true })
  const { id } = await storage.createStore('nested')
  const json = await parseDsl(dsl)
  await storage.commit(id, { model: { id: 'nested', json } })
  const writes = [
    ...new Map([...ring(groups, relation)].map((t) => [`${t.object} ${t.subject}`, t])).values(),
  ]
  for (let at = 0; at < writes.length; at += 1000)
    await storage.commit(id, { writes: writes.slice(at, at + 1000) })
  const model = compileModel('nested', json)
  const times: number[] = []
  for (let run = 0; run < 5; run++) {
    const view = storage.view(id)
    const scope = {
      model,
      view,
      contextual: [],
      context: {},
      depthMax: Number.POSITIVE_INFINITY,
      deadline: Number.POSITIVE_INFINITY,
    }
    const started = performance.now()
    const { allowed } = await check(scope, { object: 'group:g0', relation, subject: 'user:nobody' })
    times.push(((performance.now() - started) * 1000) / writes.length)
    if (allowed) throw new Error('nobody is a member')
  }
  await storage.close()
  return times.sort((a, b) => a - b)[2] as number
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
  const member = await perEdge(groups, 'member')
  const active = await perEdge(groups, 'active')
  rows.push({ groups, member: Number(member.toFixed(2)), active: Number(active.toFixed(2)) })
}
const result: NestedResult = { degree, microsecondsPerEdge: rows }
console.log(JSON.stringify(result))
