/**
 * Members from a file, second half: what the preview showed is done, in one commit and exactly once. Each row is judged
 * again by the state that it lands on; nothing is done that was not shown.
 */
import { Fault } from '../../lib/fault.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import type { Group } from '../groups/group.ts'
import { place } from '../groups/members.ts'
import type { GroupKind } from '../preset/preset.ts'
import { refused } from './entries.ts'
import { type Inviting, invitingBy, type Pass } from './inviting.ts'
import { judge } from './judge.ts'
import { importAt, isConfirmed, type Kept, keep } from './kept.ts'
import type { ImportPlace } from './preview.ts'
import { groupForImport } from './right.ts'
import { type Planned, type Rejected, rowError, type Verdicts } from './rows.ts'
import { inOrder, type ShownImport, shownImport } from './shown.ts'
import { inTurns } from './turns.ts'

/** What becomes of it where rows are rejected: the others are imported, or none. */
export type Mode = 'valid_only' | 'all_or_nothing'

export interface ConfirmedImport extends ShownImport {
  /** Then it says what was done that other time, whatever the mode is now. */
  readonly alreadyConfirmed: boolean
}

/** @throws Fault not_found, gone: it has expired; rows_rejected; forbidden, archived, plan_required */
export function confirmImport(
  ground: Ground,
  request: ActRequest & ImportPlace & { readonly mode: Mode },
): Promise<Acted<ConfirmedImport>> {
  const provenance = { ...request.provenance, source: 'csv' }
  return act(ground, { ...request, provenance }, async (draft) => {
    const group = await groupForImport(draft, request.group)
    const kept = importAt(draft, group, request.import)
    if (isConfirmed(kept.head)) return { ...shownImport(draft.group, kept), alreadyConfirmed: true }
    const passes = new Map<number, Pass>()
    const inviting = invitingBy(ground, draft, group, { importId: kept.id }, passes)
    const { planned, invited, skipped, rejected } = await judgedAgain(draft, group, kept.rows, inviting)
    const verdicts = {
      planned,
      invited,
      skipped: inOrder([...kept.rows.skipped, ...skipped]),
      rejected: inOrder([...kept.rows.rejected, ...rejected]),
    }
    if (request.mode === 'all_or_nothing') demandNone(draft.group, verdicts.rejected)
    for await (const each of inTurns(planned)) carryOut(draft, group, kept.id, each)
    const head = {
      ...kept.head,
      status: 'confirmed',
      confirmedAt: draft.view.now,
      mode: request.mode,
    } as const
    const done: Kept = { id: kept.id, head, rows: { ...kept.rows, ...verdicts } }
    keep(draft, done)
    const shown = shownImport(draft.group, done, request.dryRun === undefined ? passes : undefined)
    return { ...shown, alreadyConfirmed: false }
  })
}

/** What is so already is skipped; what would be something else than was shown is rejected. */
function judgedAgain(
  draft: Draft,
  group: Group,
  { planned, invited }: Verdicts,
  inviting: Inviting,
): Promise<Verdicts> {
  const entries = [...planned, ...invited].map(({ row, email, role }) => ({ row, email, role, cell: role }))
  const shown = new Map(planned.map((each) => [each.row, each]))
  return judge(draft, group, entries, {
    inviting: async (entry) =>
      shown.has(entry.row) ? refused(entry, 'unknown_user') : await inviting(entry),
    isAsShown: ({ row, user, from }) => shown.get(row)?.user === user && shown.get(row)?.from === from,
  })
}

function carryOut(draft: Draft, group: Group, importId: string, { user, role: wanted }: Planned): void {
  const role = draft.group.memberRoles.find(({ id }) => id === wanted)
  if (role === undefined) throw new Fault('internal_error', `a row was judged good without a role: ${wanted}`)
  place(draft, group, user, role, { importId })
}

/** Rows that a message names; all are in `errors`. */
const namedMax = 20

/** @throws Fault rows_rejected */
function demandNone(kind: GroupKind, rejected: readonly Rejected[]): void {
  if (rejected.length === 0) return
  const rows = rejected.slice(0, namedMax).map(({ row }) => row)
  const more = rejected.length > namedMax ? ', ...' : ''
  throw new Fault(
    'rows_rejected',
    `nothing was imported: not all rows can be, see ${rows.join(', ')}${more}`,
    {
      hint: 'mend the file and upload it again, or confirm the valid rows alone',
      errors: rejected.map((each) => rowError(kind, each)),
    },
  )
}
