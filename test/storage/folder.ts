/** Data folders for tests: in memory or below os.tmpdir, opened, opened again, examined. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SteadyClock } from '../../src/lib/clock.ts'
import { type Disk, openMemory } from '../../src/storage/disk.ts'
import { type Diagnosis, verifyDisk } from '../../src/storage/doctor.ts'
import { openFolder } from '../../src/storage/folder.ts'
import { kind } from '../../src/storage/keys.ts'
import { type LevelStorage, openOn, type StorageDeps } from '../../src/storage/open.ts'
import { openSecrets, randomSecrets } from '../../src/storage/secret.ts'

/** The machine's clock: it stands still until it is told, and may be told to go back. */
class HandClock {
  instant = 1_700_000_000_000
}

export interface Folder {
  readonly path: string
  readonly hand: HandClock
  /** The disk under the storage that is open. */
  readonly disk: Disk
  readonly storage: LevelStorage
  reopen(): Promise<LevelStorage>
  /** Closes storage, lets the doctor look, and opens it again. */
  verify(options?: { readonly repair?: boolean }): Promise<Diagnosis>
  remove(): Promise<void>
}

export type Medium = 'memory' | 'LevelDB'

export async function openTestFolder(
  medium: Medium,
  options: { readonly deps?: StorageDeps; readonly wrap?: (disk: Disk) => Disk } = {},
): Promise<Folder> {
  const path = medium === 'memory' ? 'memory' : mkdtempSync(join(tmpdir(), 'kith-storage-'))
  const memory = medium === 'memory' ? await openMemory() : undefined
  const secrets = memory === undefined ? openSecrets(path) : randomSecrets()
  const wrap = options.wrap ?? ((disk: Disk) => disk)
  const hand = new HandClock()
  const openDisk = async (): Promise<Disk> =>
    wrap(memory === undefined ? await openFolder(path) : { ...memory, close: async () => {} })
  let disk = await openDisk()
  const open = (): Promise<LevelStorage> =>
    openOn(disk, secrets, path, {
      // A new one each time: what it knew is lost with the process.
      clock: new SteadyClock(() => hand.instant),
      sweepEveryMs: 0,
      ...options.deps,
    })
  let storage = await open()
  return {
    path,
    hand,
    get disk() {
      return disk
    },
    get storage() {
      return storage
    },
    async reopen() {
      await storage.close()
      disk = await openDisk()
      storage = await open()
      return storage
    },
    async verify(doctor = {}) {
      await storage.settled()
      await storage.close()
      disk = await openDisk()
      const found = await verifyDisk(disk, await openMemory(), doctor)
      storage = await open()
      return found
    },
    async remove() {
      await storage.close()
      if (memory === undefined) rmSync(path, { recursive: true, force: true })
    },
  }
}

/** How often heads are looked for on the disks that it is over. */
export class HeadLooks {
  count = 0

  readonly over = (disk: Disk): Disk => ({
    ...disk,
    get: (key) => {
      if (key[0] === kind.forward || key[0] === kind.reverse) this.count++
      return disk.get(key)
    },
  })
}
