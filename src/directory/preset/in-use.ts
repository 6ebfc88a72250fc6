/** Presets of the organizations that are there, read before anybody asks: whoever came first would wait 0.2 s for the parser. */
import { Slices } from '../../engine/drive.ts'
import type { Ground } from '../ground.ts'
import { organizationAt } from '../look.ts'

/** Organizations looked at in one step. */
const step = 1000

/** Of one that cannot be read nothing is said here: whoever asks for it is told. @throws Fault unavailable: storage is closed */
export async function readPresetsInUse(ground: Ground): Promise<void> {
  const { storage } = ground.service
  const slices = new Slices()
  let after: string | undefined
  do {
    const { rows, next } = await storage.stores(step, after)
    for (const { id } of rows) {
      if (slices.isOver) await slices.rest()
      if (storage.store(id) !== undefined) await organizationAt(ground, storage.view(id)).catch(() => {})
    }
    after = next === undefined ? undefined : Buffer.from(next).toString()
  } while (after !== undefined)
}
