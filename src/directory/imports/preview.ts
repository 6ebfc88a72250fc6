/**
 * Members from a file, first half: what would become of each row is worked out and kept for a while, and nothing is
 * written to the group. `confirm.ts` is the other half.
 */
import { createHash } from 'node:crypto'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import type { MembersRequest } from '../groups/members.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { newId } from '../new-id.ts'
import { type Decoded, decode } from './decode.ts'
import { columnsOf, readEntries } from './entries.ts'
import { rehearsingBy } from './inviting.ts'
import { judge } from './judge.ts'
import { discard, type Head, importAt, keep, makeRoom, patienceMs } from './kept.ts'
import { groupForImport } from './right.ts'
import { rowError, type Warning } from './rows.ts'
import { inOrder, type ShownImport, shownImport } from './shown.ts'
import { readTable, type Table } from './table.ts'

/** One import. */
export interface ImportPlace {
  readonly group: string
  readonly import: string
}

/**
 * With `invite`, who has no user yet is invited, once the import is confirmed.
 * @param read - the file, asked for once it is known that the acting user may import at all
 * @throws Fault not_found, not_in_preset, forbidden, archived, plan_required; invalid_file; rate_limited; of `read`
 */
export async function previewImport(
  ground: Ground,
  request: MembersRequest & { readonly invite?: boolean },
  read: () => Promise<Uint8Array>,
): Promise<Acted<ShownImport>> {
  const { result: kind } = await look(ground, request, async (sight) => {
    await groupForImport(sight, request.group)
    return sight.group
  })
  const bytes = await read()
  const decoded = decode(bytes)
  const table = await readTable(decoded.text)
  const said = readEntries(kind, table)
  return await act(ground, request, async (draft) => {
    const group = await groupForImport(draft, request.group)
    await makeRoom(draft)
    if (request.invite === true) await demandInviting(draft)
    const inviting = request.invite === true ? rehearsingBy(ground, draft, group) : undefined
    const { planned, invited, skipped, rejected } = await judge(draft, group, said.entries, { inviting })
    const rows = {
      planned,
      invited: invited.map((each) => ({ ...each, invitation: null })),
      skipped: inOrder([...said.skipped, ...skipped]),
      rejected: inOrder([...said.rejected, ...rejected]),
      rows: table.rows.length,
      blank: table.blank,
      warnings: [...guessed(decoded), ...said.warnings],
    }
    const head = headOf(draft, group.id, { ...decoded, ...table, bytes })
    const kept = { id: newId('imp'), head, rows }
    keep(draft, kept)
    return shownImport(draft.group, kept)
  })
}

/** Of all rows together, before any of them. @throws Fault not_in_preset: nobody is invited here; forbidden */
async function demandInviting(draft: Draft): Promise<void> {
  const { actions } = draft.preset.organization
  await draft.demand('invitation.create', actions['invitation.create'], draft.organization)
}

function headOf(
  { actor, view }: Draft,
  group: string,
  { bytes, encoding, delimiter }: Decoded & Table & { readonly bytes: Uint8Array },
): Head {
  return {
    group,
    actor,
    status: 'pending',
    createdAt: view.now,
    expiresAt: view.now + patienceMs,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    encoding,
    delimiter,
  }
}

function guessed({ encoding, sample }: Decoded): readonly Warning[] {
  if (sample === undefined) return []
  const message = `the file is no UTF-8 and was read as ${encoding}: \`${sample}\` should look right`
  return [{ code: 'guessed_encoding', message, sample }]
}

/** @throws Fault not_found; gone: it has expired */
export function getImport(ground: Ground, visit: Visit & ImportPlace): Promise<Looked<ShownImport>> {
  return look(ground, visit, async (sight) => {
    const group = await groupForImport(sight, visit.group)
    return shownImport(sight.group, importAt(sight, group, visit.import))
  })
}

/** The rows that were rejected as they came, and why: to be mended and uploaded again. @throws Fault not_found, gone */
export function rejectedRows(
  ground: Ground,
  visit: Visit & ImportPlace,
): Promise<Looked<{ readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }>> {
  return look(ground, visit, async (sight) => {
    const group = await groupForImport(sight, visit.group)
    const { rejected } = importAt(sight, group, visit.import).rows
    const columns = columnsOf(sight.group)
    const rows = rejected.map((each) => [
      ...columns.map((column) => each[column]),
      `row ${each.row}: ${rowError(sight.group, each).message}`,
    ])
    return { columns: [...columns, 'error'], rows }
  })
}

/** What a file begins with. @throws Fault not_found, not_in_preset, forbidden */
export function importColumns(
  ground: Ground,
  visit: Visit & { readonly group: string },
): Promise<Looked<readonly string[]>> {
  return look(ground, visit, async (sight) => {
    await groupForImport(sight, visit.group)
    return columnsOf(sight.group)
  })
}

/** Also of one that is over: nothing is known of it any more. @throws Fault not_found */
export function discardImport(ground: Ground, request: ActRequest & ImportPlace): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    discard(draft, await groupForImport(draft, request.group), request.import)
    return undefined
  })
}
