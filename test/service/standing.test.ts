import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Residency } from '../../src/engine/resident/residency.ts'
import { Depths } from '../../src/service/depths.ts'
import { ModelCache } from '../../src/service/model-cache.ts'
import { Standings } from '../../src/service/standing.ts'
import { world } from './world.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('a store that nobody asks about any more holds no memory that was let go', async () => {
  const { storage, store } = await world()
  const { id: idle } = await storage.createStore('idle')
  const { json } = storage.view(store).latestModel() ?? expect.unreachable('a world has a model')
  await storage.commit(idle, { model: { id: '01', json } })
  const residency = new Residency(storage, {
    bytesMax: 40_000,
    decisionBytesMax: 0,
    sampleEvery: 0,
    onMismatch: () => {},
    windowMs: 300_000,
  })
  const depths = new Depths(storage, { guardOf: () => undefined, resolveDepth: 25 })
  const standings = new Standings(storage, new ModelCache(storage, 10), residency, depths)
  const memory = [undefined, '01'].map(
    (model) => new WeakRef(standings.of(storage.view(idle), model).graph.arena),
  )
  const arenas = new Set<unknown>()
  for (let at = 0; arenas.size < 4; at++) {
    const { graph } = standings.of(storage.view(store))
    arenas.add(graph.arena)
    graph.id(`document:${at}`)
  }
  arenas.clear()
  // What a weak reference showed stays for the rest of the turn.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(memory.map((one) => one.deref())).toEqual([undefined, undefined])
})
