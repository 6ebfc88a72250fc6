/**
 * Whether the names in a preset mean something: relations that its model has and that take what will be written,
 * roles and levels that can be told apart, actions of things there are. Every problem is found, each with its field.
 */
import type { Model } from '../../model/model.ts'
import { Claims, hint, type Names } from './claims.ts'
import type { GroupKind, ResourceKind } from './preset.ts'
import { below } from './shape.ts'

/** `group.memberRoles[1].relation: group has no relation managr; did you mean manager?`, one a problem. */
export function problemsOf(preset: Names, model: Model): readonly string[] {
  const claims = new Claims(preset, model)
  checkOrganization(claims, preset)
  if (preset.group !== undefined) checkGroup(claims, preset, preset.group)
  for (const [kind, resource] of Object.entries(preset.resources)) checkResource(claims, kind, resource)
  checkIdentity(claims, preset)
  checkWords(claims, preset)
  checkPlans(claims, preset)
  return claims.problems
}

const organizationActions = [
  'organization.view',
  'organization.update',
  'user.list',
  'user.view',
  'user.create',
  'user.update',
  'user.delete',
  'group.create',
  'group.assign',
  'analytics.view',
  'analytics.record',
  'logs.view',
  'permissions.view',
  'changes.view',
]

const invitationActions = ['invitation.create', 'invitation.view', 'invitation.revoke']

function checkOrganization(claims: Claims, preset: Names): void {
  const { organization, resources, tuples, switches, identity, invitations } = preset
  const { type } = organization
  const at = 'organization'
  if (!claims.isType(at, type)) return
  claims.roles(`${at}.roles`, organization.roles, type)
  claims.known(`${at}.defaultRole`, organization.defaultRole, organization.roles)
  for (const role of organization.keeps) claims.known(`${at}.keeps`, role, organization.roles)
  claims.relation(`${at}.memberRelation`, type, organization.memberRelation)
  if (organization.operatorRelation !== undefined) {
    claims.takes(`${at}.operatorRelation`, type, organization.operatorRelation, 'user')
  }
  const creations = Object.keys(resources).map((kind) => `resource.create:${kind}`)
  claims.actions(
    `${at}.actions`,
    organization.actions,
    type,
    [
      ...organizationActions,
      ...creations,
      ...(identity ? ['sso.map'] : []),
      ...(invitations ? invitationActions : []),
    ],
    ['organization.view', ...(invitations ? invitationActions : [])],
  )
  claims.permissions(`${at}.permissions`, organization.permissions, type)
  claims.tuples('tuples', tuples, undefined)
  for (const [id, each] of Object.entries(switches)) {
    claims.tuples(`${below('switches', id)}.tuples`, each.tuples, undefined)
  }
}

function checkGroup(claims: Claims, preset: Names, group: GroupKind): void {
  const { type, fields, hierarchy, visibility, archive } = group
  if (!claims.isType('group', type)) return
  claims.roles('group.memberRoles', group.memberRoles, type)
  for (const name of ['defaultRole', 'creatorRole'] as const) {
    const role = group[name]
    if (role !== undefined) claims.known(`group.${name}`, role, group.memberRoles)
  }
  for (const role of group.keeps) claims.known('group.keeps', role, group.memberRoles)
  claims.relation('group.memberRelation', type, group.memberRelation)
  for (const [source, relation] of Object.entries(group.sources)) {
    claims.relation(below('group.sources', source), type, relation)
  }
  for (const field of group.requiredFields) {
    if (!fields.includes(field)) claims.say('group.requiredFields', `\`${field}\` is not in group.fields`)
  }
  claims.together('group', 'visibility', visibility, fields.includes('visibility'), 'fields')
  claims.together('group', 'hierarchy', hierarchy, fields.includes('parentId'), 'fields (as `parentId`)')
  if (visibility)
    claims.takes('group.visibility.relation', type, visibility.relation, preset.organization.type)
  if (hierarchy) claims.takes('group.hierarchy.relation', type, hierarchy.relation, type)
  if (archive) claims.takes('group.archive.relation', type, archive.relation, 'user:*')
  claims.actions('group.actions', group.actions, type, groupActions(group, Object.keys(preset.resources)), [
    'discover',
    'view',
  ])
  claims.permissions('group.permissions', group.permissions, type)
  claims.tuples('group.tuples', group.tuples, type)
  claims.linked('group.tuples', group.tuples)
}

function checkIdentity(claims: Claims, preset: Names): void {
  const { identity } = preset
  if (identity === undefined || !claims.isType('identity', identity.type)) return
  claims.takes('identity.memberRelation', identity.type, identity.memberRelation, 'user')
  claims.tuples('identity.tuples', identity.tuples, identity.type)
  claims.linked('identity.tuples', identity.tuples)
  const known = Object.keys(preset.switches)
  for (const field of ['createsUsers', 'createsGroups'] as const) {
    const id = identity[field]
    if (id !== undefined && !known.includes(id)) {
      claims.say(`identity.${field}`, `there is no switch ${id}${hint(id, known)}`)
    }
  }
}

function checkResource(claims: Claims, kind: string, resource: ResourceKind): void {
  const { type, publish } = resource
  const at = below('resources', kind)
  if (!claims.isType(at, type)) return
  claims.distinct(`${at}.levels`, resource.levels)
  for (const [index, level] of resource.levels.entries()) claims.level(`${at}.levels[${index}]`, type, level)
  if (resource.defaultLevel !== undefined) {
    claims.known(`${at}.defaultLevel`, resource.defaultLevel, resource.levels)
  }
  if (resource.creatorRelation !== undefined) {
    claims.takes(`${at}.creatorRelation`, type, resource.creatorRelation, 'user')
  }
  if (publish) claims.takes(`${at}.publish.relation`, type, publish.relation, 'user:*')
  const has = (action: string): boolean => action in resource.actions
  claims.together(at, 'publish', publish, has('publish'), 'actions')
  claims.together(at, 'apiKeys', resource.apiKeys || undefined, has('api-key.create'), 'actions')
  claims.actions(`${at}.actions`, resource.actions, type, resourceActions(resource), ['discover', 'view'])
  for (const area of resource.areas) {
    if (!has(`configure:${area}`)) {
      claims.say(`${at}.areas`, `\`${area}\` needs the action \`configure:${area}\``)
    }
  }
  claims.permissions(`${at}.permissions`, resource.permissions, type)
  claims.tuples(`${at}.tuples`, resource.tuples, type)
  claims.linked(`${at}.tuples`, resource.tuples)
}

/** A word names one kind, or a path could mean two. */
function checkWords(claims: Claims, preset: Names): void {
  const owners = new Map<string, string>()
  for (const [kind, { aliases, type }] of Object.entries(preset.resources)) {
    for (const word of new Set([kind, type, ...aliases])) {
      const owner = owners.get(word)
      if (owner !== undefined)
        claims.say(below('resources', kind), `\`${word}\` is a word for \`${owner}\` already`)
      owners.set(word, kind)
    }
  }
}

function checkPlans(claims: Claims, preset: Names): void {
  const { plans } = preset
  if (plans === undefined || !claims.isType('plans', plans.type)) return
  claims.takes('plans.relation', preset.organization.type, plans.relation, plans.type)
  claims.known('plans.default', plans.default, plans.ladder)
  for (const [index, { entitlements }] of plans.ladder.entries()) {
    for (const entitlement of entitlements) {
      claims.takes(`plans.ladder[${index}].entitlements`, plans.type, entitlement, 'user:*')
    }
  }
}

function groupActions(
  { visibility, hierarchy, archive, sources }: GroupKind,
  kinds: readonly string[],
): readonly string[] {
  return [
    ...['discover', 'view', 'members.view', 'update', 'delete', 'member.add', 'member.remove', 'review'],
    ...['member.import', 'analytics.view'],
    // What becomes of a rule and of a mapping has to have a place.
    ...('rule' in sources ? ['rule.set'] : []),
    ...('sso' in sources ? ['sso.map'] : []),
    ...(visibility ? ['visibility.update'] : []),
    ...(hierarchy ? ['parent.update'] : []),
    ...(archive ? ['archive'] : []),
    ...kinds.flatMap((kind) => [`attach:${kind}`, `detach:${kind}`]),
  ]
}

function resourceActions({ areas, publish, apiKeys }: ResourceKind): readonly string[] {
  return [
    ...['discover', 'view', 'update', 'delete', 'share', 'shares.view', 'history.view', 'history.add'],
    ...(publish ? ['publish'] : []),
    ...(apiKeys ? ['api-key.create'] : []),
    ...areas.map((area) => `configure:${area}`),
  ]
}
