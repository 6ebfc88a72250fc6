/** `kith read`: stored tuples by filter, without any rewriting. */
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import { listIn } from './answer.ts'
import { Session, withStore } from './session.ts'
import { note, print, printJson } from './terminal.ts'
import { printTupleText } from './tuple-text.ts'

interface Flags {
  readonly user?: string
  readonly relation?: string
  readonly object?: string
  readonly max: string
}

interface Row {
  readonly key: {
    readonly user: string
    readonly relation: string
    readonly object: string
    readonly condition: { readonly name: string; readonly context?: JsonObject } | null
    readonly expires_at?: string
  }
  readonly timestamp: string
}

export function readCommand(): Command {
  return withStore(new Command('read'))
    .description('print stored tuples; filters are matched exactly')
    .option('--user <user>', 'user:anne, group:eng#member or user:*; needs --object')
    .option('--relation <relation>', 'viewer; needs --object')
    .option('--object <object>', 'document:1, or with --user a whole type: document:')
    .option('--max <count>', 'stop after this many tuples; 0 for all', '1000')
    .action(async (flags: Flags, command: Command) => {
      const session = new Session(command)
      const { rows, more } = await readRows(session, filterOf(flags), Number(flags.max) || Infinity)
      if (session.json) printJson({ tuples: rows })
      else for (const row of rows) print(printRow(row))
      if (more) note(`there are more than ${flags.max}; use --max 0 for all, or \`kith export\``)
    })
}

/** Page by page: each page is exact at its own moment, the whole is not. */
async function readRows(
  session: Session,
  filter: JsonObject,
  max: number,
): Promise<{ rows: readonly Row[]; more: boolean }> {
  const path = await session.path('/read')
  const rows: Row[] = []
  let cursor = ''
  do {
    const page_size = Math.min(100, max - rows.length)
    const answer = await session.client.post(path, { ...filter, page_size, continuation_token: cursor })
    rows.push(...listIn<Row>(answer, 'tuples'))
    cursor = String(answer.continuation_token ?? '')
  } while (cursor !== '' && rows.length < max)
  return { rows, more: cursor !== '' }
}

function filterOf({ user, relation, object }: Flags): JsonObject {
  const key = {
    ...(user === undefined ? {} : { user }),
    ...(relation === undefined ? {} : { relation }),
    ...(object === undefined ? {} : { object }),
  }
  return Object.keys(key).length === 0 ? {} : { tuple_key: key }
}

function printRow({ key }: Row): string {
  const { condition, expires_at } = key
  const context = condition?.context === undefined ? '' : ` ${JSON.stringify(condition.context)}`
  const when = condition === null || condition === undefined ? '' : `  if ${condition.name}${context}`
  return `${printTupleText(key)}${when}${expires_at === undefined ? '' : `  until ${expires_at}`}`
}
