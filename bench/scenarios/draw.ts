/** Draws questions of a data set in a seeded order: each as often as any other, or as in life, few asked often. */
import type { Dataset, Question } from './scenario.ts'

/** Zipf's exponent; 0.99 is what the key-value benchmarks (YCSB) take. */
const exponent = 0.99

/** An endless stream. */
export function* draw(dataset: Dataset, skew: 'zipf' | 'uniform', seed: number): Generator<Question, never> {
  for (const index of indexes(dataset.distinct, skew, seed)) yield dataset.question(index)
  throw new Error('the stream of numbers ended')
}

/** Questions that a skewed stream is drawn from: the working set. Of a larger data set the others are never asked. */
export const workingSetMax = 1_000_000

/** Numbers of questions. Popular ones are scattered, so that neighbours in popularity are not neighbours in the data. */
export function* indexes(
  distinct: number,
  skew: 'zipf' | 'uniform',
  seed: number,
): Generator<number, undefined> {
  const random = randomFrom(seed)
  const weights = skew === 'zipf' ? cumulative(Math.min(distinct, workingSetMax)) : undefined
  for (;;) {
    const rank = weights === undefined ? Math.floor(random() * distinct) : rankOf(weights, random())
    // 1,000,003 is a prime: it divides no size in use, so the scatter is one to one.
    yield (rank * 1_000_003 + 7) % distinct
  }
}

/** Uniform over [0, 1): mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The last ones: each of hundreds of connections draws from the same, and a million take a tenth of a second. */
let summed = new Float64Array(0)

function cumulative(distinct: number): Float64Array {
  if (summed.length === distinct) return summed
  const weights = new Float64Array(distinct)
  let sum = 0
  for (let rank = 0; rank < distinct; rank++) {
    sum += 1 / (rank + 1) ** exponent
    weights[rank] = sum
  }
  summed = weights.map((weight) => weight / sum)
  return summed
}

/** The first rank whose cumulative weight is above `value`. */
function rankOf(weights: Float64Array, value: number): number {
  let [low, high] = [0, weights.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((weights[middle] ?? 1) > value) high = middle
    else low = middle + 1
  }
  return low
}
