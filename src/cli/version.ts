/** `kith version`: what this program is. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
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

/** From package.json, which stands two folders above both the source and the built file. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}
