/**
 * Whether the names in a preset mean something: relations that its model has and that take what will be written,
 * roles and levels that can be told apart, actions of things there are. Every problem is found, each with its field.
 */
import { nearest } from '../../lib/nearest.ts'
import type { Model } from '../../model/model.ts'
import { checkTuple } from '../../model/tuple-check.ts'
import { fill } from './fill.ts'
import type { GroupKind, Level, Need, Permission, ResourceKind, Role, TupleTemplate } from './preset.ts'
import type { PresetText } from './preset-shape.ts'
import { below } from './shape.ts'

/** All of a preset that a model is held to. */
type Names = Omit<PresetText, 'modelFile'>

/** `group.memberRoles[1].relation: group has no relation managr; did you mean manager?`, one a problem. */
export function problemsOf(preset: Names, model: Model): readonly string[] {
  const check = new Check(preset, model)
  check.organization()
  if (preset.group !== undefined) check.group(preset.group)
  for (const [kind, resource] of Object.entries(preset.resources)) check.resource(kind, resource)
  check.identity()
  check.words()
  check.plans()
  return check.problems
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

class Check {
  readonly problems: string[] = []
  readonly #preset: Names
  readonly #model: Model
  readonly #type: string

  constructor(preset: Names, model: Model) {
    this.#preset = preset
    this.#model = model
    this.#type = preset.organization.type
  }

  organization(): void {
    const { organization, resources, tuples, switches, identity, invitations } = this.#preset
    const at = 'organization'
    if (!this.#isType(at, this.#type)) return
    this.#roles(`${at}.roles`, organization.roles, this.#type)
    this.#known(`${at}.defaultRole`, organization.defaultRole, organization.roles)
    for (const role of organization.keeps) this.#known(`${at}.keeps`, role, organization.roles)
    this.#relation(`${at}.memberRelation`, this.#type, organization.memberRelation)
    if (organization.operatorRelation !== undefined) {
      this.#takes(`${at}.operatorRelation`, this.#type, organization.operatorRelation, 'user')
    }
    const creations = Object.keys(resources).map((kind) => `resource.create:${kind}`)
    this.#actions(
      `${at}.actions`,
      organization.actions,
      this.#type,
      [
        ...organizationActions,
        ...creations,
        ...(identity ? ['sso.map'] : []),
        ...(invitations ? invitationActions : []),
      ],
      ['organization.view', ...(invitations ? invitationActions : [])],
    )
    this.#permissions(`${at}.permissions`, organization.permissions, this.#type)
    this.#tuples('tuples', tuples, undefined)
    for (const [id, each] of Object.entries(switches)) {
      this.#tuples(`${below('switches', id)}.tuples`, each.tuples, undefined)
    }
  }

  group(group: GroupKind): void {
    const { type, fields, hierarchy, visibility, archive } = group
    if (!this.#isType('group', type)) return
    this.#roles('group.memberRoles', group.memberRoles, type)
    if (group.defaultRole !== undefined) {
      this.#known('group.defaultRole', group.defaultRole, group.memberRoles)
    }
    if (group.creatorRole !== undefined) {
      this.#known('group.creatorRole', group.creatorRole, group.memberRoles)
    }
    for (const role of group.keeps) this.#known('group.keeps', role, group.memberRoles)
    this.#relation('group.memberRelation', type, group.memberRelation)
    for (const [source, relation] of Object.entries(group.sources)) {
      this.#relation(below('group.sources', source), type, relation)
    }
    for (const field of group.requiredFields) {
      if (!fields.includes(field)) this.#say('group.requiredFields', `\`${field}\` is not in group.fields`)
    }
    this.#together('group', 'visibility', visibility, fields.includes('visibility'), 'fields')
    this.#together('group', 'hierarchy', hierarchy, fields.includes('parentId'), 'fields (as `parentId`)')
    if (visibility) this.#takes('group.visibility.relation', type, visibility.relation, this.#type)
    if (hierarchy) this.#takes('group.hierarchy.relation', type, hierarchy.relation, type)
    if (archive) this.#takes('group.archive.relation', type, archive.relation, 'user:*')
    this.#actions('group.actions', group.actions, type, this.#groupActions(group), ['discover', 'view'])
    this.#permissions('group.permissions', group.permissions, type)
    this.#tuples('group.tuples', group.tuples, type)
    this.#linked('group.tuples', group.tuples)
  }

  identity(): void {
    const { identity } = this.#preset
    if (identity === undefined || !this.#isType('identity', identity.type)) return
    this.#takes('identity.memberRelation', identity.type, identity.memberRelation, 'user')
    this.#tuples('identity.tuples', identity.tuples, identity.type)
    this.#linked('identity.tuples', identity.tuples)
    const known = Object.keys(this.#preset.switches)
    for (const field of ['createsUsers', 'createsGroups'] as const) {
      const id = identity[field]
      if (id !== undefined && !known.includes(id)) {
        this.#say(`identity.${field}`, `there is no switch ${id}${hint(id, known)}`)
      }
    }
  }

  resource(kind: string, resource: ResourceKind): void {
    const { type, publish } = resource
    const at = below('resources', kind)
    if (!this.#isType(at, type)) return
    this.#distinct(`${at}.levels`, resource.levels)
    for (const [index, level] of resource.levels.entries()) this.#level(`${at}.levels[${index}]`, type, level)
    if (resource.defaultLevel !== undefined) {
      this.#known(`${at}.defaultLevel`, resource.defaultLevel, resource.levels)
    }
    if (resource.creatorRelation !== undefined) {
      this.#takes(`${at}.creatorRelation`, type, resource.creatorRelation, 'user')
    }
    if (publish) this.#takes(`${at}.publish.relation`, type, publish.relation, 'user:*')
    const has = (action: string): boolean => action in resource.actions
    this.#together(at, 'publish', publish, has('publish'), 'actions')
    this.#together(at, 'apiKeys', resource.apiKeys || undefined, has('api-key.create'), 'actions')
    this.#actions(`${at}.actions`, resource.actions, type, resourceActions(resource), ['discover', 'view'])
    for (const area of resource.areas) {
      if (!has(`configure:${area}`)) {
        this.#say(`${at}.areas`, `\`${area}\` needs the action \`configure:${area}\``)
      }
    }
    this.#permissions(`${at}.permissions`, resource.permissions, type)
    this.#tuples(`${at}.tuples`, resource.tuples, type)
    this.#linked(`${at}.tuples`, resource.tuples)
  }

  /** A word names one kind, or a path could mean two. */
  words(): void {
    const owners = new Map<string, string>()
    for (const [kind, { aliases, type }] of Object.entries(this.#preset.resources)) {
      for (const word of new Set([kind, type, ...aliases])) {
        const owner = owners.get(word)
        if (owner !== undefined)
          this.#say(below('resources', kind), `\`${word}\` is a word for \`${owner}\` already`)
        owners.set(word, kind)
      }
    }
  }

  plans(): void {
    const { plans } = this.#preset
    if (plans === undefined || !this.#isType('plans', plans.type)) return
    this.#takes('plans.relation', this.#type, plans.relation, plans.type)
    this.#known('plans.default', plans.default, plans.ladder)
    for (const [index, { entitlements }] of plans.ladder.entries()) {
      for (const entitlement of entitlements) {
        this.#takes(`plans.ladder[${index}].entitlements`, plans.type, entitlement, 'user:*')
      }
    }
  }

  #groupActions({ visibility, hierarchy, archive, sources }: GroupKind): readonly string[] {
    const kinds = Object.keys(this.#preset.resources)
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

  #roles(at: string, roles: readonly Role[], type: string): void {
    this.#distinct(at, roles)
    for (const [index, role] of roles.entries()) {
      const here = `${at}[${index}]`
      this.#takes(`${here}.relation`, type, role.relation, 'user')
      for (const right of ['give', 'take', 'change'] as const)
        this.#relation(`${here}.${right}`, type, role[right])
    }
  }

  #level(at: string, type: string, { relation, effect, group, direct }: Level): void {
    if (!direct && group === undefined) {
      this.#say(at, 'nobody can be given it: say `"direct": true`, or what a group is to it')
    }
    if (effect !== undefined) this.#relation(`${at}.effect`, type, effect)
    if (direct) this.#takes(`${at}.relation`, type, relation, 'user')
    if (group === undefined) return
    const groups = this.#preset.group?.type
    if (groups === undefined) this.#say(`${at}.group`, 'the preset has no groups')
    else this.#takes(`${at}.relation`, type, relation, group === 'object' ? groups : `${groups}#${group}`)
  }

  /** Highest first, and told apart by every word they go by. */
  #distinct(at: string, items: readonly Pick<Role, 'id' | 'aliases' | 'rank'>[]): void {
    if (items.length === 0) this.#say(at, 'there has to be one')
    const words = items.flatMap(({ id, aliases }) => [id, ...aliases])
    const twice = words.find((word, index) => words.indexOf(word) !== index)
    if (twice !== undefined) this.#say(at, `\`${twice}\` names two of them`)
    for (const [index, { rank }] of items.entries()) {
      const above = items[index - 1]
      if (above !== undefined && above.rank <= rank) {
        this.#say(
          `${at}[${index}].rank`,
          `${rank} is not below ${above.rank}: the highest comes first, no two the same`,
        )
      }
    }
  }

  #known(at: string, id: string, items: readonly { readonly id: string }[]): void {
    const ids = items.map((item) => item.id)
    if (!ids.includes(id)) this.#say(at, `there is no \`${id}\`${hint(id, ids)}`)
  }

  #actions(
    at: string,
    actions: Readonly<Record<string, Need | undefined>>,
    type: string,
    known: readonly string[],
    demanded: readonly string[],
  ): void {
    for (const action of demanded) if (!(action in actions)) this.#say(at, `\`${action}\` is missing`)
    for (const [action, need] of Object.entries(actions)) {
      const here = below(at, action)
      if (!known.includes(action)) this.#say(here, `there is no such action here${hint(action, known)}`)
      if (need === undefined) continue
      this.#relation(here, type, need.relation)
      const { entitlement } = need
      if (entitlement === undefined) continue
      const sold = this.#preset.plans?.ladder.flatMap(({ entitlements }) => entitlements) ?? []
      if (!sold.includes(entitlement)) {
        this.#say(here, `no plan includes \`${entitlement}\`${hint(entitlement, sold)}`)
      }
    }
  }

  #permissions(at: string, permissions: readonly Permission[], type: string): void {
    for (const { relation } of permissions) this.#relation(below(at, relation), type, relation)
  }

  /** @param type - of `{object}`; absent: the tuples of an organization, which has none */
  #tuples(at: string, templates: readonly TupleTemplate[], type: string | undefined): void {
    const values = {
      organization: `${this.#type}:o`,
      actor: 'user:a',
      ...(type !== undefined && { object: `${type}:x` }),
    }
    for (const [index, template] of templates.entries()) {
      const here = `${at}[${index}]`
      const text = `${template.object} ${template.relation} ${template.subject}`
      const unknown = [...text.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name)
      const names = Object.keys(values)
      const odd = unknown.find((name) => !names.includes(name))
      if (odd !== undefined) {
        this.#say(here, `there is nothing to put for \`{${odd}}\`; there is {${names.join('}, {')}}`)
        continue
      }
      const problem = checkTuple(this.#model, fill(template, values))
      if (problem !== undefined) this.#say(here, problem)
    }
  }

  /** What hangs on no organization would be nobody's, and every permission that comes from it would be lost. */
  #linked(at: string, templates: readonly TupleTemplate[]): void {
    const isLink = ({ object, subject }: TupleTemplate): boolean =>
      object === '{object}' && subject === '{organization}'
    if (!templates.some(isLink)) this.#say(at, 'nothing links it to `{organization}`')
  }

  #together(at: string, name: string, one: unknown, other: boolean, where: string): void {
    if ((one !== undefined) === other) return
    this.#say(`${at}.${name}`, other ? `is missing, and is in ${where}` : `is there, and is not in ${where}`)
  }

  #isType(at: string, type: string): boolean {
    if (this.#model.hasType(type)) return true
    this.#say(`${at}.type`, `the model has no type \`${type}\`${hint(type, this.#model.types)}`)
    return false
  }

  #relation(at: string, type: string, name: string): boolean {
    if (this.#model.relation(type, name) !== undefined) return true
    const names = this.#model.relations(type).map((relation) => relation.name)
    this.#say(at, `\`${type}\` has no relation \`${name}\`${hint(name, names)}`)
    return false
  }

  /** @param shape - of the subjects that will be written */
  #takes(at: string, type: string, name: string, shape: string): void {
    if (!this.#relation(at, type, name)) return
    const restrictions = this.#model.relation(type, name)?.restrictions ?? []
    if (restrictions.some((each) => each.shape === shape && each.condition === undefined)) return
    this.#say(at, `\`${type}#${name}\` does not take \`${shape}\`: add it to the brackets in the model`)
  }

  #say(field: string, problem: string): void {
    this.problems.push(`${field}: ${problem}`)
  }
}

function resourceActions({ areas, publish, apiKeys }: ResourceKind): readonly string[] {
  return [
    ...['discover', 'view', 'update', 'delete', 'share', 'shares.view', 'history.view', 'history.add'],
    ...(publish ? ['publish'] : []),
    ...(apiKeys ? ['api-key.create'] : []),
    ...areas.map((area) => `configure:${area}`),
  ]
}

function hint(word: string, words: readonly string[]): string {
  const meant = nearest(word, words)
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`
}
