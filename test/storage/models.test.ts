/** Models as they were read: each store its own, all of them within one bound. */
import { expect, test } from 'vitest'
import { ModelCache } from '../../src/storage/models.ts'

const mib = 1 << 20
const modelOf = (id: string) => ({
  id,
  revision: 1,
  json: { schema_version: '1.1', type_definitions: [] },
})

test('of one id each store has its own, until it is cleared', () => {
  const [one, other] = [new ModelCache(), new ModelCache()]
  const [mine, theirs] = [modelOf('m'), modelOf('m')]
  one.put(mine, 100)
  other.put(theirs, 100)
  expect([one.get('m') === mine, other.get('m') === theirs]).toEqual([true, true])
  one.clear()
  expect([one.get('m'), other.get('m')]).toEqual([undefined, theirs])
})

test('however many stores are asked about, so many bytes are kept, the last ones', () => {
  const caches = Array.from({ length: 100 }, () => new ModelCache())
  for (const cache of caches) cache.put(modelOf('m'), mib)
  const known = caches.map((cache) => cache.get('m') !== undefined)
  expect(known.filter((is) => is)).toHaveLength(8)
  expect(known.slice(-8)).not.toContain(false)
})
