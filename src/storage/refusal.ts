/** What is told to the operator of a folder that cannot be opened, and which of LevelDB's errors mean damage. */

function inUse(path: string, cause: unknown): Error {
  return new Error(`the data folder ${path} is in use by another process`, { cause })
}

/** Of a folder that LevelDB cannot open or read; `fix` ends the sentence. */
export function openError(
  path: string,
  error: unknown,
  fix = `see what is left with \`kith doctor --data ${path}\``,
): Error {
  const root = rootOf(error)
  if (root instanceof Error && isInUse(root)) return inUse(path, error)
  const said = root instanceof Error ? root.message : String(root)
  return new Error(`the data folder ${path} cannot be opened (${said}); ${fix}`, { cause: error })
}

/** Whether LevelDB finds its own files damaged: what `mendFolder` is for. */
export function isDamage(error: unknown): boolean {
  const root = rootOf(error)
  return root instanceof Error && /^(?:Corruption|IO error|NotFound)\b/.test(root.message) && !isInUse(root)
}

function isInUse(root: Error): boolean {
  return 'code' in root && root.code === 'LEVEL_LOCKED'
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}
