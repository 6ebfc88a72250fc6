/**
 * Grants that were not seen in use for so many days: levels on resources, memberships of groups; with what is known, and for
 * how long anybody looked, so that nobody takes "never seen" for "never used".
 */
import type { JsonObject } from '../../lib/json.ts'
import type { StoredTuple } from '../../tuple/tuple.ts'
import type { Ground } from '../ground.ts'
import { byHand } from '../groups/membership.ts'
import { nameOf } from '../lists/entity-name.ts'
import type { Page, PageRequest } from '../lists/page.ts'
import { pageOfSegments, type Segment } from '../lists/segments.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { objectOf } from '../questions/chain.ts'
import type { Sight } from '../sight.ts'
import { dayOf, plusDays } from './calendar.ts'
import { type Sampled, samplingOf } from './sampling.ts'
import { lastUsed } from './use.ts'

export interface Unused extends Page<JsonObject> {
  /** Not seen on this day, nor after. */
  readonly since: string
  /** Undefined: nobody looks. */
  readonly sampling: Sampled | undefined
  /** Whether somebody looked all that time. */
  readonly isCovered: boolean
}

/** Milliseconds after which a page ends, however short. */
const lookingMs = 2_000

/**
 * In order of what they are, and of objects; only grants that were there before. A page may be short where most are used.
 * @throws Fault not_in_preset, forbidden, invalid_field, invalid_continuation_token
 */
export function unusedGrants(
  ground: Ground,
  request: Visit & Omit<PageRequest, 'q'> & { readonly days: number },
): Promise<Looked<Unused>> {
  return look(ground, request, async (sight) => {
    const { actions } = sight.preset.organization
    await sight.demand('permissions.view', actions['permissions.view'], sight.organization)
    const { view } = sight
    const since = plusDays(dayOf(view.now), -request.days)
    const sampling = samplingOf(ground, view)
    const page = await pageOfSegments(
      ground,
      sight,
      segmentsOf(sight),
      request,
      { unused: request.days },
      (tuple, meaning) => {
        if (tuple.timestamp >= Date.parse(since)) return undefined
        const day = lastUsed(view, tuple)
        return day !== undefined && day >= since ? undefined : rowOf(sight, tuple, meaning, day)
      },
      lookingMs,
    )
    return { ...page, since, sampling, isCovered: sampling !== undefined && sampling.since < since }
  })
}

/** By relation: two words may stand for one. */
function segmentsOf({ preset }: Sight): readonly Segment<JsonObject>[] {
  const { group, resources } = preset
  const segments = new Map<string, Segment<JsonObject>>()
  const add = (type: string, relation: string, of: JsonObject) => {
    segments.set(`${type}#${relation}`, { filter: { type, relation }, of })
  }
  for (const { type, levels } of Object.values(resources)) {
    for (const { id, relation } of levels) add(type, relation, { kind: 'share', level: id })
  }
  if (group === undefined) return [...segments.values()]
  for (const { id, relation } of group.memberRoles) {
    add(group.type, relation, { kind: 'membership', role: id, source: byHand })
  }
  for (const [source, relation] of Object.entries(group.sources)) {
    add(group.type, relation, { kind: 'membership', source })
  }
  return [...segments.values()]
}

function rowOf(
  sight: Sight,
  { object, relation, subject, timestamp }: StoredTuple,
  meaning: JsonObject,
  day: string | undefined,
): JsonObject {
  return {
    object,
    ...named('objectName', nameOf(sight, object)),
    relation,
    subject,
    ...named('subjectName', nameOf(sight, objectOf(subject))),
    ...meaning,
    grantedAt: new Date(timestamp).toISOString(),
    lastUsed: day ?? null,
  }
}

function named(field: string, name: string | undefined): JsonObject {
  return name === undefined ? {} : { [field]: name }
}
