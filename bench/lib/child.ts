/** Processes of a bench: pinned to a core where taskset exists, measured from /proc, stopped when done. */
import {
  type ChildProcess,
  type ChildProcessByStdio,
  execFileSync,
  spawn,
  spawnSync,
} from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { here, program } from './tree.ts'

/** The server has a core, whoever loads it another. */
const serverCore = 0
export const loadCore = 1

const pins =
  cpus().length > 1 && ['taskset', 'chrt'].every((tool) => spawnSync(tool, ['--version']).status === 0)

/** Words to run node with, pinned. */
function nodeOn(core: number, words: readonly string[]): readonly [string, readonly string[]] {
  return pins ? ['taskset', ['-c', String(core), process.execPath, ...words]] : [process.execPath, words]
}

/**
 * Of this process, where it loads the server beside what measures it: not on the server's core, where the scheduler puts it now
 * and then, and idle on the other unless whoever measures has nothing to do: at a low priority alone it keeps the core
 * to the end of its slice. Whom it starts afterwards is behind as well: start the measuring first.
 */
export function standBack(): void {
  if (!pins) return
  execFileSync('taskset', ['-acp', String(loadCore), String(process.pid)], { stdio: 'ignore' })
  execFileSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(process.pid)])
}

/**
 * Runs a script of bench/ to its end in a fresh process; its last line on standard output is its result. Not on the server's core:
 * it may start one and ask it.
 */
export function run<Result>(
  script: string,
  words: readonly string[],
  { core = loadCore, env = {} } = {},
): Result {
  const [command, args] = nodeOn(core, ['--import', 'tsx', join(here, 'bench', script), ...words])
  const output = execFileSync(command, args, {
    cwd: here,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result
}

/** The same beside whatever this process goes on doing. */
export function start(
  script: string,
  words: readonly string[],
  core: number,
): ChildProcessByStdio<Writable, Readable, null> {
  const [command, args] = nodeOn(core, ['--import', 'tsx', join(here, 'bench', script), ...words])
  return spawn(command, args, { cwd: here, stdio: ['pipe', 'pipe', 'inherit'] })
}

/** What a process printed last, as JSON. @throws Error where it printed nothing */
export async function lastLine<Result>(child: ChildProcess): Promise<Result> {
  let said = ''
  for await (const chunk of child.stdout ?? []) said += String(chunk)
  const last = said.trim().split('\n').at(-1)
  if (last === undefined || last === '') throw new Error(`${child.spawnargs.join(' ')} said nothing`)
  return JSON.parse(last) as Result
}

export interface Server {
  readonly url: string
  readonly pid: number
  /** Milliseconds from start to the line that says where it serves. */
  readonly readyMs: number
  stop(): Promise<void>
}

export function serveKith(folder: string, flags: readonly string[] = []): Promise<Server> {
  return listening([program, 'serve', '--data', folder, '--listen', '127.0.0.1:0', ...flags])
}

/** A bare server to hold others against; see floor.ts. */
export function serveFloor(): Promise<Server> {
  return listening(['--import', 'tsx', join(here, 'bench/floor.ts')])
}

async function listening(words: readonly string[]): Promise<Server> {
  const started = performance.now()
  const [command, args] = nodeOn(serverCore, words)
  const child = spawn(command, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let complained = ''
  child.stderr.on('data', (chunk) => {
    complained = (complained + String(chunk)).slice(-4_000)
  })
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
    if (url === undefined) continue
    child.stdout.resume()
    const readyMs = performance.now() - started
    return { url, pid: child.pid ?? 0, readyMs, stop: () => stop(child, () => complained) }
  }
  throw new Error(`the server did not start: ${said}${complained}`)
}

async function stop(child: ChildProcess, complaints: () => string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error(`the server ended by itself, with ${child.exitCode ?? child.signalCode}: ${complaints()}`)
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await gone
}

/** Highest and present resident set of a process, MiB; its processor time, seconds. Zeros where there is no /proc. */
export function usage(pid: number): {
  readonly peakMiB: number
  readonly nowMiB: number
  readonly cpu: number
} {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const mib = (field: string) =>
      Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024)
    // Fields 14 and 15 of stat, in hundredths of a second, after the name in brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return { peakMiB: mib('VmHWM'), nowMiB: mib('VmRSS'), cpu: (Number(stat[11]) + Number(stat[12])) / 100 }
  } catch {
    return { peakMiB: 0, nowMiB: 0, cpu: 0 }
  }
}
