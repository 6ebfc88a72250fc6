/** Data folders of scenarios: built once a run, in a process of their own, read by many benches. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scale } from '../scenarios/scenario.ts'
import { run } from './child.ts'

export interface Prepared {
  readonly folder: string
  readonly store: string
  readonly tuples: number
  readonly seconds: number
  readonly peakMiB: number
}

/** The folder of a whole run comes from run.ts; alone, a bench makes its own and removes it. */
export const root = process.env.KITH_BENCH_ROOT ?? ownRoot()

function ownRoot(): string {
  const made = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  process.env.KITH_BENCH_ROOT = made
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

// Ended from outside, it ends what it started, and removes what it made: both wait for the exit.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/** W8 writes to the tuples of W2; every round has its copy. */
const sharing: Readonly<Record<string, string>> = { W8: 'W2' }

/** The folder of a scenario, built when it is not there. Not to be written to. */
export function prepared(scenario: string, scale: Scale): Prepared {
  const name = sharing[scenario] ?? scenario
  const folder = join(root, `${name}-${scale}`)
  const record = `${folder}.json`
  if (!existsSync(record)) run('prepare.ts', [name, scale, folder, record])
  return JSON.parse(readFileSync(record, 'utf8')) as Prepared
}

/** A folder that may be written to. */
export function copyOf(data: Prepared): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(root, 'copy-'))
  cpSync(data.folder, folder, { recursive: true })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs `work` over a copy. */
export async function withCopy<Result>(
  data: Prepared,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const { folder, remove } = copyOf(data)
  try {
    return await work(folder)
  } finally {
    remove()
  }
}
