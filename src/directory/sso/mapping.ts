/**
 * What a group of the identity provider gives: a tuple of a group that names it as a whole, by the relation for members
 * without a role or by that of a role. So nothing is copied when people join and leave, and unmapping takes what the
 * mapping gave and nothing else.
 */
import { Fault } from '../../lib/fault.ts'
import { checkTuple } from '../../model/tuple-check.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import type { Role } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import { identityOf } from './idp-groups.ts'

/** One that is there. */
export interface Mapped {
  /** `group:g`. */
  readonly object: string
  readonly relation: string
  /** The one that its members have; the lowest, where it says none. */
  readonly role: Role
}

interface Way {
  readonly relation: string
  readonly role: Role
}

/** By which roles can be mapped, highest first: those whose relation takes such a group, and the lowest, which needs none. */
function waysOf(sight: Sight): readonly Way[] {
  const { memberRoles, sources } = sight.group
  const lowest = memberRoles.at(-1)
  const takes = (relation: string) => checkTuple(sight.model, exampleOf(sight, relation)) === undefined
  return [
    ...memberRoles.flatMap((role) => {
      const isPlain = role === lowest && sources.sso !== undefined
      return !isPlain && takes(role.relation) ? [{ relation: role.relation, role }] : []
    }),
    ...(lowest === undefined || sources.sso === undefined ? [] : [{ relation: sources.sso, role: lowest }]),
  ]
}

/** Only its types matter. */
function exampleOf(sight: Sight, relation: string) {
  const { type, memberRelation } = identityOf(sight)
  return { object: `${sight.group.type}:g`, relation, subject: `${type}:i#${memberRelation}` }
}

/** @param asked - id of a role; undefined: the lowest. @throws Fault invalid_field, naming those that can be mapped */
export function wayFor(sight: Sight, asked: string | undefined, field: string): Way {
  const ways = waysOf(sight)
  const wanted = asked?.toLowerCase()
  const found =
    wanted === undefined
      ? ways.at(-1)
      : ways.find(({ role }) => role.id === wanted || role.aliases.includes(wanted))
  if (found !== undefined) return found
  const known = ways.map(({ role }) => role.id).join(', ')
  throw new Fault('invalid_field', `the role \`${asked ?? ''}\` cannot be mapped: it is one of ${known}`, {
    field,
  })
}

/** What a group of the provider is mapped to; of the state before, as `has` of a draft is not asked. @param idp - its object */
export async function mappedTo(sight: Sight, idp: string): Promise<readonly Mapped[]> {
  const { group } = sight
  const ways = waysOf(sight)
  const found: Mapped[] = []
  for await (const page of sight.view.placements(membersOf(sight, idp), group.type)) {
    for (const { object, relation } of page) {
      const way = ways.find((each) => each.relation === relation)
      if (way !== undefined) found.push({ ...way, object })
    }
  }
  return found
}

/** The highest, where tuples say several. */
export function mappingAt(sight: Sight, idp: string, object: string): Way | undefined {
  return waysOf(sight).find(({ relation }) => sight.has(object, relation, membersOf(sight, idp)))
}

export function writeMapping(draft: Draft, idp: string, object: string, { relation, role }: Way): void {
  draft.write(object, relation, membersOf(draft, idp))
  draft.note({ action: 'sso.map', target: object, subject: idp, new: shownRole(draft, role) })
}

export function deleteMapping(draft: Draft, idp: string, object: string, { role }: Way): void {
  for (const { relation } of waysOf(draft)) draft.delete(object, relation, membersOf(draft, idp))
  draft.note({ action: 'sso.unmap', target: object, subject: idp, old: shownRole(draft, role) })
}

/** Products with one role have no word for it. */
export function shownRole({ group }: Sight, role: Role): { readonly role?: string } {
  return group.memberRoles.length > 1 ? { role: role.id } : {}
}

/** `idp_group:x#member`. */
function membersOf(sight: Sight, idp: string): string {
  return `${typeOf(idp)}:${idOf(idp)}#${identityOf(sight).memberRelation}`
}
