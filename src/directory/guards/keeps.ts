/**
 * Roles that always have somebody: an organization's and a group's. A holder may go only while another stays, however
 * they go: by a delete, by a filter, because they are deleted themselves, or by a time or a condition that their role gets.
 * Who has it for a time or on a condition is no holder: one day nobody is.
 */
import { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Tuple, TupleKey } from '../../tuple/tuple.ts'
import type { Role } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import type { Outcome } from './outcome.ts'

type Kept = Pick<Role, 'id' | 'label'>

/** Costs as much as is deleted, and to the first holder who stays. @throws Fault last_holder */
export async function demandHolders(sight: Sight, outcome: Outcome): Promise<void> {
  const { deletes, filters, writes } = outcome
  // Most changes take nothing from anybody.
  if (deletes.length === 0 && filters.length === 0 && writes.every(isForGood)) return
  const kept = keptRelations(sight)
  const judged = new Set<string>()
  for await (const { object, relation } of losses(outcome, kept)) {
    const role = kept.get(`${typeOf(object)}#${relation}`)
    const place = `${object}#${relation}`
    if (role === undefined || judged.has(place)) continue
    judged.add(place)
    if (outcome.isRemoved(object) || (await hasHolder(outcome, object, relation))) continue
    throw new Fault('last_holder', `${object} keeps at least one ${role.label}`, {
      word: `last_${role.id}`,
      hint: `give somebody else the role ${role.id} first`,
    })
  }
}

/** By `type#relation`. */
function keptRelations({ preset: { organization, group } }: Sight): ReadonlyMap<string, Kept> {
  const kept = new Map<string, Kept>()
  for (const role of organization.roles) {
    if (organization.keeps.includes(role.id)) kept.set(`${organization.type}#${role.relation}`, role)
  }
  for (const role of group?.memberRoles ?? []) {
    if (group?.keeps.includes(role.id)) kept.set(`${group.type}#${role.relation}`, role)
  }
  return kept
}

/** People whom the change takes a role that is kept. */
async function* losses(outcome: Outcome, kept: ReadonlyMap<string, Kept>): AsyncGenerator<TupleKey> {
  for (const key of outcome.deletes) if (isLoss(outcome, key)) yield key
  for (const tuple of outcome.writes) if (isWeakened(outcome, tuple)) yield tuple
  for (const place of kept.keys()) {
    const [type = '', relation = ''] = place.split('#')
    for (const filter of outcome.filters) {
      if ((filter.relation ?? relation) !== relation || (filter.type ?? type) !== type) continue
      const { object } = filter
      if (object !== undefined && (typeOf(object) !== type || outcome.isRemoved(object))) continue
      const within = object === undefined ? { ...filter, type, relation } : { ...filter, relation }
      let after: Uint8Array | undefined
      do {
        const page = await outcome.view.tuples(within, pageSize, after)
        yield* page.rows.filter((key) => isLoss(outcome, key))
        after = page.next
      } while (after !== undefined)
    }
  }
}

const pageSize = 1000

function isLoss(outcome: Outcome, key: TupleKey): boolean {
  return isPerson(key.subject) && outcome.drops(key) && outcome.stored(key) !== undefined
}

/** Written over one that was for good. */
function isWeakened(outcome: Outcome, tuple: Tuple): boolean {
  if (!isPerson(tuple.subject) || isForGood(tuple)) return false
  return isForGood(outcome.stored(tuple))
}

function isForGood(tuple: Tuple | undefined): boolean {
  return tuple !== undefined && tuple.condition === undefined && tuple.expiresAt === undefined
}

/** Whether somebody has it for good afterwards. */
export async function hasHolder(outcome: Outcome, object: string, relation: string): Promise<boolean> {
  const { view, writes } = outcome
  const there = writes.filter((key) => key.object === object && key.relation === relation)
  if (there.some((tuple) => isPerson(tuple.subject) && isForGood(tuple))) return true
  const written = new Set(there.map(({ subject }) => subject))
  const stays = (subject: string) =>
    isPerson(subject) &&
    !written.has(subject) &&
    outcome.has({ object, relation, subject }) &&
    isForGood(view.tuple(object, relation, subject))
  const { plain } = view.edges(object, relation)
  for await (const page of plain === undefined ? view.plain(object, relation) : [plain]) {
    if (page.some(stays)) return true
  }
  return false
}

/** A userset may be empty, and one day is. */
function isPerson(subject: string): boolean {
  return !isUserset(subject) && !isWildcard(subject)
}
