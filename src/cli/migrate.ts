/** `kith migrate`: brings a data folder of the format before to this version's. The sidecar must be stopped. */
import { Command } from 'commander'
import { demandFolder } from './doctor.ts'
import { note, print } from './terminal.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring a data folder of an older format to this one; back it up first: there is no way back')
    .requiredOption(
      '--data <path>',
      'the data folder; no sidecar may have it open (KITH_DATA)',
      process.env.KITH_DATA,
    )
    .action(async ({ data }: { data: string }) => {
      demandFolder(data)
      const { migrate } = await import('../storage/migrate.ts')
      const { from, to } = await migrate(data, note)
      print(
        from === to
          ? `${data} has format ${to} already`
          : `${data} has format ${to} now; it had format ${from}`,
      )
    })
}
