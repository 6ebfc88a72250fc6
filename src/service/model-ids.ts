/** Ids of models: greater than every one made before, in this process and in the store. */
import { monotonicUlid } from '../lib/ulid.ts'

export class ModelIds {
  #instant = 0
  #make = monotonicUlid(() => this.#instant)

  /** `latest`: the store's newest model, perhaps made by a process whose clock was ahead. */
  next(now: number, latest: string | undefined): string {
    this.#instant = now
    const id = this.#make()
    if (latest === undefined || id > latest) return id
    this.#make = monotonicUlid(() => this.#instant, latest)
    return this.#make()
  }
}
