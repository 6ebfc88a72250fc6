/**
 * Errands under way: whether there is room for one more, and who gives theirs to an organization that has none. A run that is
 * told to ends where it looks at its signal, and goes on in its next turn.
 */

/** Runs at a time: they are commits, and these wait for each other anyway. */
export const runsMax = 4

interface Run {
  readonly org: string
  readonly kind: string
  /** Whether it goes on to its end whoever waits. */
  readonly isWhole: boolean
}

interface Running extends Run {
  readonly end: AbortController
  readonly ended: Promise<void>
}

export class ErrandRuns {
  /** In the order in which they began. */
  readonly #runs = new Map<string, Running>()
  readonly #onEnd: () => void

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  get ended(): readonly Promise<void>[] {
    return [...this.#runs.values()].map(({ ended }) => ended)
  }

  has(key: string): boolean {
    return this.#runs.has(key)
  }

  /** Whether an organization has one. */
  isOf(org: string): boolean {
    return this.#count((run) => run.org === org) > 0
  }

  get isFull(): boolean {
    return this.#runs.size >= runsMax
  }

  /** Whether as many of a kind run as may by a bound of its own: nobody of another kind makes room for it then. */
  hasAllOf(kind: string, most: number): boolean {
    return most < runsMax && this.#count((run) => run.kind === kind) >= most
  }

  /** @param work - what it throws is nobody's */
  begin(key: string, run: Run, work: (signal: AbortSignal) => Promise<void>): void {
    const end = new AbortController()
    const ended = work(end.signal).finally(() => {
      this.#runs.delete(key)
      this.#onEnd()
    })
    this.#runs.set(key, { ...run, end, ended })
  }

  /** Has the youngest run of an organization with several give way; one at a time. */
  makeRoom(): void {
    const runs = [...this.#runs.values()]
    if (runs.some(({ end }) => end.signal.aborted)) return
    const isOneOfSeveral = ({ org }: Run) => this.#count((run) => run.org === org) > 1
    runs.findLast((run) => !run.isWhole && isOneOfSeveral(run))?.end.abort(new GivesWay())
  }

  endAll(): void {
    for (const { end } of this.#runs.values()) end.abort()
  }

  #count(isMeant: (run: Run) => boolean): number {
    let count = 0
    for (const run of this.#runs.values()) if (isMeant(run)) count++
    return count
  }
}

/** What a run ends with that gives way: no failure. */
export class GivesWay extends Error {
  constructor() {
    super('others wait')
  }
}
