/**
 * Who is in a group, and through what: lists of the group itself, by hand in a role or by a rule, and lists that one
 * of these names as a whole (`group:g#sso_member@idp_group:x#member`). Children's members are not in it; they only
 * have what it has.
 */
import { Fault } from '../lib/fault.ts'
import { compareBytes } from '../lib/order.ts'
import type { View } from '../storage/storage.ts'
import { idOf, typeOf } from '../tuple/object.ts'
import type { StoredTuple } from '../tuple/tuple.ts'
import type { Ground } from './ground.ts'
import type { GroupKind, Role } from './preset.ts'
import { type Sight, userType } from './sight.ts'

/** One list: whoever has the relation to the object is in the group. */
export interface Line {
  readonly object: string
  readonly relation: string
  /** `manual`, or what the preset calls it: `rule`, `sso`. */
  readonly source: string
  readonly role?: Role
}

/** One person in a group. */
export interface Membership {
  /** The highest; undefined where membership came without one. */
  readonly role: Role | undefined
  readonly sources: readonly string[]
  /** Milliseconds since the epoch; of the oldest reason. */
  readonly addedAt: number
}

/** Highest role first. A userset is looked through once: lists that are made of lists are not followed further. */
export function linesOf({ group, view, preset }: Sight, object: string): readonly Line[] {
  const own: readonly Line[] = [
    ...group.memberRoles.map((role) => ({ object, relation: role.relation, source: byHand, role })),
    ...Object.entries(group.sources).map(([source, relation]) => ({ object, relation, source })),
  ]
  return own.flatMap((line) => [
    line,
    ...named(line, view.edges(object, line.relation).usersets, preset.identity?.type),
  ])
}

/** Of a membership that somebody wrote. */
export const byHand = 'manual'
const bySso = 'sso'

/** @param provided - the type of the identity provider's groups: in a role, too, their people are in it by signing in */
function named(line: Line, usersets: readonly string[], provided: string | undefined): readonly Line[] {
  return usersets.map((userset) => {
    const hash = userset.indexOf('#')
    const object = userset.slice(0, hash)
    const listed = typeOf(object) === provided ? bySso : typeOf(object)
    const source = line.source === byHand ? listed : line.source
    return { ...line, object, relation: userset.slice(hash + 1), source }
  })
}

/** Undefined: not in it. A point read for each line. */
export function membershipOf(sight: Sight, lines: readonly Line[], id: string): Membership | undefined {
  const subject = `${userType}:${id}`
  const held = lines.flatMap((line) => {
    const tuple = sight.view.tuple(line.object, line.relation, subject)
    return tuple === undefined ? [] : [{ line, tuple }]
  })
  if (held.length === 0) return undefined
  const roles = held.flatMap(({ line: { role } }) => (role === undefined ? [] : [role]))
  return {
    role: roles.toSorted((a, b) => b.rank - a.rank)[0],
    sources: [...new Set(held.map(({ line }) => line.source))],
    addedAt: Math.min(...held.map(({ tuple }: { readonly tuple: StoredTuple }) => tuple.timestamp)),
  }
}

/** The roles that somebody gave by hand; one, unless raw tuples gave more. */
export function rolesByHand(sight: Sight, object: string, id: string): readonly Role[] {
  return sight.group.memberRoles.filter(({ relation }) => sight.has(object, relation, `${userType}:${id}`))
}

/**
 * Ids of all members in order, of a group that has few; undefined where they are more than `most`.
 * Costs as much as there are, `most` at most.
 */
export async function memberIds(
  view: View,
  lines: readonly Line[],
  most: number,
): Promise<readonly string[] | undefined> {
  const ids = await gathered(view, lines, most)
  return ids.size > most ? undefined : [...ids].sort(compareBytes)
}

/** How many; where a list is too long for its head, from a tally. */
export async function memberCount({ tallies }: Ground, view: View, lines: readonly Line[]): Promise<number> {
  const count = async (at: View) => (await gathered(at, lines)).size
  const isLong = lines.some(({ object, relation }) => view.edges(object, relation).plain === undefined)
  return isLong ? await tallies.of(view, lines, count) : await count(view)
}

/** In no order. Ends after the page with which they are more than `most`. Costs as much as there are. */
export async function gathered(
  view: View,
  lines: readonly Line[],
  most = Number.POSITIVE_INFINITY,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const { object, relation } of lines) {
    const edges = view.edges(object, relation)
    for await (const page of edges.plain === undefined ? view.plain(object, relation) : [edges.plain]) {
      for (const subject of page) {
        const isGone = edges.qualified.has(subject) && view.tuple(object, relation, subject) === undefined
        if (typeOf(subject) === userType && !isGone) ids.add(idOf(subject))
      }
      if (ids.size > most) return ids
    }
  }
  return ids
}

/**
 * The role that a request means.
 * @param asked - undefined: the product's default
 * @throws Fault not_in_preset: the product has no roles in groups; invalid_field, naming those there are
 */
export function memberRole(kind: GroupKind, asked: string | undefined): Role {
  const { memberRoles, defaultRole } = kind
  const [only] = memberRoles
  if (memberRoles.length === 1 && only !== undefined) {
    if (asked === undefined) return only
    throw new Fault('not_in_preset', 'members have no roles here: leave `role` out', { field: 'role' })
  }
  const wanted = asked ?? defaultRole
  const found = wanted === undefined ? undefined : roleNamed(kind, wanted)
  if (found !== undefined) return found
  const known = memberRoles.map(({ id }) => id).join(', ')
  const problem = wanted === undefined ? '`role` is required' : `there is no role \`${asked}\``
  throw new Fault('invalid_field', `${problem}: it is one of ${known}`, { field: 'role' })
}

/** By its id or any other of its words, in any case. */
export function roleNamed({ memberRoles }: GroupKind, word: string): Role | undefined {
  const wanted = word.toLowerCase()
  return memberRoles.find(({ id, aliases }) => id === wanted || aliases.includes(wanted))
}
