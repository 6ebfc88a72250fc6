/** What is answered beside resources: lists and errors (RFC 7644, sections 3.4.2 and 3.12), and what this service is (7643, 5 to 7). */
import type { JsonObject } from '../../lib/json.ts'
import type { Attribute } from './attribute.ts'
import { countMax } from './query.ts'
import {
  enterpriseSchema,
  groupKind,
  groupSchema,
  type Kind,
  type Schema,
  userKind,
  userSchema,
} from './schemas.ts'

export function encodeList(total: number, startIndex: number, resources: readonly JsonObject[]): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}

/** @param status - of HTTP; spelt as text, as the standard has it */
export function encodeError(status: number, detail: string, scimType?: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail,
  }
}

export function encodeConfiguration(base: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: countMax },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A key with the scope scim:STORE, sent as `Authorization: Bearer KEY`.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  }
}

export function encodeKind({ name, endpoint, schema, extensions }: Kind, base: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    description: schema.description,
    schema: schema.id,
    schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }
}

export function encodeSchema({ id, name, description, attributes }: Schema, base: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    description,
    attributes: attributes.map(encodeAttribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }
}

/** A complex attribute has no case and no uniqueness of its own. */
function encodeAttribute({ subAttributes, ...attribute }: Attribute): JsonObject {
  const { type, canonicalValues, referenceTypes, ...rest } = attribute
  return {
    ...rest,
    type,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(encodeAttribute) }),
  }
}

/** @param hasGroups - whether the product takes groups from an identity provider */
export function kindsOf(hasGroups: boolean): readonly Kind[] {
  return hasGroups ? [userKind, groupKind] : [userKind]
}

export function schemasOf(hasGroups: boolean): readonly Schema[] {
  return hasGroups ? [userSchema, enterpriseSchema, groupSchema] : [userSchema, enterpriseSchema]
}
