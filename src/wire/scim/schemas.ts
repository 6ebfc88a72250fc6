/** The attributes of users and groups, as data: RFC 7643, sections 3.1, 4.1 to 4.3. Names and meanings are the standard's. */
import type { Attribute } from './attribute.ts'

type Given = Partial<Omit<Attribute, 'name' | 'description'>>

function attribute(name: string, description: string, given: Given = {}): Attribute {
  return {
    name,
    description,
    type: 'string',
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...given,
  }
}

function complex(name: string, description: string, subAttributes: readonly Attribute[], given: Given = {}) {
  return attribute(name, description, { ...given, type: 'complex', subAttributes })
}

/** Values with a kind and a first among them, as most lists are. */
function plural(name: string, description: string, kinds: readonly string[], given: Given = {}): Attribute {
  const subs = [
    attribute('value', 'The value.', given),
    attribute('display', 'How it is shown.'),
    attribute('type', 'What kind it is.', kinds.length === 0 ? {} : { canonicalValues: kinds }),
    attribute('primary', 'Whether it is the first choice; one is at most.', { type: 'boolean' }),
  ]
  return complex(name, description, subs, { multiValued: true })
}

const readOnly = { mutability: 'readOnly' } as const

/** Of every resource; not a part of any schema. */
const common: readonly Attribute[] = [
  attribute('schemas', 'The URNs of its schemas.', { ...readOnly, multiValued: true, returned: 'always' }),
  attribute('id', 'Given once by this service, never another.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'The id by which the identity provider knows it.', { caseExact: true }),
  complex(
    'meta',
    'What this service says of it.',
    [
      attribute('resourceType', 'User or Group.', { ...readOnly, caseExact: true }),
      attribute('created', 'When it was made.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When it was changed last.', { ...readOnly, type: 'dateTime' }),
      attribute('location', 'Where it is.', { ...readOnly, type: 'reference', caseExact: true }),
      attribute('version', 'Its ETag.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
]

const userAttributes: readonly Attribute[] = [
  attribute('userName', 'What the user signs in by; unique in the organization, in any case.', {
    required: true,
    uniqueness: 'server',
  }),
  complex('name', 'The parts of the name.', [
    attribute('formatted', 'The whole name.'),
    attribute('familyName', 'The family name.'),
    attribute('givenName', 'The given name.'),
    attribute('middleName', 'The middle names.'),
    attribute('honorificPrefix', 'What comes before the name.'),
    attribute('honorificSuffix', 'What comes after it.'),
  ]),
  attribute('displayName', 'The name that is shown.'),
  attribute('nickName', 'The casual name.'),
  attribute('profileUrl', 'A page about the user.', { type: 'reference', referenceTypes: ['external'] }),
  attribute('title', 'The job title; rules know it as `title`.'),
  attribute('userType', 'How the user belongs to the organization.'),
  attribute('preferredLanguage', 'The preferred language.'),
  attribute('locale', 'The locale.'),
  attribute('timezone', 'The time zone.'),
  attribute('active', 'Whether the user has any access at all.', { type: 'boolean' }),
  attribute('password', 'Taken and thrown away: nobody signs in here.', {
    caseExact: true,
    mutability: 'writeOnly',
    returned: 'never',
  }),
  plural('emails', 'E-mail addresses; the primary one is unique in the organization.', [
    'work',
    'home',
    'other',
  ]),
  plural('phoneNumbers', 'Telephone numbers.', ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
  plural('ims', 'Addresses for instant messages.', []),
  plural('photos', 'Pictures, by URL.', ['photo', 'thumbnail'], {
    type: 'reference',
    referenceTypes: ['external'],
    caseExact: true,
  }),
  complex(
    'addresses',
    'Postal addresses.',
    [
      attribute('formatted', 'The whole address.'),
      attribute('streetAddress', 'Street and number.'),
      attribute('locality', 'The city.'),
      attribute('region', 'The state or region.'),
      attribute('postalCode', 'The postal code.'),
      attribute('country', 'The country.'),
      attribute('type', 'What kind it is.', { canonicalValues: ['work', 'home', 'other'] }),
      attribute('primary', 'Whether it is the first choice.', { type: 'boolean' }),
    ],
    { multiValued: true },
  ),
  complex(
    'groups',
    'The groups the user is in directly; changed through the groups.',
    [
      attribute('value', 'The id of the group.', { ...readOnly, caseExact: true }),
      attribute('$ref', 'Where the group is.', {
        ...readOnly,
        type: 'reference',
        caseExact: true,
        referenceTypes: ['Group'],
      }),
      attribute('display', 'Its name.', readOnly),
      attribute('type', 'How the user is in it.', { ...readOnly, canonicalValues: ['direct'] }),
    ],
    { ...readOnly, multiValued: true },
  ),
  plural('entitlements', 'What the user is entitled to elsewhere.', []),
  plural('roles', "The provider's words for roles; kept, and not acted on.", []),
  plural('x509Certificates', 'Certificates.', [], { type: 'binary', caseExact: true }),
]

const enterpriseAttributes: readonly Attribute[] = [
  attribute('employeeNumber', 'The number of the employee.'),
  attribute('costCenter', 'The cost center.'),
  attribute('organization', 'The organization.'),
  attribute('division', 'The division.'),
  attribute('department', 'The department; rules know it as `department`.'),
  complex('manager', 'The manager.', [
    attribute('value', 'The id of the manager.', { caseExact: true }),
    attribute('$ref', 'Where the manager is.', {
      type: 'reference',
      caseExact: true,
      referenceTypes: ['User'],
    }),
    attribute('displayName', 'The name of the manager.', readOnly),
  ]),
]

const groupAttributes: readonly Attribute[] = [
  attribute('displayName', 'The name of the group; unique in the organization, in any case.', {
    required: true,
    uniqueness: 'server',
  }),
  complex(
    'members',
    'Users and groups in it.',
    [
      attribute('value', 'The id of the member.', { mutability: 'immutable', caseExact: true }),
      attribute('$ref', 'Where the member is.', {
        type: 'reference',
        mutability: 'immutable',
        caseExact: true,
        referenceTypes: ['User', 'Group'],
      }),
      attribute('type', 'User or Group.', { mutability: 'immutable', canonicalValues: ['User', 'Group'] }),
    ],
    { multiValued: true },
  ),
]

/** A schema as /Schemas shows it. */
export interface Schema {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

export const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'A user of the organization.',
  attributes: userAttributes,
}

export const enterpriseSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'What companies keep of a user besides.',
  attributes: enterpriseAttributes,
}

export const groupSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'A group of the identity provider; groups of the product are mapped to it.',
  attributes: groupAttributes,
}

/** A kind of resource: its schema with what is common to all, and its extensions, as one tree. */
export interface Kind {
  readonly name: 'User' | 'Group'
  readonly endpoint: '/Users' | '/Groups'
  readonly schema: Schema
  readonly extensions: readonly Schema[]
  readonly root: Attribute
}

function kind(
  name: Kind['name'],
  endpoint: Kind['endpoint'],
  schema: Schema,
  extensions: readonly Schema[],
): Kind {
  const extended = extensions.map((each) => complex(each.id, each.description, each.attributes))
  const root = complex(name, schema.description, [...common, ...schema.attributes, ...extended])
  return { name, endpoint, schema, extensions, root }
}

export const userKind: Kind = kind('User', '/Users', userSchema, [enterpriseSchema])
export const groupKind: Kind = kind('Group', '/Groups', groupSchema, [])
