/** Random calls of the management API: each as a request, with what the plain rules say of it, and what it then does. */
import type { PlainGroup, Rules, World } from './world.ts'

export interface Call {
  readonly actor: string
  readonly method: string
  readonly path: string
  readonly body?: object
  /** Why it must be refused, as statuses; any of them will do. Empty: it is done. */
  readonly refused: ReadonlySet<number>
  /** What it does to the world, given the answer. */
  readonly apply: (answer: { readonly id?: string }) => void
}

/** Whole numbers that choose; the same ones make the same call of the same world. */
export interface Choice {
  readonly verb: number
  readonly actor: number
  readonly one: number
  readonly two: number
  readonly three: number
}

export const userIds = ['u1', 'u2', 'u3', 'u4']
const resourceIds = ['r1', 'r2', 'r3']
const names = ['Sales', 'sales ', 'Tier 1', 'TIER  2', 'Tier 2']

const pick = <Item>(items: readonly Item[], choice: number): Item => items[choice % items.length] as Item
const folded = (name: string): string => name.trim().replace(/\s+/g, ' ').toLowerCase()

/** Statuses by reason, gathered. */
class Refusals {
  readonly statuses = new Set<number>()

  when(condition: boolean, ...statuses: readonly number[]): this {
    if (condition) for (const status of statuses) this.statuses.add(status)
    return this
  }
}

export function callOf(rules: Rules, world: World, choice: Choice): Call {
  const actor = pick(['boss', ...userIds, 'boss'], choice.actor)
  const call = pick(verbs, choice.verb)({ rules, world, actor, choice })
  // To those who are not in the organization it is not there.
  return world.users.has(actor) ? call : { ...call, refused: new Set([404]) }
}

interface Scene {
  readonly rules: Rules
  readonly world: World
  readonly actor: string
  readonly choice: Choice
}

type Verb = (scene: Scene) => Call

const verbs: readonly Verb[] = [
  createUser,
  createUser,
  changeUser,
  deleteUser,
  createGroup,
  createGroup,
  updateGroup,
  archiveGroup,
  deleteGroup,
  addMember,
  addMember,
  addMember,
  changeMember,
  removeMember,
  createResource,
  createResource,
  deleteResource,
  publish,
  attach,
  attach,
  detach,
  share,
  share,
  unshare,
]

/** The number that chooses a verb by its name. */
export function verbOf(name: string): number {
  return verbs.findIndex((verb) => verb.name === name)
}

function createUser({ rules, world, actor, choice }: Scene): Call {
  const id = pick(userIds, choice.one)
  const role = pick(rules.roles, choice.two)
  const refusals = new Refusals().when(!rules.managesUsers(world, actor), 403).when(world.users.has(id), 409)
  return {
    actor,
    method: 'POST',
    path: '/users',
    body: { id, role, name: id },
    refused: refusals.statuses,
    apply: () => world.users.set(id, role),
  }
}

function isLastAdmin({ users }: World, id: string): boolean {
  return users.get(id) === 'admin' && [...users.values()].filter((role) => role === 'admin').length === 1
}

function changeUser({ rules, world, actor, choice }: Scene): Call {
  const id = pick(userIds, choice.one)
  const role = pick(rules.roles, choice.two)
  const refusals = new Refusals()
    .when(!rules.managesUsers(world, actor), 403, 404)
    .when(!world.users.has(id), 404)
    .when(isLastAdmin(world, id) && role !== 'admin', 409)
  return {
    actor,
    method: 'PATCH',
    path: `/users/${id}`,
    body: { role },
    refused: refusals.statuses,
    apply: () => world.users.set(id, role),
  }
}

function deleteUser({ rules, world, actor, choice }: Scene): Call {
  const id = pick(userIds, choice.one)
  const owned = [...world.groups.values()].some((group) => isLastOwner(rules, group, id))
  const refusals = new Refusals()
    .when(!rules.managesUsers(world, actor), 403, 404)
    .when(!world.users.has(id), 404)
    .when(isLastAdmin(world, id) || owned, 409)
  return {
    actor,
    method: 'DELETE',
    path: `/users/${id}`,
    refused: refusals.statuses,
    apply: () => {
      world.users.delete(id)
      for (const { members } of world.groups.values()) members.delete(id)
      for (const resource of world.resources.values()) {
        resource.users.delete(id)
        // Nobody: what one made stays, and belongs to nobody.
        if (resource.maker === id) Object.assign(resource, { maker: '' })
      }
    },
  }
}

function isLastOwner({ memberRoles }: Rules, { members }: PlainGroup, id: string): boolean {
  if (!memberRoles.includes('owner') || members.get(id) !== 'owner') return false
  return [...members.values()].filter((role) => role === 'owner').length === 1
}

/** A group that is there, mostly, and its id. */
function groupOf({ world, choice }: Scene): readonly [string, PlainGroup | undefined] {
  const id = pick([...world.groups.keys(), 'grp_nowhere'], choice.one)
  return [id, world.groups.get(id)]
}

/** Why nothing at all can be done with a group. */
function unseen(scene: Scene, id: string, group: PlainGroup | undefined): Refusals {
  const { rules, world, actor } = scene
  return new Refusals()
    .when(!rules.hasGroups, 403)
    .when(rules.hasGroups && (group === undefined || !rules.sees(world, actor, group, id)), 404)
}

/** What stands in the way of changing a group, by its state. */
function frozen({ rules, world }: Scene, group: PlainGroup | undefined): readonly number[] {
  return [
    403,
    ...(group?.archived === true ? [409] : []),
    ...(rules.hasPlans && world.plan === 'free' ? [403] : []),
  ]
}

function createGroup(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const name = pick(names, choice.one)
  const taken = [...world.groups.values()].some((group) => folded(group.name) === folded(name))
  const parentId =
    rules.hasHierarchy && choice.two % 2 === 0
      ? pick([...world.groups.keys(), 'grp_nowhere'], choice.three)
      : undefined
  const isPublic = rules.hasVisibility && choice.two % 2 === 0
  const refusals = new Refusals()
    .when(!rules.hasGroups || !rules.createsGroup(world, actor), 403)
    .when(taken, 409)
  if (parentId !== undefined) barParent(refusals, scene, parentId)
  return {
    actor,
    method: 'POST',
    path: '/groups',
    body: {
      name,
      ...(rules.hasHierarchy ? { description: 'one' } : {}),
      ...(parentId === undefined ? {} : { parentId }),
      ...(isPublic ? { visibility: 'public' } : {}),
    },
    refused: refusals.statuses,
    apply: ({ id = '' }) => {
      const members = new Map(rules.memberRoles.includes('owner') ? [[actor, 'owner']] : [])
      world.groups.set(id, { name, members, parent: parentId, archived: false, isPublic })
    },
  }
}

/** What stands in the way of putting a group below another: what that may do is given on. */
function barParent(refusals: Refusals, scene: Scene, id: string): void {
  const { rules, world, actor } = scene
  const parent = world.groups.get(id)
  if (parent === undefined || !rules.sees(world, actor, parent, id)) refusals.when(true, 422)
  else refusals.when(!rules.changes(world, actor, parent), ...frozen(scene, parent))
}

/** Every group above one. */
function above(world: World, id: string): readonly string[] {
  const parent = world.groups.get(id)?.parent
  return parent === undefined ? [] : [parent, ...above(world, parent)]
}

function updateGroup(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const refusals = unseen(scene, id, group).when(
    group !== undefined && !rules.changes(world, actor, group),
    ...frozen(scene, group),
  )
  const call = { actor, method: 'PATCH', path: `/groups/${id}`, refused: refusals.statuses }
  if (rules.hasHierarchy) {
    const parentId = pick([null, ...world.groups.keys()], choice.two)
    const isCycle = parentId !== null && (parentId === id || above(world, parentId).includes(id))
    refusals.when(isCycle, 409)
    if (parentId !== null && parentId !== group?.parent) barParent(refusals, scene, parentId)
    return {
      ...call,
      body: { parentId },
      apply: () => group && Object.assign(group, { parent: parentId ?? undefined }),
    }
  }
  if (rules.hasVisibility) {
    const visibility = pick(['public', 'private'], choice.two)
    return {
      ...call,
      body: { visibility },
      apply: () => group && Object.assign(group, { isPublic: visibility === 'public' }),
    }
  }
  const name = pick(names, choice.two)
  const taken = [...world.groups].some(
    ([other, { name: its }]) => other !== id && folded(its) === folded(name),
  )
  refusals.when(taken, 409)
  return { ...call, body: { name }, apply: () => group && Object.assign(group, { name }) }
}

function archiveGroup(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const archived = choice.two % 2 === 0
  const refusals = unseen(scene, id, group)
    .when(!rules.hasHierarchy, 422)
    .when(group !== undefined && rules.hasHierarchy && !rules.archives(world, actor, group), 403)
  return {
    actor,
    method: 'POST',
    path: `/groups/${id}/${archived ? 'archive' : 'unarchive'}`,
    refused: refusals.statuses,
    apply: () => group && Object.assign(group, { archived }),
  }
}

function deleteGroup(scene: Scene): Call {
  const { rules, world, actor } = scene
  const [id, group] = groupOf(scene)
  const refusals = unseen(scene, id, group).when(
    group !== undefined && !rules.deletes(world, actor, group),
    403,
  )
  return {
    actor,
    method: 'DELETE',
    path: `/groups/${id}`,
    refused: refusals.statuses,
    apply: () => {
      world.groups.delete(id)
      for (const other of world.groups.values()) if (other.parent === id) other.parent = undefined
      for (const { groups } of world.resources.values()) groups.delete(id)
    },
  }
}

function addMember(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const user = pick(userIds, choice.two)
  const role = rules.memberRoles.length === 0 ? 'member' : pick(rules.memberRoles, choice.three)
  const held = group?.members.get(user)
  const refusals = unseen(scene, id, group)
    .when(group !== undefined && !rules.handles(world, actor, group, role), ...frozen(scene, group))
    .when(!world.users.has(user), 422)
    .when(held !== undefined && held !== role, 409)
  return {
    actor,
    method: 'POST',
    path: `/groups/${id}/members`,
    body: { user, ...(rules.memberRoles.length === 0 ? {} : { role }) },
    refused: refusals.statuses,
    apply: () => group?.members.set(user, role),
  }
}

function changeMember(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const user = pick(userIds, choice.two)
  const role = pick([...rules.memberRoles, 'nothing'], choice.three)
  // Who changes roles is whoever handles the highest.
  const [highest = ''] = rules.memberRoles
  const refusals = unseen(scene, id, group)
    .when(rules.memberRoles.length === 0, 422)
    .when(role === 'nothing', 422)
    .when(group !== undefined && !rules.handles(world, actor, group, highest), ...frozen(scene, group))
    .when(group !== undefined && !group.members.has(user), 404)
    .when(group !== undefined && role !== 'owner' && isLastOwner(rules, group, user), 409)
  return {
    actor,
    method: 'PATCH',
    path: `/groups/${id}/members/${user}`,
    body: { role },
    refused: refusals.statuses,
    apply: () => group?.members.set(user, role),
  }
}

function removeMember(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const user = pick(userIds, choice.two)
  const held = group?.members.get(user)
  const lowest = rules.memberRoles.at(-1) ?? 'member'
  const refusals = unseen(scene, id, group)
    .when(group !== undefined && !rules.handles(world, actor, group, held ?? lowest), ...frozen(scene, group))
    .when(group !== undefined && held === undefined, 404)
    .when(group !== undefined && isLastOwner(rules, group, user), 409)
  return {
    actor,
    method: 'DELETE',
    path: `/groups/${id}/members/${user}`,
    refused: refusals.statuses,
    apply: () => group?.members.delete(user),
  }
}

function createResource({ rules, world, actor, choice }: Scene): Call {
  const id = pick(resourceIds, choice.one)
  const refusals = new Refusals()
    .when(!rules.createsResource(world, actor), 403)
    .when(world.resources.has(id), 409)
  return {
    actor,
    method: 'POST',
    path: `/resources/${rules.kind}`,
    body: { id, name: id },
    refused: refusals.statuses,
    apply: () => world.resources.set(id, { maker: actor, live: false, users: new Map(), groups: new Map() }),
  }
}

function deleteResource({ rules, world, actor, choice }: Scene): Call {
  const id = pick(resourceIds, choice.one)
  const resource = world.resources.get(id)
  const refusals = new Refusals()
    .when(resource === undefined || !rules.finds(world, actor, resource), 404)
    .when(resource !== undefined && !rules.removes(world, actor, resource), 403)
  return {
    actor,
    method: 'DELETE',
    path: `/resources/${rules.kind}/${id}`,
    refused: refusals.statuses,
    apply: () => world.resources.delete(id),
  }
}

function publish({ rules, world, actor, choice }: Scene): Call {
  const id = pick(resourceIds, choice.one)
  const resource = world.resources.get(id)
  const live = choice.two % 2 === 0
  const refusals = new Refusals()
    .when(resource === undefined || !rules.finds(world, actor, resource), 404)
    .when(rules.publishes === undefined, 422)
    .when(resource !== undefined && rules.publishes?.(world, actor, resource) === false, 403)
  return {
    actor,
    method: 'POST',
    path: `/resources/${rules.kind}/${id}/${live ? 'publish' : 'unpublish'}`,
    refused: refusals.statuses,
    apply: () => resource && Object.assign(resource, { live }),
  }
}

function attach(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const resourceId = pick(resourceIds, choice.two)
  const resource = world.resources.get(resourceId)
  const level = rules.groupLevels.length === 0 ? 'access' : pick(rules.groupLevels, choice.three)
  const refusals = unseen(scene, id, group)
    .when(resource === undefined || !rules.finds(world, actor, resource), 422)
    .when(group !== undefined && !rules.assigns(world, actor, group, id), ...frozen(scene, group))
    .when(resource !== undefined && !rules.shares(world, actor, resource), 403)
    .when(rules.needsMembers && !hasMembers(world, id), 409)
  return {
    actor,
    method: 'POST',
    path: `/groups/${id}/resources/${rules.kind}`,
    body: { ids: [resourceId], level },
    refused: refusals.statuses,
    apply: () => resource?.groups.set(id, level),
  }
}

/** Somebody who would have what the group is given. */
function hasMembers(world: World, id: string): boolean {
  const group = world.groups.get(id)
  if (group === undefined) return false
  return (
    group.members.size > 0 ||
    [...world.groups].some(
      ([child, { parent, archived }]) => parent === id && !archived && hasMembers(world, child),
    )
  )
}

function detach(scene: Scene): Call {
  const { rules, world, actor, choice } = scene
  const [id, group] = groupOf(scene)
  const resourceId = pick(resourceIds, choice.two)
  const resource = world.resources.get(resourceId)
  const refusals = unseen(scene, id, group)
    .when(resource === undefined || !rules.finds(world, actor, resource), 404)
    .when(resource?.groups.has(id) !== true, 404)
    .when(group !== undefined && !rules.takesBack(world, actor), ...frozen(scene, group))
    .when(rules.hasPlans && group?.archived === true, 409)
    .when(resource !== undefined && !rules.shares(world, actor, resource), 403)
  return {
    actor,
    method: 'DELETE',
    path: `/groups/${id}/resources/${rules.kind}/${resourceId}`,
    refused: refusals.statuses,
    apply: () => resource?.groups.delete(id),
  }
}

function share({ rules, world, actor, choice }: Scene): Call {
  const id = pick(resourceIds, choice.one)
  const resource = world.resources.get(id)
  const user = pick(userIds, choice.two)
  const level = rules.userLevels.length === 0 ? 'access' : pick(rules.userLevels, choice.three)
  const refusals = new Refusals()
    .when(resource === undefined || !rules.finds(world, actor, resource), 404)
    .when(resource !== undefined && !rules.shares(world, actor, resource), 403)
    .when(!world.users.has(user), 422)
    .when(rules.userLevels.length === 0, 403, 422)
  return {
    actor,
    method: 'POST',
    path: `/resources/${rules.kind}/${id}/shares`,
    body: { user, level },
    refused: refusals.statuses,
    apply: () => resource?.users.set(user, level),
  }
}

function unshare({ rules, world, actor, choice }: Scene): Call {
  const id = pick(resourceIds, choice.one)
  const resource = world.resources.get(id)
  const user = pick(userIds, choice.two)
  const refusals = new Refusals()
    .when(resource === undefined || !rules.finds(world, actor, resource), 404)
    .when(resource !== undefined && !rules.shares(world, actor, resource), 403)
    .when(!world.users.has(user), 422)
    .when(resource?.users.has(user) !== true, 404, 422)
  return {
    actor,
    method: 'DELETE',
    path: `/resources/${rules.kind}/${id}/shares?user=${user}`,
    refused: refusals.statuses,
    apply: () => resource?.users.delete(user),
  }
}
