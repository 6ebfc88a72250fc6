/** An import as its maker sees it: the preview, and what was done of it. */
import type { JsonObject } from '../../lib/json.ts'
import type { GroupKind } from '../preset/preset.ts'
import type { Pass } from './inviting.ts'
import { isConfirmed, type Kept } from './kept.ts'
import { type Invited, type Planned, rowError } from './rows.ts'

export interface ShownImport extends JsonObject {
  readonly importId: string
  readonly status: 'pending' | 'confirmed' | 'expired'
}

/** @param passes - by row, of invitations that are not mailed: shown once, and never kept */
export function shownImport(
  kind: GroupKind,
  { id, head, rows }: Kept,
  passes: ReadonlyMap<number, Pass> = new Map(),
): ShownImport {
  const { status, createdAt, expiresAt, sha256, encoding, delimiter } = head
  const { planned, invited, skipped, rejected, warnings } = rows
  const added = planned.filter(({ from }) => from === null).map((each) => shownPlanned(kind, each))
  const changed = planned.filter(({ from }) => from !== null).map((each) => shownPlanned(kind, each))
  return {
    importId: id,
    status,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(isConfirmed(head) ? { confirmedAt: new Date(head.confirmedAt).toISOString(), mode: head.mode } : {}),
    file: { sha256, encoding, delimiter },
    counts: {
      rows: rows.rows,
      blank: rows.blank,
      added: added.length,
      changed: changed.length,
      invited: invited.length,
      skipped: skipped.length,
      errors: rejected.length,
    },
    added,
    changed,
    invited: invited.map((each) => ({ ...shownInvited(kind, each), ...passes.get(each.row) })),
    skipped,
    errors: rejected.map((each) => rowError(kind, each)),
    warnings,
  }
}

function shownPlanned({ memberRoles }: GroupKind, { row, email, user, role, from }: Planned): JsonObject {
  const roles = memberRoles.length > 1 ? { role, ...(from === null ? {} : { from }) } : {}
  return { row, email, user, ...roles }
}

function shownInvited({ memberRoles }: GroupKind, { row, email, role, invitation }: Invited): JsonObject {
  return {
    row,
    email,
    ...(memberRoles.length > 1 ? { role } : {}),
    ...(invitation === null ? {} : { invitation }),
  }
}

/** By row. */
export function inOrder<Row extends { readonly row: number }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => one.row - other.row)
}
