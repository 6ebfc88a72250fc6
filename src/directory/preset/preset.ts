/**
 * A preset: one product's Groups as data. What a product can vary is a field here, and nowhere in the code: the
 * directory looks roles, levels and permissions up by the names that the preset gives, and asks the graph.
 */
import type { ModelJson } from '../../model/json.ts'

export interface Preset {
  /** `training`; the name of its file. */
  readonly id: string
  readonly title: string
  readonly description: string
  /** Its authorization model, as text and as what is stored. */
  readonly dsl: string
  readonly model: ModelJson
  /** What this product calls things, one and many, by canonical word: `agent` -> `Bot`, `agents` -> `Bots`. For screens. */
  readonly labels: Readonly<Record<string, string>>
  readonly organization: OrganizationKind
  /** Absent: the product has no groups, and their routes answer not_in_preset. */
  readonly group?: GroupKind
  /** Absent: the product knows nothing of an identity provider's groups. */
  readonly identity?: IdentityKind
  /** Absent: nobody is invited. */
  readonly invitations?: Invitations
  /** By canonical kind: `agent`, `data_source`, ... */
  readonly resources: Readonly<Record<string, ResourceKind>>
  /** Absent: everybody may do what the model allows, whatever they pay. */
  readonly plans?: Plans
  /** What an organization may switch on and off, by id. */
  readonly switches: Readonly<Record<string, Switch>>
  /** Tuples every new organization has, over `{organization}`; what its plans include and what its switches begin with is among them, which plan it has is not. */
  readonly tuples: readonly TupleTemplate[]
}

/**
 * A tuple with `{organization}`, `{object}` and `{actor}` to be filled in: `organization:ID`, the group or resource that
 * is made, and `user:ID`.
 */
export interface TupleTemplate {
  readonly object: string
  readonly relation: string
  readonly subject: string
}

/** A choice that an organization has: its tuples, over `{organization}`, are there while it is on. */
export interface Switch {
  readonly label: string
  readonly description: string
  /** Of new organizations. */
  readonly default: boolean
  readonly tuples: readonly TupleTemplate[]
}

/** What a relation is called, and what it may be asked for. */
export interface Permission {
  readonly relation: string
  readonly label: string
}

export interface OrganizationKind {
  /** The stored type: `organization`, `company`. */
  readonly type: string
  readonly label: string
  readonly plural: string
  /** Exactly one per user; highest rank first. */
  readonly roles: readonly Role[]
  /** That new users get where none is given. */
  readonly defaultRole: string
  /** Who belongs to it, whatever the role. */
  readonly memberRelation: string
  /** Back office outside the roles; set by the platform, not by the product. */
  readonly operatorRelation?: string
  readonly actions: Actions<OrganizationAction>
  /** Shown in the permissions view and in differences. */
  readonly permissions: readonly Permission[]
  /** At least one user keeps each of these roles. */
  readonly keeps: readonly string[]
}

/** A role a user has: in the organization, or in a group. */
export interface Role {
  readonly id: string
  readonly label: string
  /** Other words that requests may use, in small letters: another product's, and the label. */
  readonly aliases: readonly string[]
  /** Higher gives more. */
  readonly rank: number
  /** The relation that is written. */
  readonly relation: string
  /** Relations the actor needs on the organization or the group: to give it, take it, and change it to or from another. */
  readonly give: string
  readonly take: string
  readonly change: string
}

export interface GroupKind {
  readonly type: string
  readonly label: string
  readonly plural: string
  /** Fields of a group besides its name: which exist, and which have to be there. */
  readonly fields: readonly GroupField[]
  readonly requiredFields: readonly GroupField[]
  readonly categories: readonly string[]
  /** Highest rank first. One: the product has no roles in groups, and requests may not name one. */
  readonly memberRoles: readonly Role[]
  readonly defaultRole?: string
  /** The role whoever makes a group gets in it. */
  readonly creatorRole?: string
  /** Roles of which a group keeps at least one holder once it has one. */
  readonly keeps: readonly string[]
  /** Everybody in the group, however they came in: what shares name. */
  readonly memberRelation: string
  /** Relations that make a member without anybody's hand: `rule`, `sso` -> relation. */
  readonly sources: Readonly<Record<string, string>>
  /** Whether somebody may add themselves. */
  readonly selfJoin: boolean
  /** Tuple `group#relation@organization`, there while the group is public. */
  readonly visibility?: { readonly relation: string; readonly default: 'public' | 'private' }
  /** Tuple `parent#relation@child`. */
  readonly hierarchy?: { readonly relation: string; readonly depthMax: number }
  /** Tuple `group#relation@user:*`, there while the group is archived. */
  readonly archive?: { readonly relation: string }
  /** Whether a group without members can be given resources. */
  readonly assignableNeedsMember: boolean
  /** Days after which the members are to be looked through again. */
  readonly reviewDays?: number
  readonly tuples: readonly TupleTemplate[]
  readonly actions: Actions<GroupAction>
  readonly permissions: readonly Permission[]
}

/** Groups as the identity provider sends them, beside the product's own. */
export interface IdentityKind {
  /** The stored type: `idp_group`. */
  readonly type: string
  /** Tuple `idp_group#relation@user`. */
  readonly memberRelation: string
  /** What every new one has, over `{object}` and `{organization}`. */
  readonly tuples: readonly TupleTemplate[]
  /** The switch that lets whoever signs in for the first time become a user, in the default role; absent: nobody does. */
  readonly createsUsers?: string
  /** The switch with which each new group of the provider gets one of the product; absent: mappings are made by hand. */
  readonly createsGroups?: string
}

export interface Invitations {
  /** For how long one can be accepted, where it says nothing else. */
  readonly days: number
  /** How many one person, and all together, may make in a day: nobody lends their mail to the world. */
  readonly perPerson: number
  readonly perOrganization: number
}

export type GroupField = 'description' | 'category' | 'tags' | 'parentId' | 'visibility'

export interface ResourceKind {
  /** The stored type: `bot`, `assistant`, `agent`. */
  readonly type: string
  readonly label: string
  readonly plural: string
  /** Other words for the kind in paths and objects. */
  readonly aliases: readonly string[]
  /** What groups and users may be given, highest rank first. One: requests need not name it. */
  readonly levels: readonly Level[]
  readonly defaultLevel?: string
  /** The relation given to whoever makes one. */
  readonly creatorRelation?: string
  /** Whether it begins as a draft, and what `publish` writes. Tuple `resource#relation@user:*`, there while it is live. */
  readonly publish?: { readonly relation: string }
  /** Areas of its settings that are patched apart, each an action `configure:AREA`. */
  readonly areas: readonly string[]
  /** Whether secrets can be made for it. */
  readonly apiKeys: boolean
  readonly tuples: readonly TupleTemplate[]
  readonly actions: Actions<ResourceAction>
  readonly permissions: readonly Permission[]
}

export interface Level {
  readonly id: string
  readonly label: string
  readonly aliases: readonly string[]
  readonly rank: number
  readonly relation: string
  /** The relation of users who have it in effect, where that is not `relation` itself. */
  readonly effect?: string
  /** What a group is as its subject: `object` is `group:g`, else the relation of the userset: `member` is `group:g#member`. Absent: not given to groups. */
  readonly group?: string
  /** Whether users may be given it one by one. */
  readonly direct: boolean
}

/**
 * Action -> the relation that the actor needs, on the organization, the group or the resource that it is about. An
 * action that is not there does not exist in this product.
 */
type Actions<Name extends string> = Readonly<Partial<Record<Name, Need>>>

export interface Need {
  readonly relation: string
  /** The entitlement of the plan without which it is refused whoever asks, where that is the reason. */
  readonly entitlement?: string
  /** The code of the refusal, where the product has one of its own. */
  readonly refusal?: string
}

type OrganizationAction =
  | 'organization.view'
  | 'organization.update'
  | 'user.list'
  | 'user.view'
  | 'user.create'
  | 'user.update'
  | 'user.delete'
  | 'group.create'
  | 'group.assign'
  | 'invitation.create'
  | 'invitation.view'
  | 'invitation.revoke'
  | 'sso.map'
  | 'analytics.view'
  | 'analytics.record'
  | 'logs.view'
  | 'permissions.view'
  | 'changes.view'
  | `resource.create:${string}`

type GroupAction =
  | 'discover'
  | 'view'
  | 'members.view'
  | 'update'
  | 'visibility.update'
  | 'parent.update'
  | 'archive'
  | 'delete'
  | 'member.add'
  | 'member.remove'
  | 'member.import'
  | 'rule.set'
  | 'sso.map'
  | 'analytics.view'
  | 'review'
  /** Giving the group a resource of that kind, and taking it back, besides what the resource demands. */
  | `attach:${string}`
  | `detach:${string}`

type ResourceAction =
  | 'discover'
  | 'view'
  | 'update'
  | 'delete'
  | 'share'
  | 'shares.view'
  | 'publish'
  | 'api-key.create'
  | 'history.view'
  | 'history.add'
  | `configure:${string}`

/** Plans, cheapest first. */
export interface Plans {
  /** `organization#relation@plan:ID`. */
  readonly relation: string
  readonly type: string
  readonly ladder: readonly Plan[]
  readonly default: string
}

interface Plan {
  readonly id: string
  readonly label: string
  /** Relations of the plan's type, each for everybody: `plan:ID#entitlement@user:*`. */
  readonly entitlements: readonly string[]
}
