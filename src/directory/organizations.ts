/** Organizations: stores with a preset. Made by the platform, looked after by their own people. */
import { Fault } from '../lib/fault.ts'
import { viewOf } from '../service/ground.ts'
import type { Change } from '../storage/storage.ts'
import type { Provenance, TupleKey } from '../tuple/tuple.ts'
import { fill } from './fill.ts'
import type { Ground } from './ground.ts'
import { look, organizationAt, type Visit } from './look.ts'
import type { Preset } from './preset.ts'
import { planOf } from './refusal.ts'
import { organizationEntity } from './sight.ts'
import { firstUser, type NewUser } from './users.ts'

export interface NewOrganization {
  readonly name: string
  readonly preset: string
  /** Its first user, with the highest role; without one only operators can begin. */
  readonly owner?: NewUser
}

export interface Organization {
  readonly id: string
  readonly name: string
  readonly preset: string
  readonly plan?: string
}

/** Store, model, entities and tuples in one commit. @throws Fault not_found: no such preset; invalid_field */
export async function createOrganization(
  ground: Ground,
  { name, preset: id, owner }: NewOrganization,
  provenance: Provenance,
): Promise<Organization> {
  const preset = await ground.presets.get(id)
  const { storage, modelIds } = ground.service
  const first = (store: string): Change => {
    const organization = `${preset.organization.type}:${store}`
    const user = owner === undefined ? undefined : firstUser(preset, organization, owner)
    return {
      model: { id: modelIds.next(Date.now(), undefined), json: preset.model },
      writes: [
        ...preset.tuples.map((tuple) => fill(tuple, { organization })),
        ...firstPlan(preset, organization),
        ...(user?.writes ?? []),
      ],
      putEntities: [
        { type: organizationEntity, id: store, attributes: { preset: id } },
        ...(user?.putEntities ?? []),
      ],
      provenance,
    }
  }
  const { id: store } = await storage.createStore(name, undefined, provenance, first)
  return await shown(ground, store)
}

/** @throws Fault not_found */
export async function organization(ground: Ground, visit: Visit): Promise<Organization> {
  return (await look(ground, visit, ({ view }) => shown(ground, view.store))).result
}

async function shown(ground: Ground, store: string): Promise<Organization> {
  const record = ground.service.storage.store(store)
  if (record === undefined) throw new Fault('not_found', 'there is no such organization')
  const view = viewOf(ground.service, store)
  const preset = await organizationAt(ground, view)
  const { plans } = preset
  const organization = `${preset.organization.type}:${store}`
  const plan =
    plans && planOf(viewOf(ground.service, store).edges(organization, plans.relation).plain ?? [], plans)
  return { id: store, name: record.name, preset: preset.id, ...(plan === undefined ? {} : { plan }) }
}

/** The plan that an organization begins with; what it includes is among the preset's tuples. */
function firstPlan({ plans }: Preset, organization: string): readonly TupleKey[] {
  if (plans === undefined) return []
  return [{ object: organization, relation: plans.relation, subject: `${plans.type}:${plans.default}` }]
}
