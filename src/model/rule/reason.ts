/** An error of the library as a sentence. */
import { prefix } from '../condition/standard.ts'

/** Without the source that the library repeats, and without our own names for what is called and looked at. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error'
  const text = 'summary' in thrown && typeof thrown.summary === 'string' ? thrown.summary : thrown.message
  return text
    .replaceAll(`'${prefix}`, "'")
    .replaceAll(`.${prefix}`, '.')
    .replaceAll(/'\.(\w)/g, "'$1")
}
