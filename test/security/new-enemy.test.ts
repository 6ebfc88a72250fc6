/**
 * The new enemy problem of the Zanzibar paper (2.2): access that no state ever gave, put together from two. Someone is
 * first taken off what they could see and then off the list of those who are barred from it, in that order, while a check
 * is under way; it must deny at whatever point of it the two commits land. Without its snapshot it does not.
 */
import { describe, expect, test } from 'vitest'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import type { KithOptions } from '../../src/service/options.ts'
import { pausing, points, unfrozen } from '../service/points.ts'
import { keyOf } from '../service/world.ts'
import { openTestFolder } from '../storage/folder.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type document
  relations
    define viewer: [user, group#member]
    define barred: [user, group#member]
    define reader: viewer but not barred
`

const depth = 250
const chain = (name: string) => [
  `document:secret#${name}@group:${name}-0#member`,
  ...Array.from({ length: depth }, (_, i) => `group:${name}-${i}#member@group:${name}-${i + 1}#member`),
]
const seen = keyOf(`group:viewer-${depth}#member@user:eve`)
const barred = keyOf(`group:barred-${depth}#member@user:eve`)
const question = keyOf('document:secret#reader@user:eve')

/** The answers to one check for each point at which the two commits may land. */
async function answers(options: KithOptions, wrap: typeof pausing): Promise<readonly boolean[]> {
  const { storage, remove } = await openTestFolder('memory', { wrap })
  const kith = kithOver(storage, { requestTimeoutMs: 600_000, resolveDepth: 10_000, ...options })
  const { id: store } = await kith.createStore('enemy')
  await kith.writeModel({ store, json: await parseDsl(dsl) })
  await storage.commit(store, { writes: [...chain('viewer'), ...chain('barred')].map(keyOf) })
  const allowed: boolean[] = []
  for (let at = 0; at === allowed.length; at++) {
    await kith.write({ store, writes: [seen, barred] })
    const apart = async () => {
      await kith.write({ store, deletes: [seen] })
      await kith.write({ store, deletes: [barred] })
    }
    points.schedule(at, apart)
    const answer = await kith.check({ store, tuple: question })
    const isOver = points.count <= at
    points.rest()
    if (isOver) break
    allowed.push(answer.allowed)
    expect((await kith.check({ store, tuple: question })).allowed).toBe(false)
  }
  await remove()
  return allowed
}

const fromStorage = { cacheBytesMax: 0, decisionBytesMax: 0 }

describe('the new enemy', () => {
  test.each<[string, KithOptions]>([
    ['storage', fromStorage],
    ['memory', {}],
  ])('gets nothing from %s', async (_, options) => {
    const all = await answers(options, pausing)
    expect(all.length).toBeGreaterThan(0)
    expect(all).not.toContain(true)
  })

  test('gets in where readers have no snapshot', async () => {
    expect(await answers(fromStorage, unfrozen)).toContain(true)
  })
})
