/** How much memory this process may take, as the control groups above it say: a container's limit, a service's. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A number so large that it means none: version 1 says pages up to 2^63. */
const noneFrom = 2 ** 60

/** Bytes, the least of all groups above; undefined where there is no limit, or none that can be seen. */
export function memoryLimit(root = '/sys/fs/cgroup', self = '/proc/self/cgroup'): number | undefined {
  const limits = groupsOf(textOf(self)).flatMap(({ tree, path, file }) =>
    upwards(path).map((folder) => bytesIn(join(root, tree, folder, file))),
  )
  const least = Math.min(...limits.filter((bytes) => bytes !== undefined))
  return least < noneFrom ? least : undefined
}

interface Group {
  readonly tree: string
  readonly path: string
  readonly file: string
}

/** Lines of `number:controllers:path`; version 2 names no controllers. Both may be there at once. */
function groupsOf(text: string): readonly Group[] {
  return text.split('\n').flatMap((line): readonly Group[] => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === undefined || controllers === undefined) return []
    if (controllers === '') return [{ tree: '', path, file: 'memory.max' }]
    if (!controllers.split(',').includes('memory')) return []
    return [{ tree: 'memory', path, file: 'memory.limit_in_bytes' }]
  })
}

/** `/a/b`, `/a`, `/`: a container sees its own group as the root, whatever it is called outside. */
function upwards(path: string): readonly string[] {
  return path === '/' ? ['/'] : [path, ...upwards(dirname(path))]
}

function bytesIn(file: string): number | undefined {
  const text = textOf(file).trim()
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not Linux, or not there.
    return ''
  }
}
