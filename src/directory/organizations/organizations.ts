/** Organizations: stores with a preset. Made by the platform, looked after by their own people. */
import { viewOf } from '../../service/ground.ts'
import type { Change } from '../../storage/storage.ts'
import type { Provenance, TupleKey } from '../../tuple/tuple.ts'
import { type Draft, happenedAt } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { look, noOrganization, organizationAt, type Visit } from '../look.ts'
import { firstUser, type NewUser } from '../people/users.ts'
import { fill } from '../preset/fill.ts'
import type { Preset, Switch } from '../preset/preset.ts'
import { organizationEntity, type Sight } from '../sight.ts'

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
  /** Switches of the preset, by id. */
  readonly settings: Readonly<Record<string, boolean>>
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
        happenedAt(1, [{ action: 'organization.create', target: organization, new: { name, preset: id } }]),
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

/**
 * In order of id, oldest first.
 * @param among - ids of stores; undefined: all
 */
export async function listOrganizations(
  ground: Ground,
  request: Omit<PageRequest, 'q'> & { readonly among?: ReadonlySet<string> },
): Promise<Page<Organization>> {
  const { storage, cursors } = ground.service
  const limit = pageSizeOf(request.pageSize)
  const cursor = cursors.for('organizations', '', {})
  let after = cursor.open(request.continuationToken)
  const rows: Organization[] = []
  do {
    const last = after === undefined ? undefined : Buffer.from(after).toString()
    const page = await storage.stores(limit - rows.length, last, { among: request.among })
    for (const { id } of page.rows) if (isOrganization(ground, id)) rows.push(await shown(ground, id))
    after = page.next
  } while (after !== undefined && rows.length < limit)
  return { rows, continuationToken: cursor.seal(after) }
}

/** With all that is in it. @throws Fault not_found: it is none */
export async function deleteOrganization(ground: Ground, id: string, provenance: Provenance): Promise<void> {
  const { storage } = ground.service
  if (storage.store(id) === undefined || !isOrganization(ground, id)) throw noOrganization()
  await storage.deleteStore(id, provenance)
}

/** Stores may go between a page and its rows. */
function isOrganization({ service: { storage } }: Ground, store: string): boolean {
  if (storage.store(store) === undefined) return false
  return storage.view(store).entity(organizationEntity, store) !== undefined
}

/** As it is now. @throws Fault not_found */
async function shown(ground: Ground, store: string): Promise<Organization> {
  const record = ground.service.storage.store(store)
  if (record === undefined) throw noOrganization()
  const preset = await organizationAt(ground, viewOf(ground.service, store))
  const view = viewOf(ground.service, store)
  const has: Has = (object, relation, subject) => view.tuple(object, relation, subject) !== undefined
  return shownOf(preset, store, record.name, has)
}

/** As a change of it leaves it. */
export function shownAfter(draft: Draft, name: string): Organization {
  return shownOf(draft.preset, draft.view.store, name, (...key) => draft.has(...key))
}

type Has = (object: string, relation: string, subject: string) => boolean

function shownOf(preset: Preset, store: string, name: string, has: Has): Organization {
  const { plans, switches } = preset
  const organization = `${preset.organization.type}:${store}`
  const plan = plans?.ladder.find(({ id }) => has(organization, plans.relation, `${plans.type}:${id}`))?.id
  const settings = Object.entries(switches).map(([id, each]) => [id, isOn(has, each, organization)])
  return {
    id: store,
    name,
    preset: preset.id,
    ...(plan === undefined ? {} : { plan }),
    settings: Object.fromEntries(settings),
  }
}

/** Whether an organization has a switch of its preset on. @param id - undefined: there is none, and so it is not */
export function hasOn(sight: Sight, id: string | undefined): boolean {
  const { preset, organization } = sight
  const found = id === undefined ? undefined : preset.switches[id]
  return found !== undefined && isOn((...key) => sight.has(...key), found, organization)
}

function isOn(has: Has, { tuples }: Switch, organization: string): boolean {
  return tuples.every((template) => {
    const { object, relation, subject } = fill(template, { organization })
    return has(object, relation, subject)
  })
}

/** The plan that an organization begins with; what it includes is among the preset's tuples. */
function firstPlan({ plans }: Preset, organization: string): readonly TupleKey[] {
  if (plans === undefined) return []
  return [{ object: organization, relation: plans.relation, subject: `${plans.type}:${plans.default}` }]
}
