/** `kith version`: what this program is. */
import { Command } from 'commander'
import { version } from '../lib/version.ts'
import { print, printJson } from './terminal.ts'

export function versionCommand(): Command {
  return new Command('version')
    .description('print the version of this program and of Node')
    .option('--json', 'print JSON, for programs')
    .action((flags: { json?: boolean }) => {
      const versions = { kith: version(), node: process.versions.node }
      if (flags.json === true) printJson(versions)
      else print(`kith ${versions.kith} (node ${versions.node})`)
    })
}
