/** A dry run on the wire: how it is asked for in a query, and its answer. Its words are those of the native API. */
import type { JsonObject } from '../lib/json.ts'
import type { DifferenceAnswer, DifferencePaging } from '../service/requests.ts'
import { struct } from './context.ts'
import { parseJsonText } from './json.ts'
import { cursorRule } from './patterns.ts'
import { type Decode, given, integer, mistyped, refuse, request, text } from './shape.ts'

const truth: Decode<boolean> = (value, place) => {
  if (value === undefined || value === 'false') return false
  return value === 'true' ? true : mistyped('bool', value, place)
}

/** JSON within a query. */
const context: Decode<JsonObject | undefined> = (value, place) =>
  value === undefined ? undefined : struct()(parseJsonText(String(value)), place)

const query = request('DryRun', {
  dryRun: truth,
  pageSize: integer(1, 1_000, true),
  continuationToken: text(cursorRule),
  context,
})

/**
 * Undefined: the change is to be made.
 * @param asked - every value of each name @throws Fault validation_error: also for a misspelt name, which would make it
 */
export function decodeDryRun(
  asked: Readonly<Record<string, readonly string[]>>,
): DifferencePaging | undefined {
  for (const [name, values] of Object.entries(asked)) {
    if (name.replace(/[^a-z]/gi, '').toLowerCase() !== 'dryrun') continue
    const place = { message: 'DryRun', field: 'DryRun', name, top: true }
    if (name !== 'dryRun')
      refuse(place, `the parameter is written dryRun, not ${JSON.stringify(name.slice(0, 64))}`)
    if (values.length > 1) refuse(place, 'value must be given once')
  }
  if (asked.dryRun === undefined) return undefined
  const body = query(Object.fromEntries(Object.entries(asked).map(([name, [first]]) => [name, first])))
  if (!body.dryRun) return undefined
  const { pageSize, continuationToken } = body
  return given({ pageSize, continuationToken: continuationToken || undefined, context: body.context })
}

export function encodeDifference({
  rows,
  continuationToken,
  truncated,
  zookie,
}: DifferenceAnswer): JsonObject {
  return {
    dryRun: true,
    rows: rows.map(({ change, subject, relation, object }) => ({ change, subject, relation, object })),
    continuationToken,
    truncated,
    zookie,
  }
}
