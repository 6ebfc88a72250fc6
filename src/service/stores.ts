/** Stores: create, get, list, rename, delete. Their names are shape-checked at the door. */
import { Fault } from '../lib/fault.ts'
import type { StoreRecord } from '../storage/storage.ts'
import { demandStore, type Ground } from './ground.ts'
import { pageSizeOf } from './page.ts'

export interface StoresRequest {
  readonly pageSize?: number
  readonly continuationToken?: string
  readonly name?: string
}

/** @throws Fault store_id_not_found */
export function store(ground: Ground, id: string): StoreRecord {
  const record = ground.storage.store(id)
  if (record === undefined) throw new Fault('store_id_not_found', 'Store ID not found')
  return record
}

/** Oldest first; `name` is matched exactly. */
export async function stores(
  ground: Ground,
  request: StoresRequest,
): Promise<{ readonly stores: readonly StoreRecord[]; readonly continuationToken: string }> {
  const limit = pageSizeOf(request.pageSize)
  // An empty name is how the wire spells "any".
  const name = request.name === '' ? undefined : request.name
  const cursor = ground.cursors.for('stores', '', { name: name ?? null })
  const position = cursor.open(request.continuationToken)
  const after = position === undefined ? undefined : Buffer.from(position).toString()
  const { rows, next } = await ground.storage.stores(limit, after, name)
  const last = rows.at(-1)
  const onward = next === undefined || last === undefined ? undefined : Buffer.from(last.id)
  return { stores: rows, continuationToken: cursor.seal(onward) }
}

/** @throws Fault store_id_not_found */
export async function renameStore(ground: Ground, id: string, name: string): Promise<StoreRecord> {
  demandStore(ground, id)
  return ground.storage.renameStore(id, name)
}
