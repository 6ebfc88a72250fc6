/** The name somebody probably meant. */

/** The one of `names` within two slips of `word`, the closest first; undefined when none is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, slips: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips)
  const [best] = ranked
  return best !== undefined && best.slips <= Math.min(2, Math.ceil(word.length / 2)) ? best.name : undefined
}

/** Levenshtein's, one row at a time: O(|a| * |b|), for names of a few letters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let line = 1; line <= a.length; line++) {
    const next = [line]
    for (let column = 1; column <= b.length; column++) {
      const substituted = (row[column - 1] ?? 0) + (a[line - 1] === b[column - 1] ? 0 : 1)
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, substituted))
    }
    row = next
  }
  return row[b.length] ?? 0
}
