/**
 * The JSON of a preset as a Preset: shapes and what may be left out. Whether its names mean anything is
 * preset-check.ts. Editors know the same from schema/preset.schema.json.
 */
import type {
  GroupField,
  GroupKind,
  IdentityKind,
  Invitations,
  Level,
  Need,
  OrganizationKind,
  Permission,
  Plans,
  Preset,
  ResourceKind,
  Role,
  Switch,
  TupleTemplate,
} from './preset.ts'
import {
  count,
  flag,
  list,
  oneOf,
  optional,
  otherwise,
  type Read,
  record,
  ShapeError,
  shaped,
  text,
} from './shape.ts'

/** A preset before its model was read: the model's file is named, beside the preset's own. */
export type PresetText = Omit<Preset, 'dsl' | 'model' | 'labels'> & { readonly modelFile: string }

interface Written extends Omit<PresetText, 'modelFile'> {
  readonly $schema?: string
  readonly model: string
}

/** @throws ShapeError */
export function decodePreset(json: unknown): PresetText {
  const { $schema: _, model, ...preset } = written(json, '')
  return { ...preset, modelFile: model }
}

/** Ids are parts of paths and of bodies. */
const id: Read<string> = (value, field) => {
  const word = text(value, field)
  if (/^[a-z][a-z0-9_-]{0,49}$/.test(word)) return word
  throw new ShapeError(
    field,
    `${JSON.stringify(word)} is not an id: small letters, digits, _ and -, a letter first`,
  )
}

const template = shaped<TupleTemplate>({ object: text, relation: text, subject: text })

/** `"can_edit"` for `{"relation": "can_edit"}`. */
const need: Read<Need> = (value, field) =>
  typeof value === 'string' ? { relation: text(value, field) } : needShape(value, field)
const needShape = shaped<Need>({ relation: text, entitlement: optional(text), refusal: optional(text) })

/** `{"can_edit": "Edit"}`: the order is kept. */
const permissions: Read<readonly Permission[]> = (value, field) =>
  Object.entries(otherwise(record(text), {})(value, field)).map(([relation, label]) => ({ relation, label }))

/** What requests may say for a role or a level besides its id, in small letters: aliases, and the label. */
function worded<Named extends Pick<Role, 'id' | 'label' | 'aliases'>>(named: Named): Named {
  const words = new Set([...named.aliases, named.label].map((word) => word.toLowerCase()))
  words.delete(named.id)
  return { ...named, aliases: [...words] }
}

/** Who gives a role takes it and changes it too, where nothing else is said. */
const role: Read<Role> = (value, field) => {
  const { take, change, ...given } = roleShape(value, field)
  return { ...worded(given), take: take ?? given.give, change: change ?? given.give }
}
const roleShape = shaped<
  Omit<Role, 'take' | 'change'> & { readonly take?: string; readonly change?: string }
>({
  id,
  label: text,
  aliases: otherwise(list(text), []),
  rank: count,
  relation: text,
  give: text,
  take: optional(text),
  change: optional(text),
})

const level: Read<Level> = (value, field) => worded(levelShape(value, field))
const levelShape = shaped<Level>({
  id,
  label: text,
  aliases: otherwise(list(text), []),
  rank: count,
  relation: text,
  effect: optional(text),
  group: optional(text),
  direct: flag,
})

const organization = shaped<OrganizationKind>({
  type: text,
  label: text,
  plural: text,
  roles: list(role),
  defaultRole: text,
  memberRelation: text,
  operatorRelation: optional(text),
  actions: record(need),
  permissions,
  keeps: otherwise(list(text), []),
})

const groupFields: readonly GroupField[] = ['description', 'category', 'tags', 'parentId', 'visibility']

const group = shaped<GroupKind>({
  type: text,
  label: text,
  plural: text,
  fields: otherwise(list(oneOf(groupFields)), []),
  requiredFields: otherwise(list(oneOf(groupFields)), []),
  categories: otherwise(list(id), []),
  memberRoles: list(role),
  defaultRole: optional(text),
  creatorRole: optional(text),
  keeps: otherwise(list(text), []),
  memberRelation: text,
  sources: otherwise(record(text), {}),
  selfJoin: otherwise(flag, false),
  visibility: optional(
    shaped<NonNullable<GroupKind['visibility']>>({ relation: text, default: oneOf(['public', 'private']) }),
  ),
  hierarchy: optional(shaped<NonNullable<GroupKind['hierarchy']>>({ relation: text, depthMax: count })),
  archive: optional(shaped<NonNullable<GroupKind['archive']>>({ relation: text })),
  assignableNeedsMember: otherwise(flag, false),
  reviewDays: optional(count),
  tuples: otherwise(list(template), []),
  actions: record(need),
  permissions,
})

const identity = shaped<IdentityKind>({
  type: text,
  memberRelation: text,
  tuples: otherwise(list(template), []),
  createsUsers: optional(text),
  createsGroups: optional(text),
})

const resource = shaped<ResourceKind>({
  type: text,
  label: text,
  plural: text,
  aliases: otherwise(list(id), []),
  levels: list(level),
  defaultLevel: optional(text),
  creatorRelation: optional(text),
  publish: optional(shaped<NonNullable<ResourceKind['publish']>>({ relation: text })),
  areas: otherwise(list(id), []),
  apiKeys: otherwise(flag, false),
  tuples: otherwise(list(template), []),
  actions: record(need),
  permissions,
})

const plans = shaped<Plans>({
  relation: text,
  type: text,
  ladder: list(shaped<Plans['ladder'][number]>({ id, label: text, entitlements: list(text) })),
  default: text,
})

const written = shaped<Written>({
  $schema: optional(text),
  id,
  title: text,
  description: text,
  model: text,
  organization,
  group: optional(group),
  identity: optional(identity),
  invitations: optional(
    shaped<Invitations>({
      days: count,
      perPerson: otherwise(count, 2_000),
      perOrganization: otherwise(count, 10_000),
    }),
  ),
  resources: record(resource),
  plans: optional(plans),
  switches: otherwise(
    record(shaped<Switch>({ label: text, description: text, default: flag, tuples: list(template) })),
    {},
  ),
  tuples: otherwise(list(template), []),
})
