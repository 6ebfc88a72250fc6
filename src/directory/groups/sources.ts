/**
 * Where memberships come from, as people are told: each reason with its source, since when and by whom. A reason is a
 * tuple, and what came with it says the rest; nothing is kept beside it.
 */
import type { JsonObject } from '../../lib/json.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { isUserset } from '../../tuple/subject.ts'
import type { Tuple } from '../../tuple/tuple.ts'
import { nameOf } from '../lists/entity-name.ts'
import type { Origin, Sight } from '../sight.ts'
import { byHand, bySso, type Reason } from './membership.ts'

/** One reason why somebody is in a group. */
export interface Via extends JsonObject {
  /** `manual`, `csv`, `invitation`, `api`, `import`: by hand, by which way; `rule`; `sso`, `scim`: the identity provider. */
  readonly source: string
  /** ISO 8601. */
  readonly since: string
  /** Whoever did it by hand: `user:anne`. */
  readonly by?: string
  /** That it gives. */
  readonly role?: string
  /** The group of the identity provider that they are in. */
  readonly idpGroup?: { readonly id: string; readonly name?: string }
}

/** What a commit says of itself that brings people in by hand; by any other they came back. */
const waysByHand: ReadonlySet<string> = new Set([
  byHand,
  'csv',
  'invitation',
  'api',
  'import',
  'embedded',
  'bootstrap',
])
/** What keeps the groups of the identity provider. */
const waysOfProvider: ReadonlySet<string> = new Set([bySso, 'scim'])

export function viaOf(sight: Sight, { line, origin }: Reason): Via {
  const source = sourceOf(line.source, origin)
  const by = line.source === byHand && waysByHand.has(source) ? sight.makerOf(origin) : undefined
  const isProvided = typeOf(line.object) === sight.preset.identity?.type
  const { memberRoles } = sight.group
  return {
    source,
    since: new Date(origin.timestamp).toISOString(),
    ...(by === undefined ? {} : { by }),
    ...(line.role === undefined || memberRoles.length < 2 ? {} : { role: line.role.id }),
    ...(isProvided ? { idpGroup: providedAs(sight, line.object) } : {}),
  }
}

/** Of a tuple that puts somebody, or all of another list, in one; undefined: it is about no membership. */
export function membershipSource(
  sight: Sight,
  key: Pick<Tuple, 'object' | 'relation' | 'subject'>,
): string | undefined {
  const { group, identity } = sight.preset
  const type = typeOf(key.object)
  const origin = sight.originOf(key.object, key.relation, key.subject)
  if (origin === undefined) return undefined
  if (type === identity?.type)
    return key.relation === identity.memberRelation ? sourceOf(bySso, origin) : undefined
  if (group === undefined || type !== group.type) return undefined
  const named = Object.entries(group.sources).find(([, relation]) => relation === key.relation)?.[0]
  if (named !== undefined) return named
  if (group.memberRoles.every(({ relation }) => relation !== key.relation)) return undefined
  const isProvided = isUserset(key.subject) && typeOf(key.subject) === identity?.type
  return isProvided ? bySso : sourceOf(byHand, origin)
}

function sourceOf(line: string, { provenance }: Origin): string {
  const ways = line === byHand ? waysByHand : line === bySso ? waysOfProvider : undefined
  const way = provenance?.source
  return way !== undefined && ways?.has(way) === true ? way : line
}

function providedAs(sight: Sight, object: string): NonNullable<Via['idpGroup']> {
  const name = nameOf(sight, object)
  return { id: idOf(object), ...(name === undefined ? {} : { name }) }
}
