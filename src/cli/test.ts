/** `kith test`: runs the tests of store files in this process, on an empty store in memory. */
import { Command } from 'commander'
import type { TestReport, TestResult } from '../storefile/run.ts'
import { exitCodes } from './failure.ts'
import { paint, print, printJson } from './terminal.ts'

export function testCommand(): Command {
  return new Command('test')
    .description('run the tests of store files; needs no sidecar; exits 1 when one fails')
    .argument('<file...>', 'FILE.fga.yaml')
    .option('--json', 'print JSON, for programs')
    .action(async (paths: string[], flags: { json?: boolean }) => {
      const reports: TestReport[] = []
      for (const path of paths) {
        const report = await run(path)
        reports.push(report)
        if (flags.json !== true) print(printReport(report))
      }
      const failed = reports.reduce((sum, report) => sum + report.failed, 0)
      const asked = reports.reduce((sum, report) => sum + report.asked, 0)
      if (flags.json === true) printJson({ asked, failed, files: reports })
      else print(summary(asked, failed))
      process.exitCode = failed === 0 ? exitCodes.ok : exitCodes.no
    })
}

async function run(path: string): Promise<TestReport> {
  const { parseStoreFile } = await import('../storefile/parse.ts')
  const { runTests } = await import('../storefile/run.ts')
  const { openInMemory } = await import('../sidecar.ts')
  const file = await parseStoreFile(path)
  const { kith, close } = await openInMemory()
  return runTests(file, kith).finally(close)
}

function printReport({ path, tests }: TestReport): string {
  return [paint('bold', path), ...tests.flatMap(printResult)].join('\n')
}

function printResult({ name, asked, failures }: TestResult): readonly string[] {
  const head = failures.length === 0 ? paint('green', 'ok    ') : paint('red', 'FAILED')
  return [
    `  ${head}  ${name} (${asked - failures.length} of ${asked})`,
    ...failures.flatMap(({ at, question, expected, got }) => [
      `          ${at.path}:${at.line}:${at.column}: ${question}`,
      `            expected ${expected}`,
      `            got      ${got}`,
    ]),
  ]
}

function summary(asked: number, failed: number): string {
  if (asked === 0) return 'nothing was asked: there are no tests'
  if (failed === 0) return paint('green', `${asked} of ${asked} questions answered as expected`)
  return paint('red', `${failed} of ${asked} questions answered otherwise`)
}
