#!/usr/bin/env node
/** The `kith` program: the table of commands, and how every one of them ends. Commands load what is heavy when run. */
import { Command, CommanderError } from 'commander'
import { version } from '../lib/version.ts'
import { backupCommand } from './backup.ts'
import { changesCommand, watchCommand } from './changes.ts'
import { checkCommand } from './check.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { expandCommand } from './expand.ts'
import { explainCommand } from './explain.ts'
import { exportCommand } from './export.ts'
import { exitCodes } from './failure.ts'
import { healthcheckCommand } from './healthcheck.ts'
import { importCommand } from './import.ts'
import { keysCommand } from './keys.ts'
import { listObjectsCommand } from './list-objects.ts'
import { listUsersCommand } from './list-users.ts'
import { migrateCommand } from './migrate.ts'
import { modelCommand } from './model.ts'
import { readCommand } from './read.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'
import { withStore } from './session.ts'
import { storeCommand } from './store.ts'
import { endWithReader, note } from './terminal.ts'
import { testCommand } from './test.ts'
import { versionCommand } from './version.ts'
import { writeCommand } from './write.ts'

const ending = `
Exit codes:
  ${exitCodes.ok}  done, or allowed
  ${exitCodes.no}  denied, a failed test, not ready, or a data folder that does not agree with itself
  ${exitCodes.failed}  a wrong command line, a refusal, or anything that went wrong

Every option of the connection is an environment variable too: KITH_URL, KITH_STORE, KITH_TOKEN, ...
KITH_DEBUG=1 prints where an error came from.`

function program(): Command {
  const kith = withStore(new Command('kith'))
    .description('Kith: who may do what to what, and why. A sidecar, and the command line to it.')
    .version(version())
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', ending)
  const commands = [
    serveCommand(),
    checkCommand(),
    explainCommand(),
    expandCommand(),
    listObjectsCommand(),
    listUsersCommand(),
    writeCommand(),
    readCommand(),
    changesCommand(),
    watchCommand(),
    importCommand(),
    exportCommand(),
    modelCommand(),
    storeCommand(),
    keysCommand(),
    testCommand(),
    demoCommand(),
    backupCommand(),
    restoreCommand(),
    doctorCommand(),
    migrateCommand(),
    healthcheckCommand(),
    versionCommand(),
  ]
  for (const command of commands) kith.addCommand(command)
  return kith
}

/** Commander ends the process with 1 on a wrong option; here 1 means no, so it throws instead. */
function throwing(command: Command, parent?: Command): Command {
  if (parent !== undefined) command.copyInheritedSettings(parent)
  command.exitOverride()
  for (const child of command.commands) throwing(child, command)
  return command
}

function endWith(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.failed
    return
  }
  process.exitCode = exitCodes.failed
  if (process.env.KITH_DEBUG !== undefined) console.error(error)
  const message = error instanceof Error ? error.message : String(error)
  note(`kith: ${message}`)
}

endWithReader()
await throwing(program()).parseAsync().catch(endWith)
