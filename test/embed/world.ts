/** A Kith opened by its public door, in memory, with a store and a model. */
import type { Kith, OpenOptions } from '../../src/index.ts'
import { openKith } from '../../src/index.ts'

export const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type document
  relations
    define blocked: [user]
    define owner: [user with small]
    define viewer: [user, group#member] or owner
    define reader: viewer but not blocked
condition small(size: int) {
  size < 10
}
`

export const anne = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }

export async function opened(
  options: OpenOptions = { memory: true },
): Promise<{ kith: Kith; store: string }> {
  const kith = await openKith(options)
  const { id: store } = await kith.createStore('demo')
  await kith.writeModel({ store, dsl })
  return { kith, store }
}
