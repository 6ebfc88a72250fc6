/** Where results go: bench/results/, one file a run, and between two markers of README.md. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { here } from './tree.ts'

const folder = join(here, 'bench')

export const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`
export const date = new Date().toISOString().slice(0, 10)

export function saveResults(name: string, results: object): void {
  mkdirSync(join(folder, 'results'), { recursive: true })
  writeFileSync(join(folder, 'results', `${name}.json`), `${JSON.stringify(results, null, 2)}\n`)
}

export function rewriteTable(marker: string, table: string): void {
  const readme = join(folder, 'README.md')
  const before = readFileSync(readme, 'utf8')
  const between = new RegExp(`(<!-- ${marker} -->)[\\s\\S]*?(<!-- /${marker} -->)`)
  if (!between.test(before)) throw new Error(`bench/README.md has no place for ${marker}`)
  writeFileSync(
    readme,
    before.replace(between, (_, open: string, close: string) => `${open}\n\n${table}\n\n${close}`),
  )
  // Its columns, as the formatter would have them.
  execFileSync('npx', ['biome', 'format', '--write', readme], { cwd: here, stdio: 'ignore' })
}
