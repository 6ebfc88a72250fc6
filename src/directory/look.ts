/** The frame of every read: one organization, one revision, the acting user inside it. */
import { Fault } from '../lib/fault.ts'
import { freshEnough, residentFor, viewOf } from '../service/ground.ts'
import type { View } from '../storage/storage.ts'
import type { Ground } from './ground.ts'
import type { Preset } from './preset/preset.ts'
import { organizationEntity, platformActor, Sight } from './sight.ts'

/** What every request to an organization carries. */
export interface Visit {
  readonly org: string
  /** The acting user: `user:anne`. */
  readonly actor: string
  /** A zookie: never from older data than this. */
  readonly atLeastAsFresh?: string
}

export interface Looked<Result> {
  readonly result: Result
  readonly zookie: string
}

/** @throws Fault of `read`; not_found where there is no such organization, or the acting user is not in it */
export async function look<Result>(
  ground: Ground,
  visit: Visit,
  read: (sight: Sight) => Result | Promise<Result>,
): Promise<Looked<Result>> {
  const { sight, zookie, release } = await openSight(ground, visit)
  try {
    await demandInside(sight)
    return { result: await read(sight), zookie }
  } finally {
    release()
  }
}

/** The same for the platform itself: nobody acts, and it sees all of it. @throws Fault of `read`; not_found */
export async function lookForPlatform<Result>(
  ground: Ground,
  visit: Omit<Visit, 'actor'>,
  read: (sight: Sight) => Result | Promise<Result>,
): Promise<Looked<Result>> {
  const { sight, zookie, release } = await openSight(
    ground,
    Object.assign({}, visit, { actor: platformActor }),
  )
  try {
    return { result: await read(sight), zookie }
  } finally {
    release()
  }
}

/** Where an organization has to be as fresh as a zookie says. @throws Fault of the zookie, of waiting too long; store_id_not_found */
export function freshAsAsked(
  service: Ground['service'],
  { org, atLeastAsFresh }: Omit<Visit, 'actor'>,
): Promise<void> | undefined {
  return atLeastAsFresh === undefined ? undefined : freshEnough(service, { store: org, atLeastAsFresh })
}

/** A sight that stays, whoever acts; to be released. @throws Fault not_found where there is no such organization */
export async function openSight(
  ground: Ground,
  visit: Visit & { readonly higherConsistency?: boolean },
): Promise<{ readonly sight: Sight; readonly zookie: string; release(): void }> {
  const { service } = ground
  await freshAsAsked(service, visit)
  const preset = await organizationAt(ground, viewOf(service, visit.org))
  // View, model and memory meet within one turn.
  const live = viewOf(service, visit.org)
  const model = service.models.resolve(live, undefined)
  const memory = residentFor(service, live, model, visit)
  const view = live.pin()
  const sight = new Sight({ view, model, preset, actor: visit.actor, ...memory })
  return {
    sight,
    zookie: service.storage.zookie(visit.org, view.revision),
    release: () => view.release(),
  }
}

/** The preset of the organization that a store is. @throws Fault not_found: it is none */
export async function organizationAt({ presets }: Ground, view: View): Promise<Preset> {
  const preset = view.entity(organizationEntity, view.store)?.attributes.preset
  if (typeof preset !== 'string') throw noOrganization()
  return await presets.get(preset)
}

/** To everybody else the organization is not there. @throws Fault not_found */
export async function demandInside(sight: Sight): Promise<void> {
  if (!(await isInside(sight, sight.actor))) throw noOrganization()
}

/** Whether a subject, `user:anne`, is one of the organization's people or its operator. */
export async function isInside(sight: Sight, subject: string): Promise<boolean> {
  const { memberRelation, operatorRelation } = sight.preset.organization
  if (await sight.may(memberRelation, sight.organization, subject)) return true
  return operatorRelation !== undefined && (await sight.may(operatorRelation, sight.organization, subject))
}

export function noOrganization(): Fault {
  return new Fault('not_found', 'there is no such organization')
}
