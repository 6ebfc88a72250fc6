/** The Kith under test: a built tree, this one or, in comparisons, another commit's. Benches import no Kith code from src. */
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Kith } from '../../src/service/kith.ts'
import type { Storage } from '../../src/storage/storage.ts'

export const here = resolve(import.meta.dirname, '../..')
const tree = process.env.KITH_BENCH_TREE ?? here
export const program = join(tree, 'dist/cli/main.js')

/** Loads a module of the tree, as it was built. */
async function load<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(tree, 'dist', path)).href)) as Module
}

export interface Opened {
  readonly kith: Kith
  readonly storage: Storage
  /** Another one over the same storage, which has answered nothing. */
  anew(): Kith
  close(): Promise<void>
}

type Over = (storage: Storage, options: object) => Kith

/** In this process, over a folder or, without one, in memory. What the tree does not know among the options it ignores. */
export async function openTree(
  folder?: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Opened> {
  const { openStorage } = await load<{ openStorage: (where: object) => Promise<Storage> }>('storage/open.js')
  const { kithOver, openKith } = await load<Readonly<Record<string, Over>>>('service/open.js')
  // Trees before the door for callers in the same process have it under the name that is now that door's.
  const over = kithOver ?? openKith
  if (over === undefined) throw new Error(`${tree} has no service that this bench knows`)
  const storage = await openStorage(folder === undefined ? { memory: true } : { path: folder })
  const anew = () => over(storage, options)
  return { storage, kith: anew(), anew, close: () => storage.close() }
}

/** Names of the options that the service of the tree takes. */
export async function knownOptions(): Promise<readonly string[]> {
  const { defaults } = await load<{ defaults: object }>('service/options.js')
  return Object.keys(defaults)
}

export async function parseModel(dsl: string) {
  const { parseDsl } = await load<typeof import('../../src/model/dsl.ts')>('model/dsl.js')
  return parseDsl(dsl)
}

/** Whether `kith serve` of the tree has a flag. */
export function hasFlag(flag: string): boolean {
  help ??= execFileSync(process.execPath, [program, 'serve', '--help'], { encoding: 'utf8' })
  return help.includes(flag)
}
let help: string | undefined

export function commitOf(folder: string): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  return (
    git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+changes')
  )
}
