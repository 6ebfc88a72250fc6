/**
 * Points at which work gives its turn away, so that a test can do something at each of them. The clock is moved with each
 * look at it, so that every slice is over at once and work rests wherever it may; the disk rests before each chunk.
 */
import { afterEach, beforeEach, vi } from 'vitest'
import type { Disk, DiskSnapshot } from '../../src/storage/disk.ts'

/** Points at which a turn was given away; at one of them something is done before it goes on. */
class Points {
  /** Passed since the last `rest` or `schedule`. */
  count = 0
  #at = Number.POSITIVE_INFINITY
  #act: () => Promise<unknown> = async () => {}
  #isActing = false

  /** Nothing is done at any point. */
  rest(): void {
    this.schedule(Number.POSITIVE_INFINITY, async () => {})
  }

  /** At the point of that number, counted from now and from 0. */
  schedule(at: number, act: () => Promise<unknown>): void {
    this.count = 0
    this.#at = at
    this.#act = act
  }

  async pass(): Promise<void> {
    if (this.#isActing || this.count++ !== this.#at) return
    this.#isActing = true
    await this.#act()
    this.#isActing = false
  }
}

export const points = new Points()
beforeEach(() => {
  points.rest()
  const [now, later] = [performance.now.bind(performance), setImmediate]
  let looks = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 5 * looks++)
  vi.spyOn(globalThis, 'setImmediate').mockImplementation(((go: () => void) =>
    later(() => void points.pass().then(go))) as typeof setImmediate)
})
afterEach(() => vi.restoreAllMocks())

export function pausing(disk: Disk): Disk {
  return { ...disk, ...pausingScans(disk), snapshot: () => pausingSnapshot(disk.snapshot()) }
}

function pausingSnapshot(snapshot: DiskSnapshot): DiskSnapshot {
  return { get: (key) => snapshot.get(key), close: () => snapshot.close(), ...pausingScans(snapshot) }
}

/** In chunks of a few rows, each after a point. */
function pausingScans(from: Pick<Disk, 'scan' | 'scanText'>): Pick<Disk, 'scan' | 'scanText'> {
  async function* paused<Row>(chunks: AsyncGenerator<Row>): AsyncGenerator<Row> {
    await points.pass()
    for await (const chunk of chunks) {
      yield chunk
      await points.pass()
    }
  }
  return {
    scan: (range, chunk) => paused(from.scan(range, Math.min(chunk, 16))),
    scanText: (range, chunk) => paused(from.scanText(range, Math.min(chunk, 16))),
  }
}

/** The same disk, whose snapshots are none: the protection that every reader which rests relies on, switched off. */
export function unfrozen(disk: Disk): Disk {
  const paused = pausing(disk)
  return { ...paused, snapshot: () => ({ get: (key) => disk.get(key), close() {}, ...pausingScans(disk) }) }
}
