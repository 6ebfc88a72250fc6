/** SQL's `like`, as a rule says it. */
import { folded } from './vocabulary.ts'

/**
 * Undefined: a pattern with escapes.
 *
 * @param literal - with its quotes
 */
export function likeness(subject: string, literal: string, word: 'like' | 'ilike'): string | undefined {
  const pattern = literal.slice(1, -1)
  if (!/^['"][^\\'"]*['"]$/.test(literal)) return undefined
  const isFolded = word === 'like' || folded.has(subject)
  return asked(isFolded ? subject : `${subject}.lowerAscii()`, isFolded ? pattern : pattern.toLowerCase())
}

function asked(subject: string, pattern: string): string {
  const [, before, middle = '', after] = /^(%*)([^%_]*)(%*)$/.exec(pattern) ?? []
  if (before === undefined || after === undefined) return `${subject}.matches('${expression(pattern)}')`
  if (before === '' && after === '') return `${subject} == '${middle}'`
  if (before === '') return `${subject}.startsWith('${middle}')`
  return `${subject}.${after === '' ? 'endsWith' : 'contains'}('${middle}')`
}

/** Of RE2, inside quotes. */
function expression(pattern: string): string {
  const plain = pattern.replaceAll(/[.*+?^${}()|[\]]/g, String.raw`\\$&`)
  return `^${plain.replaceAll(/%+/g, '.*').replaceAll('_', '.')}$`
}
