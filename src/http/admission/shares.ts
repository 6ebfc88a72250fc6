/** How much of something scarce each caller holds: nobody more than a share, so that one cannot take it from all others. */
export class Shares {
  readonly #max: number
  /** By caller; only those that hold some. */
  readonly #held = new Map<string, number>()

  /** @param all - what there is; a share is half of it */
  constructor(all: number) {
    this.#max = Math.max(1, Math.floor(all / 2))
  }

  /** Takes one; false where the caller has its share. */
  take(caller: string): boolean {
    const held = this.#held.get(caller) ?? 0
    if (held >= this.#max) return false
    this.#held.set(caller, held + 1)
    return true
  }

  give(caller: string): void {
    const held = (this.#held.get(caller) ?? 0) - 1
    if (held > 0) this.#held.set(caller, held)
    else this.#held.delete(caller)
  }
}
