/** Keys and a gate over a shelf in memory, with a clock that stands where the test puts it. */
import type { Caller } from '../../src/callers/caller.ts'
import { Gate } from '../../src/callers/gate.ts'
import { KeyRing, type Shelf } from '../../src/callers/keys.ts'
import { Scopes } from '../../src/callers/scopes.ts'
import { SteadyClock } from '../../src/lib/clock.ts'
import type { JsonObject } from '../../src/lib/json.ts'

export const operator: Caller = { id: 'operator', kind: 'key', scopes: Scopes.all }

export interface Ring {
  readonly keys: KeyRing
  readonly gate: Gate
  readonly shelf: MemoryShelf
  /** Milliseconds since the epoch. */
  now: number
  /** A new key with these scopes. */
  key(...scopes: string[]): Promise<string>
}

class MemoryShelf implements Shelf {
  readonly rows = new Map<string, JsonObject>()
  /** The next write fails so. */
  failure: Error | undefined
  /** Called when a write begins, which waits for what it answers. */
  onPut: () => Promise<void> | undefined = () => undefined

  async credentials() {
    return Array.from(this.rows, ([id, document]) => ({ id, document }))
  }

  async putCredential(id: string, document: JsonObject): Promise<void> {
    await this.onPut()
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    this.rows.set(id, document)
  }
}

export async function openRing(shelf = new MemoryShelf()): Promise<Ring> {
  const clock = new SteadyClock(() => ring.now)
  const ring = { now: Date.parse('2026-01-01') } as { -readonly [Name in keyof Ring]: Ring[Name] }
  ring.shelf = shelf
  ring.keys = await KeyRing.open(shelf, clock)
  ring.gate = new Gate({ bearers: [ring.keys] }, clock)
  ring.keys.onEvent = () => ring.gate.forget()
  ring.key = async (...scopes) =>
    (await ring.keys.create({ name: 'test', scopes: Scopes.of(scopes) }, operator)).key
  return ring
}
