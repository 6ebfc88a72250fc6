/** Logs for administrators, by type. One there is: what rules did, and where they could not. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { events, type LogRow } from '../rules/log.ts'

/** Absent fields match all. */
export interface LogsRequest extends Visit, Omit<PageRequest, 'q'> {
  readonly type: string
  /** Ids. */
  readonly group?: string
  readonly user?: string
  readonly event?: LogRow['event']
  /** Milliseconds since the epoch; the first is in, the last is not. */
  readonly from?: number
  readonly to?: number
}

const ruleLog = 'auto_assignment'

/** Newest first. @throws Fault forbidden, not_in_preset, invalid_field: the type; invalid_continuation_token */
export function listLogs(ground: Ground, request: LogsRequest): Promise<Looked<Page<JsonObject>>> {
  return look(ground, request, async (sight) => {
    await sight.demand('logs.view', sight.preset.organization.actions['logs.view'], sight.organization)
    const { pageSize, continuationToken, org, actor: _, atLeastAsFresh: __, ...question } = request
    if (question.type !== ruleLog) {
      throw new Fault('invalid_field', `\`type\` is ${ruleLog}`, { field: 'type' })
    }
    const limit = pageSizeOf(pageSize)
    const cursor = ground.service.cursors.for('logs of an organization', org, question)
    const position = cursor.open(continuationToken)
    const rows: JsonObject[] = []
    for (const row of events(sight, position && Number(Buffer.from(position).toString()))) {
      if (!matches(row, request)) continue
      // The page is full, and there is more.
      if (rows.length === limit) {
        return { rows, continuationToken: cursor.seal(Buffer.from(String(row.number + 1))) }
      }
      rows.push(shown(row))
    }
    return { rows, continuationToken: '' }
  })
}

function matches(row: LogRow, { group, user, event, from, to }: LogsRequest): boolean {
  return (
    (group === undefined || row.group === group) &&
    (user === undefined || row.user === user) &&
    (event === undefined || row.event === event) &&
    (from === undefined || row.at >= from) &&
    (to === undefined || row.at < to)
  )
}

function shown({ at, number: _, ...row }: LogRow): JsonObject {
  return { type: ruleLog, at: new Date(at).toISOString(), ...row } as JsonObject
}
