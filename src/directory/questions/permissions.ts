/**
 * The permissions view: who can do what to what, and through what. Rows are the engine's lists, and the ways behind them
 * its proofs; nothing is worked out beside it.
 */
import { explain } from '../../engine/explain.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import { reviewDueAt } from '../groups/group.ts'
import { nameOf } from '../lists/entity-name.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { demandInside, type Looked, look, openSight, type Visit } from '../look.ts'
import type { Permission } from '../preset/preset.ts'
import { demandRelation, storedType } from '../preset/words.ts'
import { notFound } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import { chainOf, type Node, objectOf } from './chain.ts'
import { type Grant, holdersOf, type Place, reachOf } from './reach.ts'

export interface PermissionsRequest extends Visit, PageRequest {
  /** What it is about, by the product's words: `user: ann`, `group: eng`, `bot: b`; a user or a group, an object, or both. */
  readonly about: Readonly<Record<string, string>>
  /** What is looked for: kinds of objects that a user or group reaches, or who reaches an object: `user`, `group`. */
  readonly type?: string
  /** Only this one; absent: those that the preset names. */
  readonly relation?: string
}

/** One subject and one object. */
export interface PermissionRow extends JsonObject {
  readonly subject: string
  readonly object: string
  readonly permissions: readonly string[]
  readonly via: readonly Way[]
}

/** How some of the permissions come about: the subject, and then wherever a tuple puts the one before. */
interface Way extends JsonObject {
  readonly permissions: readonly string[]
  readonly chain: readonly Node[]
}

export interface Permissions extends Page<PermissionRow> {
  /** What was asked about; of a group also when its members were last looked through. */
  readonly about: readonly JsonObject[]
}

/** Milliseconds of explaining after which a page ends, however short. */
const explainingMs = 2_000

/**
 * In order of what is looked for. A page may be shorter than asked for where ways are many.
 * @throws Fault not_found, invalid_field, not_in_preset, forbidden
 */
export function permissions(ground: Ground, request: PermissionsRequest): Promise<Looked<Permissions>> {
  return look(ground, request, async (sight) => {
    const { about, grants } = await grantsFor(sight, request)
    const limit = pageSizeOf(request.pageSize)
    const { pageSize: _, continuationToken: token, org, actor: __, atLeastAsFresh: ___, ...asked } = request
    const cursor = ground.service.cursors.for('permissions', org, asked)
    const position = cursor.open(token)
    const after = position === undefined ? '' : Buffer.from(position).toString()
    const rows: PermissionRow[] = []
    const until = performance.now() + explainingMs
    for (const grant of grants) {
      if (after !== '' && !isAfter(keyOf(grant), after)) continue
      const isFull = rows.length === limit || (rows.length > 0 && performance.now() > until)
      const last = rows.at(-1)
      if (isFull && last !== undefined) {
        return { about, rows, continuationToken: cursor.seal(Buffer.from(keyOf(last))) }
      }
      rows.push(await rowOf(sight, grant))
    }
    return { about, rows, continuationToken: '' }
  })
}

/** All of them, at one revision, as they are explained. End the iteration. @throws Fault as `permissions` does */
export async function* allPermissions(
  ground: Ground,
  request: PermissionsRequest,
): AsyncGenerator<PermissionRow> {
  const { sight, release } = await openSight(ground, request)
  try {
    await demandInside(sight)
    const { grants } = await grantsFor(sight, request)
    for (const grant of grants) yield await rowOf(sight, grant)
  } finally {
    release()
  }
}

/** What rows are made of, before they are explained. */
async function grantsFor(
  sight: Sight,
  request: PermissionsRequest,
): Promise<{ readonly about: readonly JsonObject[]; readonly grants: readonly Grant[] }> {
  const { subject, object } = aboutOf(sight, request)
  await demandView(sight, object === undefined ? subject : undefined)
  for (const each of [subject, object]) if (each !== undefined) demandThere(sight, objectOf(each))
  const about = [subject, object].flatMap((each) =>
    each === undefined ? [] : [shown(sight, objectOf(each))],
  )
  const isOfPeople = request.type === userType && request.about.group !== undefined
  if (subject !== undefined && !isOfPeople) {
    const reached = await reachOf(sight, subject, placesOf(sight, request, object), request.q)
    return {
      about,
      grants: object === undefined ? reached : reached.filter((each) => each.object === object),
    }
  }
  // The people of a group: it is the object then.
  const target = object ?? (subject === undefined ? undefined : objectOf(subject))
  if (target === undefined) throw noAnchor()
  const permissions = permissionsOf(sight, typeOf(target), request.relation)
  const filter = filterOf(sight, request.type)
  return { about, grants: await holdersOf(sight, target, permissions, filter, request.q) }
}

/** Whoever may see permissions, and anybody its own. @throws Fault forbidden, not_in_preset */
export async function demandView(sight: Sight, subject?: string): Promise<void> {
  if (subject === sight.actor) return
  const { actions } = sight.preset.organization
  await sight.demand('permissions.view', actions['permissions.view'], sight.organization)
}

/** @throws Fault invalid_field, not_in_preset */
function aboutOf(
  sight: Sight,
  { about }: PermissionsRequest,
): { readonly subject: string | undefined; readonly object: string | undefined } {
  const { user, group, ...objects } = about
  const [object, ...others] = Object.entries(objects)
  if ((user !== undefined && group !== undefined) || others.length > 0) throw noAnchor()
  const subject =
    group === undefined
      ? user && `${userType}:${user}`
      : `${sight.group.type}:${group}#${sight.group.memberRelation}`
  if (object === undefined) {
    if (subject === undefined) throw noAnchor()
    return { subject, object: undefined }
  }
  const [word, id] = object
  return { subject, object: `${sight.kind(word).type}:${id}` }
}

function noAnchor(): Fault {
  return new Fault('invalid_field', 'name one user or group, one resource by its kind, or one of each', {
    field: 'user',
    hint: '?user=ID, ?group=ID, or a kind of resource: ?agent=ID',
  })
}

/** @throws Fault not_found */
function demandThere(sight: Sight, object: string): void {
  if (sight.entity(typeOf(object), idOf(object)) === undefined) throw notFound(object)
}

/** Where a subject is looked for: the kinds of resources, or the one type that was asked for. */
export function placesOf(
  sight: Sight,
  { type: word, relation }: Pick<PermissionsRequest, 'type' | 'relation'>,
  object?: string,
): readonly Place[] {
  const { preset, model } = sight
  const asked = object === undefined ? word && storedType(preset, word) : typeOf(object)
  const known = [
    ...Object.values(preset.resources),
    ...(asked === undefined ? [] : [preset.organization, ...(preset.group ? [preset.group] : [])]),
  ].filter(({ type }) => asked === undefined || asked === type)
  if (known.length === 0) sight.kind(word ?? '')
  const having = known.filter(
    ({ type }) => relation === undefined || model.relation(type, relation) !== undefined,
  )
  if (relation !== undefined && having.length === 0) {
    for (const { type } of known) demandRelation(preset, model, type, relation)
  }
  return having
    .map(({ type }) => ({ type, permissions: permissionsOf(sight, type, relation) }))
    .sort((one, other) => (one.type < other.type ? -1 : 1))
}

/** @throws Fault not_in_preset */
function permissionsOf(sight: Sight, type: string, relation: string | undefined): readonly Permission[] {
  const { preset, model } = sight
  if (relation !== undefined) {
    demandRelation(preset, model, type, relation)
    return [{ relation, label: relation }]
  }
  return sight.permissionsOn(type)
}

/** @throws Fault invalid_field, not_in_preset */
function filterOf(sight: Sight, type = userType): { readonly type: string; readonly relation?: string } {
  if (type === userType) return { type }
  if (type === 'group') return { type: sight.group.type, relation: sight.group.memberRelation }
  throw new Fault('invalid_field', '`type` of who reaches it is user or group', { field: 'type' })
}

async function rowOf(sight: Sight, { subject, object, permissions }: Grant): Promise<PermissionRow> {
  const ways = new Map<string, { permissions: string[]; chain: readonly Node[] }>()
  for (const relation of permissions) {
    const { path = [] } = await explain(sight.scope(), { object, relation, subject })
    const chain = chainOf(sight, subject, path)
    const key = JSON.stringify(chain)
    const way = ways.get(key)
    if (way === undefined) ways.set(key, { permissions: [relation], chain })
    else way.permissions.push(relation)
  }
  const via = [...ways.values()]
  return {
    subject,
    ...named('subjectName', nameOf(sight, objectOf(subject))),
    object,
    ...named('objectName', nameOf(sight, object)),
    permissions,
    ...(await standingOf(sight, subject, object, via)),
    via,
  }
}

/** The highest level, or role, that it comes to. */
async function standingOf(
  sight: Sight,
  subject: string,
  object: string,
  via: readonly Way[],
): Promise<JsonObject> {
  const { group } = sight.preset
  const kind = sight.kindOfType(typeOf(object))
  const grades = typeOf(object) === group?.type ? group.memberRoles : (kind?.levels ?? [])
  for (const { id, relation } of grades) {
    // Some levels are relations of groups alone: who has one is then seen from the way.
    const isOnWay = via.some(({ chain }) =>
      chain.some((node) => node.object === object && node.relation === relation),
    )
    if (!isOnWay && !(await sight.may(relation, object, subject))) continue
    return kind === undefined ? { role: id } : { level: id }
  }
  return {}
}

function shown(sight: Sight, object: string): JsonObject {
  const attributes = sight.entity(typeOf(object), idOf(object)) ?? {}
  const about = { object, ...named('name', nameOf(sight, object)) }
  if (typeOf(object) !== sight.preset.group?.type) return about
  const { reviewedAt } = attributes
  const due = reviewDueAt(sight, attributes)
  return {
    ...about,
    ...(typeof reviewedAt === 'number' ? { reviewedAt: new Date(reviewedAt).toISOString() } : {}),
    ...(due === undefined ? {} : { reviewDueAt: new Date(due).toISOString() }),
  }
}

function named(field: string, name: string | undefined): JsonObject {
  return name === undefined ? {} : { [field]: name }
}

/** What makes a row one of its kind, in the order of the rows. */
function keyOf({ subject, object }: Pick<Grant, 'subject' | 'object'>): string {
  return `${object}\n${subject}`
}

/** INVARIANT: rows are of one subject or of one object, so one of the two parts is the same in all. */
function isAfter(key: string, last: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(last)) > 0
}
