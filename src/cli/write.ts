/** `kith write`: adds, updates or deletes tuples, all or nothing; or says what that would change. */
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import { type DryRunFlags, printDryRun, withDryRun } from './dry-run.ts'
import { Failure } from './failure.ts'
import { Session, withStore } from './session.ts'
import { paint, print, printJson } from './terminal.ts'
import { parseContext, parseExpiry, parseTupleText, printTupleText } from './tuple-text.ts'

interface Flags extends DryRunFlags {
  readonly delete?: boolean
  readonly condition?: string
  readonly context?: string
  readonly expiresAt?: string
  readonly ifPresent: string
}

export function writeCommand(): Command {
  return withDryRun(withStore(new Command('write')))
    .description('write tuples, or delete them, in one atomic step')
    .argument('<tuple...>', "'document:1#viewer@user:anne'; quote them, # begins a comment in shells")
    .option('-d, --delete', 'delete these tuples instead')
    .option('--condition <name>', 'the tuples hold only where this condition does')
    .option('-c, --context <json>', "the condition's stored context, as a JSON object")
    .option('--expires-at <instant>', 'the tuples end then: 2030-01-31T12:00:00Z, or a span: 30m, 12h, 7d')
    .option(
      '--if-present <what>',
      'a tuple that is there already (or absent, with --delete): error, ignore, update',
      'error',
    )
    .option('-m, --model <id>', 'model to judge them by (KITH_MODEL; default the latest)')
    .action(async (texts: string[], flags: Flags, command: Command) => {
      const session = new Session(command)
      const keys = texts.map(parseTupleText)
      const model = session.model === undefined ? {} : { authorization_model_id: session.model }
      const change = flags.delete === true ? deletion(keys, flags) : addition(keys, flags)
      const path = await session.path('/write')
      const body = { ...model, ...change }
      if (flags.dryRun === true) return printDryRun(session, { path, body }, flags)
      const answer = await session.client.post(path, body)
      if (session.json) return printJson(answer)
      const verb = flags.delete === true ? paint('red', 'deleted') : paint('green', 'wrote')
      for (const key of keys) print(`${verb}  ${printTupleText(key)}`)
    })
}

type Keys = readonly ReturnType<typeof parseTupleText>[]

function deletion(keys: Keys, flags: Flags): JsonObject {
  if (flags.condition ?? flags.context ?? flags.expiresAt) {
    throw new Failure('--delete takes no --condition, --context or --expires-at: a tuple is known by its key')
  }
  return { deletes: { tuple_keys: keys.map((key) => ({ ...key })), on_missing: flags.ifPresent } }
}

function addition(keys: Keys, flags: Flags): JsonObject {
  if (flags.context !== undefined && flags.condition === undefined) {
    throw new Failure('--context needs --condition: it is stored for that condition')
  }
  const context = flags.context === undefined ? {} : { context: parseContext(flags.context) }
  const extra = {
    ...(flags.condition === undefined ? {} : { condition: { name: flags.condition, ...context } }),
    ...(flags.expiresAt === undefined ? {} : { expires_at: parseExpiry(flags.expiresAt, Date.now()) }),
  }
  return { writes: { tuple_keys: keys.map((key) => ({ ...key, ...extra })), on_duplicate: flags.ifPresent } }
}
