/** The way from a subject to an object, as the nodes that the tuples of the engine's proof join. Not a second opinion. */
import type { JsonObject } from '../../lib/json.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { isUserset } from '../../tuple/subject.ts'
import { linesOf, membershipOf } from '../groups/membership.ts'
import { membershipSource, viaOf } from '../groups/sources.ts'
import { nameOf } from '../lists/entity-name.ts'
import { type Sight, userType } from '../sight.ts'

/** The first is the subject; each of the others is where a tuple puts the one before it. */
export interface Node extends JsonObject {
  /** `group:eng`. */
  readonly object: string
}

/** @param path - of an explanation that allows */
export function chainOf(sight: Sight, subject: string, path: readonly JsonObject[]): readonly Node[] {
  const nodes = [nodeOf(sight, objectOf(subject))]
  for (const { tuple } of path) {
    if (!isTuple(tuple)) continue
    const from = objectOf(tuple.user)
    const isNext = nodes.at(-1)?.object === from
    nodes.push({
      ...nodeOf(sight, tuple.object),
      relation: tuple.relation,
      user: tuple.user,
      ...meaningOf(sight, tuple.object, tuple.relation),
      ...sourced(sight, subject, tuple),
      // Where a proof rests on two ways: the second begins elsewhere.
      ...(isNext ? {} : { from }),
    })
  }
  return nodes
}

function nodeOf(sight: Sight, object: string): Node {
  const name = nameOf(sight, object)
  return name === undefined ? { object } : { object, name }
}

/** Where a membership on the way comes from; of somebody in a group of the product also whatever else it rests on. */
function sourced(sight: Sight, subject: string, { object, relation, user }: Tuple): JsonObject {
  const source = membershipSource(sight, { object, relation, subject: user })
  if (source === undefined) return {}
  const isPerson = typeOf(subject) === userType && !isUserset(subject)
  if (!isPerson || typeOf(object) !== sight.preset.group?.type) return { source }
  const reasons = membershipOf(sight, linesOf(sight, object), idOf(subject))?.reasons ?? []
  return { source, via: reasons.map((reason) => viaOf(sight, reason)) }
}

/** What the product calls being in that relation. */
function meaningOf({ preset }: Sight, object: string, relation: string): JsonObject {
  const { organization, group, resources } = preset
  const type = typeOf(object)
  const roles =
    type === group?.type ? group.memberRoles : type === organization.type ? organization.roles : []
  const role = roles.find((each) => each.relation === relation)
  if (role !== undefined) return { role: role.id }
  const kind = Object.values(resources).find((each) => each.type === type)
  const level = kind?.levels.find((each) => each.relation === relation)
  return level === undefined ? {} : { level: level.id }
}

interface Tuple {
  readonly object: string
  readonly relation: string
  readonly user: string
}

function isTuple(value: unknown): value is Tuple {
  return typeof value === 'object' && value !== null && 'user' in value
}

/** `group:eng#member` -> `group:eng`. */
export function objectOf(subject: string): string {
  return subject.split('#', 1)[0] ?? subject
}
