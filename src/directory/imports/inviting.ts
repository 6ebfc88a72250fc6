/** Rows whose address nobody has: whoever it is, is invited with the group attached, where that was asked for. */
import { faultOf } from '../../lib/fault.ts'
import { Draft, type Happening } from '../draft.ts'
import type { Ground } from '../ground.ts'
import type { Group } from '../groups/group.ts'
import { invite } from '../invitations/invite.ts'
import { type Entry, refused } from './entries.ts'
import type { Invited, Rejected, Skipped } from './rows.ts'

/** What becomes of a row of nobody's. */
export type Inviting = (entry: Entry) => Promise<Invited | Skipped | Rejected>

/** What opens an invitation that is not mailed. */
export interface Pass {
  readonly token: string
  /** Where the page is known that it leads to. */
  readonly link?: string
}

/**
 * Invites as the acting user of the draft, who is asked for all of it.
 * @param of - what the change log says of it besides
 * @param passes - by row, of those whose invitation is not mailed
 */
export function invitingBy(
  ground: Ground,
  draft: Draft,
  group: Group,
  of: Pick<Happening, 'importId'> = {},
  passes = new Map<number, Pass>(),
): Inviting {
  const { memberRoles, defaultRole } = draft.group
  return async (entry) => {
    const { row, email } = entry
    const role = entry.role ?? (memberRoles.length === 1 ? memberRoles[0]?.id : defaultRole)
    if (role === undefined) return refused(entry, 'missing_role')
    const gift = { id: group.id, ...(memberRoles.length === 1 ? {} : { role }) }
    try {
      const { id, kept, token } = await invite(ground, draft, { email, groups: [gift] }, of)
      const link = ground.post.linkOf(token)
      if (kept.delivery.status === 'link') passes.set(row, { token, ...(link === undefined ? {} : { link }) })
      return { row, email, role, invitation: id }
    } catch (thrown) {
      return uninvited(entry, thrown)
    }
  }
}

/** In a draft of its own, of which nothing is kept: one after another, as they would be. */
export function rehearsingBy(ground: Ground, { view, model, preset, actor }: Draft, group: Group): Inviting {
  return invitingBy(ground, new Draft({ view, model, preset, actor }, {}), group)
}

/** @throws what was thrown, where it is not about the row */
function uninvited(entry: Entry, thrown: unknown): Skipped | Rejected {
  const { code, word } = faultOf(thrown)
  const { row, email } = entry
  if (word === 'already_invited') return { row, email, reason: word }
  if (code === 'forbidden') return refused(entry, 'role_not_allowed')
  if (code === 'rate_limited') return refused(entry, 'too_many_invitations')
  if (code === 'invalid_field') return refused(entry, 'invalid_email')
  throw thrown
}
