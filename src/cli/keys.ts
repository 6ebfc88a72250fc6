/**
 * `kith keys`: the keys of callers, through a running sidecar, or with --data in the folder of a stopped one: that is
 * how the first key comes to be. A key goes to standard output alone, so that it can be piped to where it is kept.
 */
import { Command } from 'commander'
import { rights } from '../callers/scopes.ts'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import { Failure } from './failure.ts'
import { inFolder, type KeysAt, keysOver } from './keys-at.ts'
import { Session, withConnection } from './session.ts'
import { note, print, printJson, table } from './terminal.ts'

export function keysCommand(): Command {
  return new Command('keys')
    .description('make, list, rotate and revoke the keys of callers')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addCommand(revokeCommand())
}

function withPlace(command: Command): Command {
  return withConnection(command).option(
    '--data <path>',
    'the data folder of a stopped sidecar, instead of --url',
  )
}

function createCommand(): Command {
  return withPlace(new Command('create'))
    .description('make a key and print it, this once')
    .argument('<name>', 'whose it is, for people')
    .requiredOption(
      '--scope <scopes...>',
      `what it may do: RIGHT, RIGHT:STORE or RIGHT:STORE:TYPE with a right of ${rights.join(', ')}; or *`,
    )
    .option('--actor <user>', 'the user that it acts for, such as user:anne (default nobody)')
    .option('--expires <time>', 'how long it lasts, such as 90d, 12h or 30m (default for ever)')
    .action((name: string, flags: { scope: string[]; actor?: string; expires?: string }, command: Command) =>
      within(command, async (keys, json) => {
        const seconds = flags.expires === undefined ? {} : { expires_in_seconds: secondsIn(flags.expires) }
        const actor = flags.actor === undefined ? {} : { actor: flags.actor }
        show(await keys.create({ name, scopes: flags.scope, ...actor, ...seconds }), json)
      }),
    )
}

function listCommand(): Command {
  return withPlace(new Command('list'))
    .description('list keys, oldest first; never the keys themselves')
    .option('--all', 'revoked ones too')
    .action((flags: { all?: boolean }, command: Command) =>
      within(command, async (keys, json) => {
        const all = await keys.list()
        const listed =
          flags.all === true ? all : all.filter(({ revoked_at: revoked }) => revoked === undefined)
        if (json) return printJson({ keys: listed })
        if (listed.length === 0)
          return note('there are no keys; make one with `kith keys create NAME --scope ...`')
        print(table(['ID', 'NAME', 'SCOPES', 'ACTOR', 'CREATED', 'STATE'], listed.map(rowOf)))
      }),
    )
}

function rotateCommand(): Command {
  return withPlace(new Command('rotate'))
    .description('give a key another secret and print it; the one before opens for a while yet')
    .argument('<id>', 'of the key')
    .option('--overlap <time>', 'how long the one before opens, such as 24h or 0s (default 24h)')
    .action((id: string, flags: { overlap?: string }, command: Command) =>
      within(command, async (keys, json) => {
        const overlap = flags.overlap === undefined ? {} : { overlap_seconds: secondsIn(flags.overlap) }
        show(await keys.rotate(id, overlap), json)
      }),
    )
}

function revokeCommand(): Command {
  return withPlace(new Command('revoke'))
    .description('revoke a key, from its very next request on')
    .argument('<id>', 'of the key')
    .action((id: string, _flags: unknown, command: Command) =>
      within(command, async (keys, json) => {
        await keys.revoke(id)
        if (json) printJson({ id, revoked: true })
        else note(`revoked ${id}`)
      }),
    )
}

async function within(command: Command, work: (keys: KeysAt, json: boolean) => Promise<void>): Promise<void> {
  const session = new Session(command)
  const { data } = command.opts<{ data?: string }>()
  if (data === undefined) return work(keysOver(session.client), session.json)
  await inFolder(data, command.name() === 'create', (keys) => work(keys, session.json))
}

function show(made: JsonObject, json: boolean): void {
  if (json) printJson(made)
  else {
    note(`key ${String(made.id)}, shown this once; send it as \`Authorization: Bearer KEY\``)
    print(String(made.key))
  }
}

function rowOf(key: JsonObject): readonly string[] {
  const { expires_at: expires, revoked_at: revoked } = key
  const hasExpired = typeof expires === 'string' && Date.parse(expires) <= Date.now()
  const living = expires === undefined ? 'lives' : `${hasExpired ? 'expired' : 'expires'} ${String(expires)}`
  const state = revoked === undefined ? living : `revoked ${String(revoked)}`
  return [
    String(key.id),
    String(key.name),
    listIn<string>(key, 'scopes').join(' '),
    String(key.actor ?? '-'),
    String(key.created_at),
    state,
  ]
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function secondsIn(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * (units[unit] ?? 1)
  throw new Failure(`\`${text}\` is no length of time: write a number and s, m, h or d, such as 90d`)
}
