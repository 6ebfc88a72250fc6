/**
 * What of a difference its acting user is told: rows about objects that it may know of, and about people it may know to be
 * where the change reaches them. Who oversees permissions is told all.
 */
import type { DifferenceAnswer } from '../service/requests.ts'
import { typeOf } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { childrenOf } from './groups/hierarchy.ts'
import { objectOf } from './questions/chain.ts'
import { groupsGiven } from './questions/missing.ts'
import { platformActor, type Sight, userType } from './sight.ts'

type Rows = DifferenceAnswer['rows']

/** Groups that are asked for, one by one; where there are more, people are not told of. */
const groupsMax = 500

/**
 * Costs a question for each object, and for each group that the change is about.
 * @param sights - of the acting user, over both sides
 * @param tuples - that change
 */
export async function knownTo(
  sights: readonly Sight[],
  rows: Rows,
  tuples: readonly TupleKey[],
): Promise<Rows> {
  if (rows.length === 0 || (await seesAll(sights))) return rows
  const knows = remembered((object) => some(sights, (sight) => sight.discovers(object)))
  const isKnownPerson = await peopleKnownTo(sights, tuples)
  const shown: Rows[number][] = []
  for (const row of rows) if ((await knows(row.object)) && isKnownPerson(row.subject)) shown.push(row)
  return shown
}

async function seesAll(sights: readonly Sight[]): Promise<boolean> {
  return await some(sights, async (sight) => {
    if (sight.actor === platformActor) return true
    const overseer = sight.preset.organization.actions['permissions.view']
    return overseer !== undefined && (await sight.may(overseer.relation, sight.organization))
  })
}

/**
 * Rows may name whoever is in a group that the change is about: its members are told only to those who may see them. The
 * acting user, and whom the change itself names elsewhere, are no secret.
 */
async function peopleKnownTo(
  sights: readonly Sight[],
  tuples: readonly TupleKey[],
): Promise<(subject: string) => boolean> {
  const groups = new Set<string>()
  for (const sight of sights) for (const each of await groupsOf(sight, tuples)) groups.add(each)
  const seesMembers = remembered((group) => some(sights, (sight) => seesMembersOf(sight, group)))
  let isOpen = groups.size < groupsMax
  for (const group of groups) isOpen &&= await seesMembers(group)
  if (isOpen) return () => true
  const known = new Set(sights.map(({ actor }) => actor))
  for (const { object, subject } of tuples) {
    if (!groups.has(object) || (await seesMembers(object))) known.add(subject)
  }
  return (subject) => typeOf(subject) !== userType || known.has(subject)
}

/** Those that a tuple names, those that have the resource of one, and all below them. */
async function groupsOf(sight: Sight, tuples: readonly TupleKey[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const { group } = sight.preset
  if (group === undefined) return found
  const add = (object: string) => {
    if (typeOf(object) === group.type && found.size < groupsMax) found.add(object)
  }
  for (const { object, subject } of tuples) {
    for (const each of [object, objectOf(subject)]) add(each)
    const kind = sight.kindOfType(typeOf(object))
    if (kind !== undefined) for (const each of groupsGiven(sight, kind, group, object)) add(each)
  }
  if (group.hierarchy === undefined) return found
  // A set is gone through in the order in which it grows.
  for (const each of found)
    for (const child of await childrenOf(sight.view, group.hierarchy, each)) add(child)
  return found
}

async function seesMembersOf(sight: Sight, group: string): Promise<boolean> {
  const need = sight.group.actions['members.view']
  return need !== undefined && (await sight.may(need.relation, group))
}

async function some(sights: readonly Sight[], is: (sight: Sight) => Promise<boolean>): Promise<boolean> {
  for (const sight of sights) if (await is(sight)) return true
  return false
}

function remembered(ask: (name: string) => Promise<boolean>): (name: string) => Promise<boolean> {
  const known = new Map<string, boolean>()
  return async (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const answer = await ask(name)
    known.set(name, answer)
    return answer
  }
}
