/** How often values fell between bounds: an addition or two for each, read when somebody asks. It knows no units. */
export class Histogram {
  /** Ascending; a value belongs to the first that is not below it. */
  readonly bounds: readonly number[]
  /** By bound, and one more for what lies above the last. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  /** O(bounds below the value): put the commonest values first. */
  observe(value: number): void {
    const { bounds, counts } = this
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at++
    counts[at] = (counts[at] as number) + 1
    this.sum += value
  }
}
