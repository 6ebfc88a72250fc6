/** Reading the files that a store file names: one place that turns a failed read into a sentence. */
import { readFile } from 'node:fs/promises'
import { dirname, extname, isAbsolute, join } from 'node:path'
import { faultAt, type Position } from './position.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'this process may not read it',
}

/**
 * The text of a file, without a byte order mark. `namedAt` is the place that named it; without one the user did.
 * @throws Fault validation_error when it cannot be read or is not UTF-8.
 */
export async function readText(path: string, namedAt?: Position): Promise<string> {
  const at = namedAt ?? { path, line: 1, column: 1 }
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw faultAt(at, `cannot read \`${path}\`: ${reasons[error.code ?? ''] ?? error.message}`, error)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw faultAt(at, `\`${path}\` is not UTF-8 text; save it as UTF-8`, error)
  }
}

/** A path said in a file is relative to that file. */
export function besides(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}

/** `.yaml`, lower case; empty when there is none. */
export function extensionOf(path: string): string {
  return extname(path).toLowerCase()
}
