/** Medians and rounding, the same for every bench. */

/** Of the upper two where their number is even. NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

/** To so many digits that say something. */
export function digits(value: number, count = 3): number {
  return Number(value.toPrecision(count))
}
