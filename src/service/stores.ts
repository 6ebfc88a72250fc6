/** Stores, one or listed. Making, renaming and deleting them is storage's as it stands; names are checked at the door. */
import { Fault } from '../lib/fault.ts'
import type { StoreRecord } from '../storage/storage.ts'
import type { Ground } from './ground.ts'
import { pageSizeOf } from './page.ts'

export interface StoresRequest {
  readonly pageSize?: number
  readonly continuationToken?: string
  readonly name?: string
  /** Only these, whoever asks. */
  readonly among?: ReadonlySet<string>
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
  const { rows, next } = await ground.storage.stores(limit, after, { name, among: request.among })
  return { stores: rows, continuationToken: cursor.seal(next) }
}
