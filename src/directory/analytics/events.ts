/**
 * Events of use: each counts once for the organization, once for every group that its user is in, once for the resource
 * that it names. All of a request or none, in one commit that is no revision; those of one moment share an fsync.
 */
import { Slices } from '../../engine/drive.ts'
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { demandUser } from '../people/users.ts'
import { storedObject } from '../preset/words.ts'
import { platformActor, userType } from '../sight.ts'
import { Attribution } from './attribution.ts'
import { dayMs, dayOf } from './calendar.ts'
import { count } from './counters.ts'
import { claimId } from './event-ids.ts'
import { type Figures, nothing, plus } from './figures.ts'
import { leaveTidying } from './tidy.ts'

export interface UsageEvent {
  /** By which the sender knows it: the same again counts nothing, until the end of the day after it arrived. */
  readonly id?: string
  /** Of the organization. */
  readonly user: string
  /** Milliseconds since the epoch; absent: now. Decides the day, not the groups. */
  readonly at?: number
  /** Absent: not judged. */
  readonly correct?: boolean
  /** 1 to 5; absent: not rated. */
  readonly satisfaction?: number
  /** 0: a judgement or a rating of a query that was counted before. Default 1. */
  readonly queries?: number
  /** `agent:ID`, by the product's words. */
  readonly resource?: string
}

export interface Counted {
  readonly counted: number
  /** Those whose ids had been counted before. */
  readonly duplicates: number
}

/** Milliseconds that a sender's clock may be ahead. */
const aheadMax = 5 * 60 * 1000

type EventsRequest = Pick<ActRequest, 'org' | 'provenance'> & {
  /** Absent: the platform itself. */
  readonly actor?: string
  readonly events: readonly UsageEvent[]
  /** What fields of one of them are called, by its place. */
  readonly fieldOf: (index: number, field: string) => string
}

/**
 * Durable when it resolves.
 * @throws Fault invalid_field, unknown_reference: with the place of the event; not_in_preset, forbidden, not_found
 */
export function countEvents(ground: Ground, request: EventsRequest): Promise<Acted<Counted>> {
  const { actor, ...rest } = request
  if (actor === undefined) return actForPlatform(ground, rest, (draft) => countAll(ground, draft, request))
  return act(ground, { ...rest, actor }, (draft) => countAll(ground, draft, request))
}

async function countAll(ground: Ground, draft: Draft, { events, fieldOf }: EventsRequest): Promise<Counted> {
  const { organization } = draft
  const { actions } = draft.preset.organization
  if (draft.actor === platformActor) demandCounting(draft)
  else await draft.demand('analytics.record', actions['analytics.record'], organization)
  const sums = new Map<string, Map<string, Figures>>()
  const slices = new Slices()
  const attribution = new Attribution(draft, slices)
  let duplicates = 0
  for (const [index, event] of events.entries()) {
    if (slices.isOver) await slices.rest()
    // First: what was counted is sent again in good faith, whatever has gone since.
    if (event.id !== undefined && !claimId(draft, event.id)) {
      duplicates++
      continue
    }
    const user = demandUser(draft, event.user, fieldOf(index, 'user'))
    const resource = await demandKnown(draft, event.resource, fieldOf(index, 'resource'))
    const day = demandDay(draft, event.at, ground.analytics.daysKept, fieldOf(index, 'at'))
    const groups = await attribution.groupsOf(`${userType}:${user}`)
    const figures = figuresOf(event)
    for (const object of [organization, ...groups, ...resource]) add(sums, object, day, figures)
  }
  for (const [object, days] of sums) {
    for (const [day, figures] of days) count(draft, object, day, figures)
    if (slices.isOver) await slices.rest()
  }
  if (sums.size > 0) leaveTidying(draft)
  return { counted: events.length - duplicates, duplicates }
}

/** What nobody can look at is not counted. @throws Fault not_in_preset */
function demandCounting({ preset }: Draft): void {
  if (preset.organization.actions['analytics.view'] !== undefined) return
  throw new Fault('not_in_preset', `\`${preset.id}\` has no analytics`)
}

/** The resource that an event names, if any. @throws Fault unknown_reference: none, or hidden; not_in_preset: no kind */
async function demandKnown(
  draft: Draft,
  named: string | undefined,
  field: string,
): Promise<readonly string[]> {
  if (named === undefined) return []
  const object = storedObject(draft.preset, named)
  const type = typeOf(object)
  if (draft.kindOfType(type) === undefined) {
    const known = Object.keys(draft.preset.resources).join(', ')
    throw new Fault('not_in_preset', `\`${field}\` names a kind of ${known}, and an id: agent:a1`, { field })
  }
  const isThere = draft.entity(type, idOf(object)) !== undefined
  if (isThere && (draft.actor === platformActor || (await draft.discovers(object)))) return [object]
  throw new Fault('unknown_reference', `there is no \`${named}\` in this organization`, { field })
}

/** @throws Fault invalid_field */
function demandDay({ view }: Draft, at = view.now, daysKept: number, field: string): string {
  if (at > view.now + aheadMax) {
    throw new Fault('invalid_field', `\`${field}\` lies in the future`, { field })
  }
  if (at < view.now - daysKept * dayMs) {
    throw new Fault('invalid_field', `\`${field}\` is more than ${daysKept} days ago`, { field })
  }
  return dayOf(at)
}

function figuresOf({ queries = 1, correct, satisfaction }: UsageEvent): Figures {
  return {
    queries,
    ...(correct === undefined ? { judged: 0, correct: 0 } : { judged: 1, correct: correct ? 1 : 0 }),
    ...(satisfaction === undefined ? { ratings: 0, ratingSum: 0 } : { ratings: 1, ratingSum: satisfaction }),
  }
}

function add(sums: Map<string, Map<string, Figures>>, object: string, day: string, figures: Figures): void {
  const days = sums.get(object) ?? new Map<string, Figures>()
  days.set(day, plus(days.get(day) ?? nothing, figures))
  sums.set(object, days)
}
