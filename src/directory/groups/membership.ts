/**
 * Who is in a group, and through what: lists of the group itself, by hand in a role or by a rule, and lists that one
 * of these names as a whole (`group:g#sso_member@idp_group:x#member`). Children's members are not in it; they only
 * have what it has.
 */
import { Fault } from '../../lib/fault.ts'
import { compareBytes } from '../../lib/order.ts'
import type { View } from '../../storage/storage.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import type { GroupKind, Role } from '../preset/preset.ts'
import { type Origin, type Sight, userType } from '../sight.ts'

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
  /** In the order of the lines; not empty. */
  readonly reasons: readonly Reason[]
  /** Milliseconds since the epoch; of the oldest reason. */
  readonly addedAt: number
}

/** One reason: a tuple of one of the lists. */
export interface Reason {
  readonly line: Line
  readonly origin: Origin
}

/** Highest role first, each list followed by those that it names, however deep. Costs a read for each. */
export function linesOf(sight: Sight, object: string): readonly Line[] {
  const { memberRoles, sources } = sight.group
  const own: readonly Line[] = [
    ...memberRoles.map((role) => ({ object, relation: role.relation, source: byHand, role })),
    ...Object.entries(sources).map(([source, relation]) => ({ object, relation, source })),
  ]
  return own.flatMap((line) => [line, ...named(sight, line, new Set())])
}

/** Of a membership that somebody wrote. */
export const byHand = 'manual'
/** Of one through a group of the identity provider: in a role, too, its people are in it by signing in. */
export const bySso = 'sso'

/** @param seen - lists on the way here: rings are harmless */
function named(sight: Sight, line: Line, seen: Set<string>): readonly Line[] {
  const { view, preset } = sight
  return view.edges(line.object, line.relation).usersets.flatMap((userset) => {
    if (seen.has(userset)) return []
    seen.add(userset)
    const hash = userset.indexOf('#')
    const object = userset.slice(0, hash)
    const listed = typeOf(object) === preset.identity?.type ? bySso : typeOf(object)
    const source = line.source === byHand ? listed : line.source
    const next = { ...line, object, relation: userset.slice(hash + 1), source }
    return [next, ...named(sight, next, seen)]
  })
}

/** Undefined: not in it. A point read for each line. */
export function membershipOf(sight: Sight, lines: readonly Line[], id: string): Membership | undefined {
  const subject = `${userType}:${id}`
  const reasons = lines.flatMap((line) => {
    const origin = sight.originOf(line.object, line.relation, subject)
    return origin === undefined ? [] : [{ line, origin }]
  })
  if (reasons.length === 0) return undefined
  const roles = reasons.flatMap(({ line: { role } }) => (role === undefined ? [] : [role]))
  return {
    role: roles.toSorted((a, b) => b.rank - a.rank)[0],
    sources: [...new Set(reasons.map(({ line }) => line.source))],
    reasons,
    addedAt: Math.min(...reasons.map(({ origin }) => origin.timestamp)),
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
