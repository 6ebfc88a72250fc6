/** `--dry-run`: what a change would change, page by page: + who gains, - who loses, ? where the context does not say. */
import { type Command, Option } from 'commander'
import { listIn } from './answer.ts'
import type { Session } from './session.ts'
import { note, paint, print, printJson } from './terminal.ts'
import { parseContext, printTupleText } from './tuple-text.ts'

export interface DryRunFlags {
  readonly dryRun?: boolean
  readonly max: string
  readonly given?: string
}

export function withDryRun(command: Command): Command {
  return command
    .option('-n, --dry-run', 'write nothing; print who would gain (+) and who would lose (-) what')
    .addOption(
      new Option('--max <count>', 'with --dry-run: stop after this many lines; 0 for all').default('1000'),
    )
    .option('--given <json>', 'with --dry-run: the context that conditions are judged by, as a JSON object')
}

type Row = { readonly [Part in 'change' | 'subject' | 'relation' | 'object']: string }

/** Prints every row, as text or as JSON. */
export async function printDryRun(
  session: Session,
  { path, body }: { readonly path: string; readonly body: object },
  { max, given }: DryRunFlags,
): Promise<void> {
  const most = Number(max) || Number.POSITIVE_INFINITY
  const context = given === undefined ? undefined : JSON.stringify(parseContext(given, '--given'))
  const kept: Row[] = []
  let rows = 0
  let continuationToken = ''
  do {
    const pageSize = String(Math.min(1_000, most - rows))
    const query = { dryRun: 'true', pageSize, continuationToken: continuationToken || undefined, context }
    const answer = await session.client.post(path, body, query)
    const page = listIn<Row>(answer, 'rows')
    if (session.json) kept.push(...page)
    else for (const row of page) print(lineOf(row))
    rows += page.length
    continuationToken = String(answer.continuationToken)
  } while (continuationToken !== '' && rows < most)
  const truncated = continuationToken !== ''
  if (session.json) return printJson({ dryRun: true, rows: kept, truncated })
  if (rows === 0) note('nobody would gain or lose anything')
  if (truncated) note(`there are more than ${rows}; --max 0 prints all`)
}

function lineOf({ change, subject, relation, object }: Row): string {
  const tuple = printTupleText({ user: subject, relation, object })
  if (change === 'gains') return paint('green', `+ ${tuple}`)
  return change === 'loses' ? paint('red', `- ${tuple}`) : paint('yellow', `? ${tuple}`)
}
