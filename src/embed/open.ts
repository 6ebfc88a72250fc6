/**
 * Opens a folder, or a memory, and holds the service over it behind the door. It listens nowhere, logs nothing, and starts
 * nothing before it is called.
 */
import { Fault } from '../lib/fault.ts'
import type { Guard } from '../service/guarded.ts'
import { kithOver } from '../service/open.ts'
import { openStorage } from '../storage/open.ts'
import type { View } from '../storage/storage.ts'
import { doorTo } from './door.ts'
import type { Kith, OpenOptions } from './kith.ts'
import { Life } from './life.ts'
import { settled } from './options.ts'

/**
 * Opens a data folder, which nobody else may have open, or a memory of its own.
 * @throws Fault validation_error: an option that cannot be used; unavailable: why the folder cannot be opened
 */
export async function openKith(options: OpenOptions): Promise<Kith> {
  const { place, bounds } = settled(options)
  const life = new Life()
  const storage = await openStorage(place, { onFatal: (error) => life.fail(error) }).catch(refuse)
  const service = kithOver(storage, { ...bounds, unready: () => life.over, guardOf })
  return doorTo(service, life, () => storage.close())
}

/** How the store of an organization is known: an entity of this type, by the store's own id. */
const organizationEntity = '@organization'

/** INVARIANT: what an organization's management guards is not changed past it; this door has no management. */
function guardOf(view: View): Guard | undefined {
  return view.entity(organizationEntity, view.store) === undefined ? undefined : refuseOrganization
}

async function refuseOrganization(): Promise<never> {
  throw new Fault(
    'forbidden',
    'the store is an organization: its tuples and models are changed over HTTP, where its management guards them',
  )
}

/** What storage says to an operator, as a refusal. */
function refuse(thrown: unknown): never {
  if (thrown instanceof Fault) throw thrown
  throw new Fault('unavailable', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}
