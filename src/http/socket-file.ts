/** The file of a unix socket: taken over where a crash left it behind, and never open wider than it should be. */
import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/** Runs `bind` again once a stale file is out of its way. One that somebody answers on, or another file, is not. */
export async function bindSocketFile(bind: () => Promise<void>, path: string, mode: number): Promise<void> {
  try {
    await masked(mode, bind)
  } catch (thrown) {
    if (!hasCode(thrown, 'EADDRINUSE') || !(await isStale(path))) throw thrown
    await unlink(path)
    await masked(mode, bind)
  }
}

/**
 * INVARIANT: `bind` makes the file before it returns its promise, so it is made with this mode: between a bind and a
 * chmod everybody whom the process's own mask lets in could connect.
 */
function masked(mode: number, bind: () => Promise<void>): Promise<void> {
  const before = process.umask(0o777 & ~mode)
  try {
    return bind()
  } finally {
    process.umask(before)
  }
}

async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(hasCode(error, 'ECONNREFUSED')))
  })
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
