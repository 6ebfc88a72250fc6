/**
 * Power loss, simulated: of every file only what was synced is sure, so bytes written behind the last fsync are cut at a
 * random place, or read as zeros from there. What was synced is known from the system calls (strace).
 */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const calls = 'trace=write,writev,pwrite64,fsync,fdatasync,rename'

/** Each thread's calls in a file of its own, `prefix.TID`, with their times. */
export function tracing(prefix: string): readonly string[] {
  return [
    'strace',
    '-ff',
    '-y',
    '-ttt',
    '-T',
    '-s',
    '0',
    '--seccomp-bpf',
    '-e',
    calls,
    '-e',
    'signal=none',
    '-o',
    prefix,
  ]
}

interface Call {
  readonly at: number
  readonly name: string
  readonly path: string
  readonly to: string
  readonly result: number
}

/** Loses power: changes the files below `data` that were written under `tracing(prefix)`. Answers how many bytes went. */
export function losePower(
  data: string,
  prefix: string,
  markBefore: Buffer | undefined,
  random: () => number,
): number {
  const level = join(data, 'level')
  const { written, synced } = replayed(callsOf(prefix))
  let lost = 0
  for (const name of readdirSync(level)) {
    const file = join(level, name)
    // What was there before this process is not written by it, and was on disk when the one before was killed.
    if (!written.has(file)) continue
    const size = statSync(file).size
    const sure = Math.min(size, synced.get(file) ?? 0)
    const length = sure + Math.floor(random() * (size - sure + 1))
    if (length === size) continue
    lost += size - length
    truncateSync(file, length)
    if (random() < 0.5) truncateSync(file, size)
  }
  // Written in place and not synced: as it is, or as it was, but that the folder is open is synced.
  if (markBefore !== undefined && random() < 0.5) {
    writeFileSync(join(data, 'mark'), markBefore.fill(0, 16))
  }
  for (const name of traceFiles(prefix)) rmSync(name)
  return lost
}

function traceFiles(prefix: string): string[] {
  const folder = join(prefix, '..')
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((name) => name.startsWith(`${prefix}.`))
}

const line = /^(\d+\.\d+) (\w+)\((.*)\) += (-?\d+)/

function callsOf(prefix: string): Call[] {
  const all: Call[] = []
  for (const file of traceFiles(prefix)) {
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      // A call that the death of the process left open has no result, and counts as not done.
      const [, at = '', name = '', given = '', result = ''] = line.exec(text) ?? []
      if (at === '') continue
      const [from = '', to = ''] = [...given.matchAll(/"([^"]*)"|\d+<([^>]*)>/g)].map(
        ([, a, b]) => a ?? b ?? '',
      )
      all.push({ at: Number(at), name, path: from, to, result: Number(result) })
    }
  }
  return all.sort((a, b) => a.at - b.at)
}

function replayed(all: readonly Call[]): { written: Map<string, number>; synced: Map<string, number> } {
  const written = new Map<string, number>()
  const synced = new Map<string, number>()
  for (const { name, path, to, result } of all) {
    if (result < 0) continue
    if (name === 'write' || name === 'writev') written.set(path, (written.get(path) ?? 0) + result)
    // Ordered by their beginnings: what was written before a sync began is on disk when it has ended well.
    else if (name === 'fsync' || name === 'fdatasync') synced.set(path, written.get(path) ?? 0)
    else if (name === 'rename') {
      written.set(to, written.get(path) ?? 0)
      synced.set(to, synced.get(path) ?? 0)
    }
  }
  return { written, synced }
}
