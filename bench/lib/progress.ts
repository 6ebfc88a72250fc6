/** Tells how far a run is, and when it is likely to end. */

export class Progress {
  /** Seconds that each part took. */
  readonly took: Record<string, number> = {}
  readonly #expected: Readonly<Record<string, number>>
  readonly #started = performance.now()

  /** @param expected - seconds of each part; of those that are not known nothing is said */
  constructor(expected: Readonly<Record<string, number>>) {
    this.#expected = expected
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return (performance.now() - this.#started) / 1000
  }

  part<Result>(name: string, work: () => Result): Result {
    const from = this.elapsed
    console.error(`${clock(from)} ${name}${this.#outlook(name, from)}`)
    const result = work()
    this.took[name] = Math.round(this.elapsed - from)
    return result
  }

  #outlook(name: string, from: number): string {
    const own = this.#expected[name]
    if (own === undefined) return ''
    const left = Object.entries(this.#expected).filter(([part]) => !(part in this.took))
    const end = left.reduce((seconds, [, more]) => seconds + more, from)
    return `, some ${own} s; the end at some ${clock(end)}`
  }
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
