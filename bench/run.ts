/**
 * Runs every bench in a fresh process, writes bench/results/ and the table of bench/README.md. A bench that answers
 * wrongly fails, and nothing is written.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname
const readme = join(here, 'README.md')

interface ImportResult {
  readonly tuples: number
  readonly seconds: number
  readonly tuplesPerSecond: number
  readonly peakMiB: number
  readonly sequentialCheckMs: number
  readonly firstAnswerAfterStartMs: number
  readonly restartedMiB: number
}

interface NestedResult {
  readonly degree: number
  readonly microsecondsPerEdge: readonly {
    readonly groups: number
    readonly member: number
    readonly active: number
  }[]
}

function run<Result>(name: string): Result {
  console.error(`bench/${name}.ts ...`)
  const output = execFileSync(process.execPath, ['--import', 'tsx', join(here, `${name}.ts`)], {
    encoding: 'utf8',
  })
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result
}

const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim()

const commit =
  git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+changes')
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
const imported = run<ImportResult>('import')
const nested = run<NestedResult>('nested')

const date = new Date().toISOString().slice(0, 10)
const result = { date, commit, machine, import: imported, nested }
writeFileSync(join(here, 'results', `${date}-${commit}.json`), `${JSON.stringify(result, null, 2)}\n`)

const table = [
  `Commit \`${commit}\`, ${date}, ${machine}.`,
  '',
  '| question | figure | target |',
  '|---|---|---|',
  `| ${imported.tuples.toLocaleString('en')} tuples imported over HTTP | ${imported.seconds} s (${imported.tuplesPerSecond.toLocaleString('en')}/s) | < 60 s |`,
  `| highest resident set during the import | ${imported.peakMiB} MiB | < 300 MiB |`,
  `| first check answered after a restart, from process start | ${imported.firstAnswerAfterStartMs} ms | < 1000 ms |`,
  `| resident set after the restart and 1,000 checks | ${imported.restartedMiB} MiB | < 300 MiB |`,
  `| one sequential check over HTTP, client included | ${imported.sequentialCheckMs} ms | |`,
  ...nested.microsecondsPerEdge.map(
    ({ groups, member, active }) =>
      `| ${groups.toLocaleString('en')} mutually nested groups, ${nested.degree} edges each: a deny | ${member} µs an edge (${active} with an exclusion in the cycle) | flat |`,
  ),
].join('\n')
const before = readFileSync(readme, 'utf8')
writeFileSync(readme, before.replace(/(<!-- table -->)[\s\S]*?(<!-- \/table -->)/, `$1\n${table}\n$2`))
console.log(table)
