/** What this program is: the version of the package. */
import { readFileSync } from 'node:fs'

/** From package.json, which stands two folders above both the source and the built file. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}
