/**
 * What becomes of the rows of a file in the state that they would land on: who that is, whether they are in the group
 * already, and whether the acting user may. Asked for the preview, and again for the very commit that does it.
 */
import { namesSameEmail } from '../../lib/email.ts'
import type { Draft } from '../draft.ts'
import type { Group } from '../groups/group.ts'
import { rolesByHand } from '../groups/membership.ts'
import { hasHolder } from '../guards/keeps.ts'
import { Outcome } from '../guards/outcome.ts'
import { holderOf } from '../lists/names.ts'
import { isInactive } from '../people/activation.ts'
import type { Role } from '../preset/preset.ts'
import { userType } from '../sight.ts'
import { type Entry, refused } from './entries.ts'
import type { Inviting } from './inviting.ts'
import type { Invited, Planned, Rejected, Skipped, Verdicts } from './rows.ts'
import { inTurns } from './turns.ts'

type Verdict = Planned | Invited | Skipped | Rejected

/** What is beside the state itself. */
interface Terms {
  /** What becomes of an address that nobody has; absent: it is rejected. */
  readonly inviting?: Inviting | undefined
  /** Whether it is what somebody looked at; absent: nobody did yet. */
  readonly isAsShown?: (planned: Planned) => boolean
}

/** A few point reads a row, and a check for each role. */
export async function judge(
  draft: Draft,
  group: Group,
  entries: readonly Entry[],
  { inviting = async (entry) => refused(entry, 'unknown_user'), isAsShown = () => true }: Terms = {},
): Promise<Verdicts> {
  const asked = { may: asking(draft, group), inviting }
  const planned: Planned[] = []
  const invited: Invited[] = []
  const skipped: Skipped[] = []
  const rejected: Rejected[] = []
  for await (const entry of inTurns(entries)) {
    const verdict = await verdictOn(draft, group, entry, asked)
    if (isPlanned(verdict) && isAsShown(verdict)) planned.push(verdict)
    else if (isPlanned(verdict)) rejected.push(unplanned(verdict, 'changed_since_preview'))
    else if (isInvited(verdict)) invited.push(verdict)
    else if ('code' in verdict) rejected.push(verdict as Rejected)
    else skipped.push(verdict as Skipped)
  }
  // Of what is left: whoever was to take a role over may be among the rejected.
  const left = await withHolders(draft, group, planned)
  const lost = planned.filter((each) => !left.includes(each))
  return {
    planned: left,
    invited,
    skipped,
    rejected: [...rejected, ...lost.map((each) => unplanned(each, 'last_holder'))],
  }
}

function unplanned({ row, email, role }: Planned, code: Rejected['code']): Rejected {
  return { row, code, email, role }
}

function isPlanned(verdict: Verdict): verdict is Planned {
  return 'user' in verdict
}

function isInvited(verdict: Verdict): verdict is Invited {
  return 'invitation' in verdict
}

type May = (relation: string) => Promise<boolean>

async function verdictOn(
  draft: Draft,
  group: Group,
  entry: Entry,
  { may, inviting }: { readonly may: May; readonly inviting: Inviting },
): Promise<Verdict> {
  const { row, email } = entry
  const user = holderOf(draft, 'email', email)
  const attributes = user === undefined ? undefined : draft.entity(userType, user)
  if (user === undefined || attributes === undefined) return await inviting(entry)
  // An address that only looks like a user's lets nobody in, and nobody else can have it.
  const { email: own } = attributes
  if (typeof own !== 'string' || !namesSameEmail(own, email)) return refused(entry, 'unknown_user')
  if (isInactive(attributes)) return refused(entry, 'inactive_user')
  const held = rolesByHand(draft, group.object, user)
  const { memberRoles, defaultRole } = draft.group
  if (held.length > 0 && entry.role === undefined) return { row, email, reason: 'already_member' }
  const wanted = entry.role ?? (memberRoles.length === 1 ? memberRoles[0]?.id : defaultRole)
  if (wanted === undefined) return refused(entry, 'missing_role')
  const role = memberRoles.find(({ id }) => id === wanted)
  if (role === undefined) return refused(entry, 'unknown_role')
  if (held.includes(role)) return { row, email, reason: 'same_role' }
  const needed = held.length === 0 ? [role.give] : [role.change, ...held.map(({ change }) => change)]
  for (const relation of needed) if (!(await may(relation))) return refused(entry, 'role_not_allowed')
  const from = held.length === 0 ? null : held.map(({ id }) => id).join(', ')
  return { row, email, user, role: role.id, from }
}

/** Each relation once, whatever number of rows needs it. */
function asking(draft: Draft, group: Group): May {
  const asked = new Map<string, Promise<boolean>>()
  return (relation) => {
    const known = asked.get(relation) ?? draft.may(relation, group.object)
    asked.set(relation, known)
    return known
  }
}

/** Without the rows that together would take a role that is kept from all who have it. */
async function withHolders(
  draft: Draft,
  group: Group,
  planned: readonly Planned[],
): Promise<readonly Planned[]> {
  const { keeps, memberRoles } = draft.group
  let left = planned
  // Whoever keeps a role does not get another, which may have been what kept that one.
  for (let before: readonly Planned[] = []; before !== left; ) {
    before = left
    const outcome = new Outcome(draft, tuplesOf(memberRoles, group, left))
    for (const { id, relation } of memberRoles) {
      const takers = left.filter(({ from }) => from?.split(', ').includes(id))
      if (!keeps.includes(id) || takers.length === 0) continue
      if (await hasHolder(outcome, group.object, relation)) continue
      left = left.filter((each) => !takers.includes(each))
    }
  }
  return left
}

function tuplesOf(memberRoles: readonly Role[], { object }: Group, planned: readonly Planned[]) {
  const tuples = planned.map(({ user, role }) => {
    const relation = memberRoles.find(({ id }) => id === role)?.relation ?? ''
    return { object, relation, subject: `${userType}:${user}` }
  })
  const deletes = planned.flatMap(({ user, role, from }) =>
    from === null
      ? []
      : memberRoles
          .filter(({ id }) => id !== role)
          .map(({ relation }) => ({ object, relation, subject: `${userType}:${user}` })),
  )
  return { writes: tuples, deletes }
}
