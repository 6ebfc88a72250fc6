/**
 * Which groups of the product the identity provider's groups give: seen and changed by those who may map, and only to what
 * they may give by hand.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { demandCreation } from '../groups/groups.ts'
import { namedGroup } from '../groups/hierarchy.ts'
import { byHand, memberCount } from '../groups/membership.ts'
import { nameOf } from '../lists/entity-name.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { notFound } from '../refusal.ts'
import type { Sight } from '../sight.ts'
import { enterMapped } from './auto-map.ts'
import { claimedGroup, defaultProvider } from './claims.ts'
import { dropIdpGroup, findIdpGroup, type IdpGroup, identityOf, idpGroups } from './idp-groups.ts'
import {
  deleteMapping,
  type Mapped,
  mappedTo,
  mappingAt,
  shownRole,
  wayFor,
  writeMapping,
} from './mapping.ts'

/** Which group of the provider is meant: by id, or by the claim that names it, which need not have been made yet. */
interface Provided {
  readonly idpGroup?: string
  readonly claim?: string
  readonly provider?: string
}

export interface NewMapping extends Provided {
  readonly group: string
  /** In the group; absent: the lowest. */
  readonly role?: string
}

/** A product's group of the same name, which is made with the mapping. */
export interface NewMappedGroup extends Provided {
  readonly createGroup: true
  readonly description?: string
  readonly role?: string
}

export interface Mapping extends JsonObject {
  readonly idpGroup: ProvidedGroup
  readonly group: { readonly id: string; readonly name?: string }
  readonly role?: string
}

interface ProvidedGroup extends JsonObject {
  readonly id: string
  readonly name: string
  /** Absent: it is provisioned. */
  readonly provider?: string
}

/** One of the provider's, and what it gives. */
export interface ProvidedRow extends ProvidedGroup {
  readonly memberCount: number
  readonly mappings: readonly JsonObject[]
}

/** All of the provider's groups in order of id, found by name. @throws Fault forbidden, plan_required, not_in_preset */
export function listProvided(ground: Ground, visit: Visit & PageRequest): Promise<Looked<Page<ProvidedRow>>> {
  return look(ground, visit, async (sight) => {
    await demandMapping(sight)
    const { memberRelation: relation } = identityOf(sight)
    const groups = idpGroups(sight)
    return await pageOf(ground, sight, groups.type, visit, {}, async (id, attributes) => {
      const object = `${groups.type}:${id}`
      const mappings = await seenMappings(sight, object)
      return {
        ...providedOf(id, groups.of(attributes)),
        memberCount: await memberCount(ground, sight.view, [{ object, relation, source: byHand }]),
        mappings: mappings.map((each) => withoutProvided(mappingOf(sight, object, each))),
      }
    })
  })
}

/** By the provider's groups, so many of which are a page. @throws Fault as listProvided */
export function listMappings(ground: Ground, visit: Visit & PageRequest): Promise<Looked<Page<Mapping>>> {
  return look(ground, visit, async (sight) => {
    await demandMapping(sight)
    const { type } = identityOf(sight)
    const { rows, continuationToken } = await pageOf(
      ground,
      sight,
      type,
      visit,
      { mappings: true },
      async (id) => {
        const found = await seenMappings(sight, `${type}:${id}`)
        return found.length === 0 ? undefined : found.map((each) => mappingOf(sight, `${type}:${id}`, each))
      },
    )
    return { rows: rows.flat(), continuationToken }
  })
}

/**
 * The mapping, and whether it was made just now.
 * @throws Fault forbidden, plan_required, unknown_reference, invalid_field: the role; already_exists: mapped in another role
 */
export function addMapping(
  ground: Ground,
  request: ActRequest & { readonly mapping: NewMapping | NewMappedGroup },
): Promise<Acted<{ readonly mapping: Mapping; readonly isNew: boolean }>> {
  return act(ground, request, async (draft) => {
    const { mapping } = request
    await demandMapping(draft)
    if ('createGroup' in mapping) {
      await demandCreation(draft)
      const { object: idp, name } = providedIn(draft, mapping)
      const object = await enterMapped(draft, idp, name, mapping.role, mapping)
      const way = wayFor(draft, mapping.role, 'role')
      return { mapping: mappingOf(draft, idp, { ...way, object }), isNew: true }
    }
    const { idp, object, way, held } = await wanted(draft, mapping, '')
    if (held !== undefined && held.relation !== way.relation) {
      throw new Fault('already_exists', `it is mapped already, as ${held.role.id}`, {
        field: 'role',
        hint: 'unmap it first, or put all mappings at once',
      })
    }
    if (held === undefined) writeMapping(draft, idp, object, way)
    return { mapping: mappingOf(draft, idp, { ...way, object }), isNew: held === undefined }
  })
}

/**
 * These in place of all that the acting user may know of. Costs a look at each of the provider's groups, in the commit.
 * @throws Fault as addMapping; invalid_field: one pair twice
 */
export function putMappings(
  ground: Ground,
  request: ActRequest & { readonly mappings: readonly NewMapping[] },
): Promise<Acted<readonly Mapping[]>> {
  return act(ground, request, async (draft) => {
    await demandMapping(draft)
    const stay = new Map<string, Mapping>()
    const before = await allMappings(draft)
    for (const [index, each] of request.mappings.entries()) {
      const field = `mappings[${index}].`
      const { idp, object, way, held } = await wanted(draft, each, field)
      const pair = `${idp} ${object}`
      if (stay.has(pair)) throw new Fault('invalid_field', 'it is mapped twice', { field: `${field}group` })
      stay.set(pair, mappingOf(draft, idp, { ...way, object }))
      if (held?.relation === way.relation) continue
      if (held !== undefined) await take(draft, idp, { ...held, object })
      writeMapping(draft, idp, object, way)
    }
    for (const { idp, ...each } of before)
      if (!stay.has(`${idp} ${each.object}`)) await take(draft, idp, each)
    return [...stay.values()]
  })
}

/** Takes what the mapping gave, and nothing else. @throws Fault not_found, forbidden, plan_required */
export function removeMapping(
  ground: Ground,
  request: ActRequest & { readonly idpGroup: string; readonly group: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    await demandMapping(draft)
    const { object: idp } = findIdpGroup(draft, request.idpGroup)
    const object = `${draft.group.type}:${request.group}`
    const held = mappingAt(draft, idp, object)
    if (held === undefined || !(await draft.discovers(object))) {
      throw notFound(`mapping of ${request.idpGroup} to ${request.group}`)
    }
    await take(draft, idp, { ...held, object })
    return undefined
  })
}

/**
 * One that came of sign-ins, with its mappings; it is made again when somebody signs in with it.
 * @throws Fault not_found, forbidden, managed_elsewhere: it is provisioned
 */
export function removeProvided(
  ground: Ground,
  request: ActRequest & { readonly idpGroup: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    await demandMapping(draft)
    const { id, object, attributes } = findIdpGroup(draft, request.idpGroup)
    if (attributes.provider === undefined) {
      throw new Fault('managed_elsewhere', `${object} is provisioned`, {
        hint: 'delete it at the identity provider',
      })
    }
    for (const each of await mappedTo(draft, object)) await take(draft, object, each)
    await dropIdpGroup(draft, id, attributes)
    return undefined
  })
}

/** @throws Fault feature_not_in_preset, not_in_preset, plan_required, forbidden */
async function demandMapping(sight: Sight): Promise<void> {
  identityOf(sight)
  await sight.demand('sso.map', sight.preset.organization.actions['sso.map'], sight.organization)
}

/** What a body asks for, by somebody who may give it. @param field - what precedes the fields' names */
async function wanted(draft: Draft, { group, role, ...provided }: NewMapping, field: string) {
  const { object } = await namedGroup(draft, group, `${field}group`)
  await draft.demand('sso.map', draft.group.actions['sso.map'], object)
  const way = wayFor(draft, role, `${field}role`)
  await draft.demand(`giving the role ${way.role.id}`, { relation: way.role.give }, object)
  const { object: idp } = providedIn(draft, provided, field)
  return { idp, object, way, held: mappingAt(draft, idp, object) }
}

async function take(draft: Draft, idp: string, { object, role, relation }: Mapped): Promise<void> {
  await draft.demand('sso.map', draft.group.actions['sso.map'], object)
  await draft.demand(`taking the role ${role.id}`, { relation: role.take }, object)
  deleteMapping(draft, idp, object, { role, relation })
}

function providedIn(
  draft: Draft,
  { idpGroup, claim, provider = defaultProvider }: Provided,
  field = '',
): { readonly object: string; readonly name: string } {
  const groups = idpGroups(draft)
  if (claim !== undefined && idpGroup === undefined) {
    return { object: claimedGroup(draft, provider, claim).object, name: claim }
  }
  const found = idpGroup === undefined ? undefined : groups.at(draft, idpGroup)
  if (idpGroup === undefined || claim !== undefined) {
    throw new Fault('invalid_field', 'either `idpGroup` or `claim` is required', {
      field: `${field}idpGroup`,
    })
  }
  const object = `${groups.type}:${idpGroup}`
  if (found !== undefined) return { object, name: found.name }
  throw new Fault('unknown_reference', `there is no ${object} in this organization`, {
    field: `${field}idpGroup`,
  })
}

/** Those of groups that the acting user may know of. */
async function seenMappings(sight: Sight, idp: string): Promise<readonly Mapped[]> {
  const seen: Mapped[] = []
  for (const each of await mappedTo(sight, idp)) if (await sight.discovers(each.object)) seen.push(each)
  return seen
}

async function allMappings(draft: Draft): Promise<readonly (Mapped & { readonly idp: string })[]> {
  const { type } = identityOf(draft)
  const all: (Mapped & { readonly idp: string })[] = []
  let after: Uint8Array | undefined
  do {
    const { rows, next } = await draft.view.entities(type, 1000, after)
    for (const { id } of rows) {
      const idp = `${type}:${id}`
      all.push(...(await seenMappings(draft, idp)).map((each) => ({ ...each, idp })))
    }
    after = next
  } while (after !== undefined)
  return all
}

function mappingOf(sight: Sight, idp: string, { object, role }: Omit<Mapped, 'relation'>): Mapping {
  const { id, attributes } = findIdpGroup(sight, idOf(idp))
  const name = nameOf(sight, object)
  return {
    idpGroup: providedOf(id, attributes),
    group: { id: idOf(object), ...(name === undefined ? {} : { name }) },
    ...shownRole(sight, role),
  }
}

function withoutProvided({ idpGroup: _, ...mapping }: Mapping): JsonObject {
  return mapping
}

function providedOf(id: string, { name, provider }: IdpGroup): ProvidedGroup {
  return { id, name, ...(provider === undefined ? {} : { provider }) }
}
