/** `kith doctor`: rebuilds from the log what a data folder derives from it, and compares. The sidecar must be stopped. */
import { statSync } from 'node:fs'
import { Command } from 'commander'
import { exitCodes, Failure } from './failure.ts'
import { note, paint, print, printJson } from './terminal.ts'

interface Flags {
  readonly data: string
  readonly repair?: boolean
  readonly json?: boolean
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check a data folder offline, row by row; exits 1 when something is wrong')
    .requiredOption(
      '--data <path>',
      'the data folder; no sidecar may have it open (KITH_DATA)',
      process.env.KITH_DATA,
    )
    .option(
      '--repair',
      'rewrite what is wrong; a damaged log is cut before the damage, and what follows is lost',
    )
    .option('--json', 'print JSON, for programs')
    .action(async ({ data, repair = false, json = false }: Flags) => {
      demandFolder(data)
      const { verify } = await import('../storage/doctor.ts')
      const progress = (step: string): void => {
        if (!json) note(step)
      }
      const diagnosis = await verify(data, { repair, progress })
      const well = diagnosis.findingCount === 0 || (diagnosis.repaired && diagnosis.lostCount === 0)
      process.exitCode = well ? exitCodes.ok : exitCodes.no
      if (json) return printJson(diagnosis)
      for (const { store, what, repairable } of diagnosis.findings) {
        print(`${store ?? 'the folder'}: ${what}${repairable ? '' : ' (cannot be repaired)'}`)
      }
      print(verdict(diagnosis, data))
    })
}

/** Opening a folder would make it: a wrong path must not end as a healthy, empty one. */
export function demandFolder(data: string): void {
  if (statSync(data, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new Failure(
    `there is no folder \`${data}\`; --data is the folder that \`kith serve --data\` was given`,
  )
}

type Diagnosis = Awaited<ReturnType<typeof import('../storage/doctor.ts').verify>>

function verdict(diagnosis: Diagnosis, data: string): string {
  const { findings, findingCount, lostCount, stores, entries, repaired } = diagnosis
  const looked = `${stores} ${stores === 1 ? 'store' : 'stores'}, ${entries} log entries`
  if (findingCount === 0) return `${paint('green', 'healthy')}  ${data}: ${looked}, every derived row agrees`
  const hidden = findingCount - findings.length
  const more = hidden === 0 ? '' : `, ${hidden} of them not shown`
  const found = `${data}: ${findingCount} ${findingCount === 1 ? 'finding' : 'findings'}${more} in ${looked}`
  const gone = `${lostCount} of them cannot be repaired: write again what they name, or restore a backup`
  if (repaired && lostCount > 0) return `${paint('red', 'damaged')}  ${found}; ${gone}`
  if (repaired) return `${paint('green', 'repaired')}  ${found}`
  return `${paint('red', 'damaged')}  ${found}; repair with \`kith doctor --data ${data} --repair\``
}
