/** Upkeep: when the work that nobody waits for is done, one piece after the other. What it does is in background.ts. */
import { Fault } from '../lib/fault.ts'
import { purge, type Room, relay, sweep } from './background.ts'
import type { StoreState } from './group.ts'

export class Upkeep {
  readonly #room: Room
  readonly #onFatal: (error: unknown) => void
  readonly #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()

  /** @param sweepEveryMs - between two sweeps of expired tuples; 0: only when asked */
  constructor(room: Room, sweepEveryMs: number, onFatal: (error: unknown) => void) {
    this.#room = room
    this.#onFatal = onFatal
    if (sweepEveryMs > 0)
      this.#timer = setInterval(() => this.#later(() => this.sweep()), sweepEveryMs).unref()
  }

  /** Takes up the work that a store's record asks for. */
  resume(state: StoreState): void {
    if (state.facts.row.deleted === 'purging') this.#later(() => purge(this.#room, state))
    else if (state.facts.row.deleted === 'no' && state.facts.relaying.length > 0) {
      this.#later(() => relay(this.#room, state))
    }
  }

  /** Deletes what has expired, and lets go of what a writer at rest keeps; answers how many tuples. */
  sweep(): Promise<number> {
    this.#room.writer.rest()
    return sweep(this.#room)
  }

  /** Begins no further sweep. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** Resolves when the work begun so far is done. */
  settled(): Promise<void> {
    return this.#working
  }

  /** What a closing or a failed write interrupts is taken up by the next start. */
  #later(work: () => Promise<unknown>): void {
    this.#working = this.#working.then(work).then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof Fault && error.code === 'unavailable')) this.#onFatal(error)
      },
    )
  }
}
