/** The log for callers in code: who made a change, watches, and what becomes of them at the end. */
import { expect, test } from 'vitest'
import type { LoggedChange } from '../../src/index.ts'
import { anne, dsl, opened } from './world.ts'

test('a watch tells each change as it comes, with what its maker said of itself', async () => {
  const { kith, store } = await opened()
  const provenance = { caller: 'job:1', actor: 'user:anne', requestId: 'r1' }
  const { zookie } = await kith.write({ store, writes: [anne], provenance })
  await kith.writeModel({ store, dsl, provenance: { actor: 'user:anne' } })
  const { changes } = await kith.watch({ store, startTime: 0 })
  const seen: LoggedChange[] = []
  for await (const change of changes) {
    seen.push(change)
    if (seen.length === 3) await kith.write({ store, deletes: [anne] })
    if (seen.length === 4) break
  }
  expect(seen.map(({ revision }) => revision)).toEqual([1, 2, 3, 4])
  expect(seen.map((change) => change.provenance)).toEqual([
    { source: 'embedded' },
    { ...provenance, source: 'embedded' },
    { source: 'embedded', actor: 'user:anne' },
    { source: 'embedded' },
  ])
  const rest: number[] = []
  for await (const { revision } of (await kith.history({ store, after: zookie })).changes) rest.push(revision)
  expect(rest).toEqual([3, 4])
  await kith.createStore('two', provenance)
  expect((await kith.storeChanges()).changes.at(-1)).toMatchObject({
    operation: 'create',
    name: 'two',
    provenance: { ...provenance, source: 'embedded' },
  })
  await kith.close()
})

test('closing ends a watch that waits; wrong requests are refused by name', async () => {
  const { kith, store } = await opened()
  await expect(kith.watch({ store, object: '' })).rejects.toThrow('object')
  await expect(kith.history({ store, after: 'x' })).rejects.toMatchObject({ code: 'invalid_zookie' })
  const { changes } = await kith.watch({ store })
  const next = changes[Symbol.asyncIterator]()
    .next()
    .catch((error: unknown) => error)
  await kith.close()
  expect(await next).toMatchObject({ code: 'unavailable', message: 'kith is closed' })
  await expect(kith.watch({ store })).rejects.toMatchObject({ code: 'unavailable' })
})
