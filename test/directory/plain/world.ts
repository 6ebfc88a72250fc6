/**
 * An organization as a plain object, and the rules of the products over it, written from what the products say of
 * themselves and never from the presets: the judge of random.test.ts. No graph, no tuples, no inheritance of code.
 */

export interface PlainGroup {
  readonly name: string
  /** User -> role. */
  readonly members: Map<string, string>
  parent: string | undefined
  archived: boolean
  isPublic: boolean
}

interface PlainResource {
  readonly maker: string
  live: boolean
  /** User -> level. */
  readonly users: Map<string, string>
  /** Group -> level. */
  readonly groups: Map<string, string>
}

export interface World {
  /** User -> role in the organization. */
  readonly users: Map<string, string>
  readonly groups: Map<string, PlainGroup>
  readonly resources: Map<string, PlainResource>
  plan: string
}

export function emptyWorld(): World {
  return {
    users: new Map([['boss', 'admin']]),
    groups: new Map(),
    resources: new Map(),
    plan: 'free',
  }
}

/** The rules of one product. Everything is about somebody who is in the organization. */
export interface Rules {
  readonly preset: string
  /** What a role in the organization may be. */
  readonly roles: readonly string[]
  /** Roles in groups; empty: requests name none. */
  readonly memberRoles: readonly string[]
  readonly hasGroups: boolean
  readonly hasHierarchy: boolean
  readonly hasVisibility: boolean
  readonly hasPlans: boolean
  /** Whether a group without members is given nothing. */
  readonly needsMembers: boolean
  /** The word for the one kind of resource that is tried, and its stored type. */
  readonly kind: string
  readonly type: string
  /** What groups, and what users, can be given. */
  readonly groupLevels: readonly string[]
  readonly userLevels: readonly string[]
  readonly managesUsers: (world: World, actor: string) => boolean
  readonly createsGroup: (world: World, actor: string) => boolean
  readonly createsResource: (world: World, actor: string) => boolean
  readonly sees: (world: World, actor: string, group: PlainGroup, id: string) => boolean
  /** To put somebody in with a role, or take one out who has it. */
  readonly handles: (world: World, actor: string, group: PlainGroup, role: string) => boolean
  readonly changes: (world: World, actor: string, group: PlainGroup) => boolean
  readonly deletes: (world: World, actor: string, group: PlainGroup) => boolean
  /** Archiving, and taking out of the archive. */
  readonly archives: (world: World, actor: string, group: PlainGroup) => boolean
  /** To give a group a resource, besides what the resource demands. */
  readonly assigns: (world: World, actor: string, group: PlainGroup, id: string) => boolean
  readonly takesBack: (world: World, actor: string) => boolean
  readonly finds: (world: World, actor: string, resource: PlainResource) => boolean
  readonly shares: (world: World, actor: string, resource: PlainResource) => boolean
  readonly removes: (world: World, actor: string, resource: PlainResource) => boolean
  /** Absent: what is made is live. */
  readonly publishes?: (world: World, actor: string, resource: PlainResource) => boolean
  /** Relation -> whether the user has it. */
  readonly answers: (world: World, user: string, resource: PlainResource) => Readonly<Record<string, boolean>>
}

const roleOf = ({ users }: World, user: string): string => users.get(user) ?? ''
const is = (world: World, user: string, ...roles: readonly string[]): boolean =>
  roles.includes(roleOf(world, user))

/** Whether somebody is a member, of the group or of a group below it. An archived group gives and passes on nothing. */
function belongs(world: World, user: string, id: string): boolean {
  const group = world.groups.get(id)
  if (group === undefined || group.archived) return false
  if (group.members.has(user)) return true
  return [...world.groups].some(([child, { parent }]) => parent === id && belongs(world, user, child))
}

/** Every level that somebody was given, by any way. */
function levelsOf(world: World, user: string, resource: PlainResource): readonly string[] {
  const own = resource.users.get(user)
  const through = [...resource.groups].flatMap(([id, level]) => (belongs(world, user, id) ? [level] : []))
  return own === undefined ? through : [own, ...through]
}

/** Groups as administrators keep them: everybody in one is alike. */
const kept = (preset: string, kind: string, type: string, relations: readonly string[]): Rules => {
  const admin = (world: World, actor: string) => is(world, actor, 'admin')
  const reaches = (world: World, user: string, resource: PlainResource) =>
    levelsOf(world, user, resource).length > 0
  return {
    preset,
    kind,
    type,
    roles: ['admin', 'member'],
    memberRoles: [],
    hasGroups: true,
    hasHierarchy: false,
    hasVisibility: false,
    hasPlans: false,
    needsMembers: false,
    groupLevels: ['access'],
    userLevels: [],
    managesUsers: admin,
    createsGroup: admin,
    createsResource: admin,
    sees: admin,
    handles: admin,
    changes: admin,
    deletes: admin,
    archives: () => false,
    assigns: admin,
    takesBack: admin,
    finds: (world, actor, resource) => admin(world, actor) || reaches(world, actor, resource),
    shares: admin,
    removes: admin,
    answers: (world, user, resource) =>
      Object.fromEntries(relations.map((relation) => [relation, reaches(world, user, resource)])),
  }
}

const sharing: Rules = {
  preset: 'sharing',
  kind: 'assistant',
  type: 'assistant',
  roles: ['admin', 'creator', 'member', 'consumer'],
  memberRoles: ['owner', 'editor', 'viewer'],
  hasGroups: true,
  hasHierarchy: false,
  hasVisibility: true,
  hasPlans: false,
  needsMembers: false,
  groupLevels: ['editor', 'viewer'],
  userLevels: ['editor', 'viewer'],
  managesUsers: (world, actor) => is(world, actor, 'admin'),
  createsGroup: (world, actor) => is(world, actor, 'admin', 'creator', 'member'),
  createsResource: (world, actor) => is(world, actor, 'admin', 'creator'),
  sees: (_, actor, group) => group.isPublic || group.members.has(actor),
  handles: (world, actor, group, role) => {
    const own = group.members.get(actor)
    if (is(world, actor, 'consumer')) return false
    return role === 'owner' ? own === 'owner' : own === 'owner' || own === 'editor'
  },
  changes: (world, actor, group) => group.members.get(actor) === 'owner' && !is(world, actor, 'consumer'),
  deletes: (world, actor, group) => group.members.get(actor) === 'owner' && !is(world, actor, 'consumer'),
  archives: () => false,
  assigns: (_, actor, group) => group.isPublic || group.members.has(actor),
  takesBack: () => true,
  finds: (world, actor, resource) => resource.maker === actor || levelsOf(world, actor, resource).length > 0,
  shares: (world, actor, resource) =>
    resource.maker === actor || levelsOf(world, actor, resource).includes('editor'),
  removes: (_, actor, resource) => resource.maker === actor,
  answers: (world, user, resource) => {
    const levels = levelsOf(world, user, resource)
    const edits = resource.maker === user || levels.includes('editor')
    return { can_modify: edits, can_share: edits, can_use: edits || levels.includes('viewer') }
  },
}

const includesGroups = ({ plan }: World): boolean => plan !== 'free'
const configures = (world: World, user: string): boolean => is(world, user, 'admin', 'configure')

const enterprise: Rules = {
  preset: 'enterprise',
  kind: 'agent',
  type: 'agent',
  roles: ['admin', 'configure', 'train', 'readonly'],
  memberRoles: ['manager', 'member'],
  hasGroups: true,
  hasHierarchy: true,
  hasVisibility: false,
  hasPlans: true,
  needsMembers: true,
  groupLevels: ['edit', 'view_use'],
  userLevels: ['edit', 'view_use'],
  managesUsers: (world, actor) => is(world, actor, 'admin'),
  createsGroup: (world, actor) => is(world, actor, 'admin') && includesGroups(world),
  createsResource: configures,
  sees: (world, actor, group, id) =>
    configures(world, actor) || group.members.has(actor) || belongs(world, actor, id),
  handles: (world, actor, group, role) => {
    if (!includesGroups(world) || group.archived) return false
    if (is(world, actor, 'admin')) return true
    return role === 'member' && group.members.get(actor) === 'manager'
  },
  changes: (world, actor, group) => is(world, actor, 'admin') && includesGroups(world) && !group.archived,
  deletes: (world, actor) => is(world, actor, 'admin'),
  archives: (world, actor) => is(world, actor, 'admin') && includesGroups(world),
  assigns: (world, actor, group) => configures(world, actor) && includesGroups(world) && !group.archived,
  takesBack: (world, actor) => configures(world, actor) && includesGroups(world),
  finds: (world, actor, resource) => configures(world, actor) || levelsOf(world, actor, resource).length > 0,
  shares: configures,
  removes: configures,
  answers: (world, user, resource) => {
    const levels = levelsOf(world, user, resource)
    const edits = configures(world, user) || levels.includes('edit')
    return { can_edit: edits, can_query: edits || levels.includes('view_use') }
  },
}

const clientPortal: Rules = {
  preset: 'client-portal',
  kind: 'bot',
  type: 'bot',
  roles: ['admin', 'client'],
  memberRoles: [],
  hasGroups: false,
  hasHierarchy: false,
  hasVisibility: false,
  hasPlans: false,
  needsMembers: false,
  groupLevels: [],
  userLevels: ['client'],
  managesUsers: (world, actor) => is(world, actor, 'admin'),
  createsGroup: () => false,
  createsResource: (world, actor) => is(world, actor, 'admin'),
  sees: () => false,
  handles: () => false,
  changes: () => false,
  deletes: () => false,
  archives: () => false,
  assigns: () => false,
  takesBack: () => false,
  finds: (world, actor, resource) => is(world, actor, 'admin') || grantedTo(world, actor, resource),
  shares: (world, actor) => is(world, actor, 'admin'),
  // The prohibition: no admin deletes one, and nobody else is allowed to.
  removes: () => false,
  publishes: (world, actor) => is(world, actor, 'admin'),
  answers: (world, user, resource) => {
    const admin = is(world, user, 'admin')
    const granted = grantedTo(world, user, resource)
    return {
      can_configure: admin,
      can_configure_ui: admin || granted,
      can_edit: admin || granted,
      can_view_history: admin || granted,
      can_interact_history: admin || (granted && resource.live),
      can_use: admin || (granted && resource.live),
      can_delete: false,
    }
  },
}

function grantedTo(world: World, user: string, resource: PlainResource): boolean {
  return is(world, user, 'client') && resource.users.has(user)
}

const ladder = ['admin', 'configure', 'creator', 'contributor', 'reader'] as const
const isAtLeast = (world: World, user: string, rung: (typeof ladder)[number]): boolean =>
  is(world, user, ...ladder.slice(0, ladder.indexOf(rung) + 1))
const isOutsider = (world: World, user: string): boolean => is(world, user, 'consumer', 'client')

/** Whoever looks after a group as its owner, or as an administrator; archived or not. */
const heads = (world: World, actor: string, group: PlainGroup): boolean =>
  is(world, actor, 'admin') || (group.members.get(actor) === 'owner' && !isOutsider(world, actor))
const isChangeable = (world: World, group: PlainGroup): boolean => includesGroups(world) && !group.archived

const everything: Rules = {
  preset: 'default',
  kind: 'agent',
  type: 'agent',
  roles: [...ladder, 'consumer', 'client'],
  memberRoles: ['owner', 'manager', 'member'],
  hasGroups: true,
  hasHierarchy: true,
  hasVisibility: true,
  hasPlans: true,
  needsMembers: false,
  groupLevels: ['editor', 'viewer'],
  userLevels: ['editor', 'viewer', 'client'],
  managesUsers: (world, actor) => is(world, actor, 'admin'),
  createsGroup: (world, actor) => isAtLeast(world, actor, 'contributor') && includesGroups(world),
  createsResource: configures,
  sees: (world, actor, group, id) =>
    group.isPublic || is(world, actor, 'admin') || group.members.has(actor) || belongs(world, actor, id),
  handles: (world, actor, group, role) => {
    if (!isChangeable(world, group)) return false
    if (role !== 'member' || heads(world, actor, group)) return heads(world, actor, group)
    return group.members.get(actor) === 'manager' && !isOutsider(world, actor)
  },
  changes: (world, actor, group) => heads(world, actor, group) && isChangeable(world, group),
  deletes: heads,
  archives: (world, actor, group) => heads(world, actor, group) && includesGroups(world),
  assigns: (world, actor, group, id) =>
    everything.sees(world, actor, group, id) && isChangeable(world, group),
  takesBack: includesGroups,
  finds: (world, actor, resource) => everything.answers(world, actor, resource).can_view === true,
  shares: (world, actor, resource) => everything.answers(world, actor, resource).can_share === true,
  removes: (world, actor, resource) => resource.maker === actor || is(world, actor, 'admin'),
  publishes: (world, actor, resource) => resource.maker === actor || configures(world, actor),
  answers: (world, user, resource) => {
    const levels = levelsOf(world, user, resource)
    const steward = configures(world, user)
    const edits = resource.maker === user || levels.includes('editor')
    const views = edits || levels.includes('viewer')
    const client = levels.includes('client') && is(world, user, 'client')
    return {
      can_view: views || client || steward,
      can_use: views || steward || (client && resource.live),
      can_edit: edits || client || steward,
      can_configure: edits || steward,
      can_configure_ui: edits || client || steward,
      can_share: edits || steward,
      can_view_history: edits || client || steward,
      can_interact_history: edits || steward || (client && resource.live),
      can_publish: resource.maker === user || steward,
      can_delete: resource.maker === user || is(world, user, 'admin'),
    }
  },
}

export const products: readonly Rules[] = [
  kept('training', 'bot', 'bot', ['can_access']),
  kept('group-only', 'agent', 'agent', ['can_view', 'can_interact']),
  sharing,
  enterprise,
  clientPortal,
  everything,
]
