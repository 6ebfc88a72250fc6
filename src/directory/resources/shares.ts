/** A resource's shares: who was given it, and at which level. What several levels come to, the model says. */
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Ground } from '../ground.ts'
import type { Page, PageRequest } from '../lists/page.ts'
import { pageOfSegments } from '../lists/segments.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { demandActiveUser, demandUser, isActor } from '../people/users.ts'
import type { Level, ResourceKind } from '../preset/preset.ts'
import { type Sight, userType } from '../sight.ts'
import { demandGroup, type Given, giveTo, takeFrom } from './giving.ts'
import { levelOf, subjectAt } from './levels.ts'
import { type Found, findResource, type ResourceName } from './resource.ts'

/** Either of the two. */
export interface Holder {
  readonly user?: string
  readonly group?: string
}

export interface Share {
  readonly kind: 'user' | 'group'
  readonly id: string
  readonly name?: string
  readonly level: string
}

/** In place of the level that the holder had. @throws Fault invalid_field, unknown_reference, and as `giveTo` */
export function share(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly holder: Holder; readonly level?: string },
): Promise<Acted<Share & Pick<Given, 'isNew'>>> {
  return act(ground, request, async (draft) => {
    const found = await shareable(draft, request)
    const holder = await holderOf(draft, request.holder)
    const level = levelOf(found.kind, request.level)
    const [given] = await giveTo(draft, found.kind, [found.object], holder, level)
    return { ...shareOf(draft, holder, level), isNew: given?.isNew === true }
  })
}

/** @throws Fault invalid_field, unknown_reference, and as `takeFrom` */
export function unshare(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly holder: Holder },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const found = await shareable(draft, request)
    // Also from those who are inactive: they would have it again.
    const holder = await holderOf(draft, request.holder, demandUser)
    await takeFrom(draft, found.kind, found.object, holder)
    return undefined
  })
}

/** Highest level first; without the groups that the acting user may not know of. @throws Fault not_found, forbidden */
export function listShares(
  ground: Ground,
  visit: Visit & ResourceName & PageRequest,
): Promise<Looked<Page<Share>>> {
  return look(ground, visit, async (sight) => {
    const { kind, object } = findResource(sight, visit)
    await sight.demand('shares.view', kind.actions['shares.view'], object)
    const segments = kind.levels.map((level) => ({
      filter: { object, relation: level.relation },
      of: level,
    }))
    const question = { object, actor: visit.actor }
    return await pageOfSegments(ground, sight, segments, visit, question, async ({ subject }, level) => {
      const [holder = subject] = subject.split('#')
      if (subjectAt(level, holder) !== subject) return undefined
      if (typeOf(holder) !== userType && !(await sight.discovers(holder))) return undefined
      return shareOf(sight, holder, level)
    })
  })
}

/**
 * The highest level that a user has by any way; undefined: none. For those who may see the shares, and for the user.
 * @throws Fault not_found, forbidden, unknown_reference
 */
export function effectiveRole(
  ground: Ground,
  visit: Visit & ResourceName & { readonly user: string },
): Promise<Looked<Level | undefined>> {
  return look(ground, visit, async (sight) => {
    const { kind, object } = findResource(sight, visit)
    // Before anything is said of the user: to whom the resource is hidden, it is not there.
    if (isActor(sight, visit.user)) {
      await sight.demand('view', kind.actions.discover ?? kind.actions.view, object)
    } else {
      await sight.demand('shares.view', kind.actions['shares.view'], object)
    }
    const user = `${userType}:${demandUser(sight, visit.user, 'user')}`
    return await highestLevel(sight, kind, object, user)
  })
}

async function highestLevel(
  sight: Sight,
  { levels }: ResourceKind,
  object: string,
  user: string,
): Promise<Level | undefined> {
  for (const level of levels) if (await sight.may(level.effect ?? level.relation, object, user)) return level
  return undefined
}

/** The resource of a share, if the acting user may share it: asked before the holder is looked up. */
async function shareable(sight: Sight, name: ResourceName): Promise<Found> {
  const found = findResource(sight, name)
  await sight.demand('share', found.kind.actions.share, found.object)
  return found
}

async function holderOf(
  sight: Sight,
  { user, group }: Holder,
  demandPerson: typeof demandUser = demandActiveUser,
): Promise<string> {
  if ((user === undefined) === (group === undefined)) {
    throw new Fault('invalid_field', 'either `user` or `group` is required', { field: 'user' })
  }
  if (group !== undefined) return await demandGroup(sight, group, 'group')
  return `${userType}:${demandPerson(sight, user ?? '', 'user')}`
}

function shareOf(sight: Sight, holder: string, level: Level): Share {
  const id = idOf(holder)
  const name = sight.entity(typeOf(holder), id)?.name
  const kind = typeOf(holder) === userType ? 'user' : 'group'
  return { kind, id, ...(typeof name === 'string' ? { name } : {}), level: level.id }
}
