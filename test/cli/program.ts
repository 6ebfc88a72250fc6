/** Runs `kith` as a process, and keeps a sidecar running for a test file. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

const root = resolve(import.meta.dirname, '../..')

/** The built program where it is as new as its sources (`npm test` builds first), else the sources: slower to start. */
export const program = isBuilt()
  ? [join(root, 'dist/cli/main.js')]
  : ['--import', 'tsx', join(root, 'src/cli/main.ts')]

function isBuilt(): boolean {
  const changed = (path: string): number =>
    statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .every((name) => changed(`dist/${name.replace(/ts$/, 'js')}`) > changed(`src/${name}`))
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Ends when the process does. The environment is this one, without KITH_*, and `env`. */
export async function kith(
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ran> {
  const child = start(args, env)
  child.stdin.end(input)
  const code = new Promise<number | null>((done) => child.once('close', done))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err }
}

export interface Running {
  /** The banner. */
  readonly banner: string
  readonly url: string
  readonly pid: number
  /** Nobody reads what it says from then on. */
  leave(): void
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ran>
}

/**
 * `kith serve` on a free port, or on what `args` say; resolves with its banner. Rejects with what it said. A test
 * that fails before it stops its sidecar leaves it to the end of the test file. @param flags - of node
 */
export async function serve(args: readonly string[], flags: readonly string[] = []): Promise<Running> {
  const child = start(['serve', '--listen', '127.0.0.1:0', ...args], {}, flags)
  const ended = new Promise<number | null>((done) => child.once('close', done))
  process.once('exit', () => child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const banner = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      out += `${line}\n`
      done(line)
    })
    ended.then((code) => fail(new Error(`kith serve ended with ${code}: ${err}`)), fail)
  })
  const url = /(?:https?|unix):\S+(?=,)/.exec(banner)?.[0] ?? ''
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ran> => {
    child.kill(signal)
    return { code: await ended, out, err }
  }
  const leave = () => {
    child.stdout.destroy()
    child.stderr.destroy()
  }
  return { banner, url, pid: child.pid ?? 0, leave, stop }
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const plain = Object.entries(process.env).filter(([name]) => !/^(KITH_|NO_COLOR|FORCE_COLOR)/.test(name))
  return spawn(process.execPath, [...flags, ...program, ...args], {
    env: { ...Object.fromEntries(plain), ...env },
  })
}

/** A new folder with `files`; `remove` it in the end. */
export function folderWith(files: Readonly<Record<string, string>>): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'kith-cli-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export const demo = `name: demo
model: |
  model
    schema 1.1
  type user
  type group
    relations
      define member: [user, group#member]
  type document
    relations
      define viewer: [user, group#member, user with fresh] or owner
      define owner: [user]
      define editor: owner but not blocked
      define blocked: [user]
  condition fresh(day: int) {
    day < 5
  }
tuples:
  - { user: user:anne, relation: owner, object: document:1 }
  - { user: group:eng#member, relation: viewer, object: document:1 }
  - { user: user:bob, relation: member, object: group:eng }
tests:
  - name: who sees what
    check:
      - users: [user:anne, user:bob]
        object: document:1
        assertions: { viewer: true }
`
