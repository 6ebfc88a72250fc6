/** The order of UTF-8 bytes, without encoding: what LevelDB keeps keys in, what lists are answered in; and places in it. */

/** Negative, zero or positive, as the UTF-8 bytes of `one` come before, are, or come after those of `other`. */
export function compareBytes(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const left = one.charCodeAt(index)
    const right = other.charCodeAt(index)
    if (left !== right) return rank(left) - rank(right)
  }
  return one.length - other.length
}

/** Code units sort as bytes do, but for surrogates: they stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The index of `item` in what is sorted by `compare`, or the one at which it belongs. O(log n) comparisons. */
export function placeIn<T>(sorted: readonly T[], item: T, compare: (one: T, other: T) => number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(sorted[middle] as T, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}
