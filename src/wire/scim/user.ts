/** Users as clients write and read them: RFC 7643, section 4.1. A document has the names and types of schemas.ts, and no more. */
import type { Json, JsonObject } from '../../lib/json.ts'
import { email } from '../form.ts'
import { changed } from './change.ts'
import { isObject } from './match.ts'
import { parsePatch } from './patch.ts'
import { refused } from './refusal.ts'
import { enterpriseSchema, userKind, userSchema } from './schemas.ts'
import { isRecord, partsOf } from './value.ts'

/** A user as it is kept: `document` is what `decodeUser` makes. */
export interface KeptUser {
  readonly id: string
  readonly document: JsonObject
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  readonly meta: KeptMeta
}

export interface KeptMeta {
  /** Milliseconds since the epoch; undefined where it was not provisioned. */
  readonly created?: number | undefined
  readonly modified?: number | undefined
  readonly version: string
}

/** Of POST and PUT. @throws Fault invalidSyntax, invalidValue */
export function decodeUser(body: unknown): JsonObject {
  if (!isRecord(body)) throw refused('invalidSyntax', 'the body must be a user as a JSON object')
  return inner(demanded(partsOf(userKind.root, body, '')))
}

/** Of PATCH: what becomes of a user. @throws Fault as `parsePatch`; of the function: invalidValue, noTarget, mutability */
export function decodeUserPatch(body: unknown): (document: JsonObject) => JsonObject {
  const operations = parsePatch(userKind, body)
  return (document) => inner(demanded(changed(outer(document), operations)))
}

/** The rooms below know no URNs: what companies keep of a user is `employment` there. */
function inner({ [enterpriseSchema.id]: employment, ...document }: JsonObject): JsonObject {
  return employment === undefined ? document : { ...document, employment }
}

function outer({ employment, ...document }: JsonObject): JsonObject {
  return employment === undefined ? document : { ...document, [enterpriseSchema.id]: employment }
}

const isEmail = email()

/** @throws Fault invalidValue; invalid_field: an e-mail address */
function demanded(document: JsonObject): JsonObject {
  if (document.userName === undefined) throw refused('invalidValue', '`userName` is required', 'userName')
  const { emails: given, ...others } = document
  const emails = listed(given).filter((each) => isObject(each) && each.value !== undefined)
  for (const [index, each] of emails.entries()) {
    if (isObject(each)) isEmail(each.value, `emails[${index}].value`)
  }
  return emails.length === 0 ? others : { ...document, emails }
}

function listed(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** @param base - `https://host/scim/v2/ORG` */
export function encodeUser({ id, document: kept, groups, meta }: KeptUser, base: string): JsonObject {
  const document = outer(kept)
  const schemas = [
    userSchema.id,
    ...(document[enterpriseSchema.id] === undefined ? [] : [enterpriseSchema.id]),
  ]
  return {
    schemas,
    id,
    ...document,
    ...(groups.length === 0 ? {} : { groups: groups.map((group) => encodePlace(group, base)) }),
    meta: encodeMeta('User', meta, `${base}/Users/${id}`),
  }
}

function encodePlace({ id, name }: { readonly id: string; readonly name: string }, base: string): JsonObject {
  return { value: id, $ref: `${base}/Groups/${id}`, display: name, type: 'direct' }
}

export function encodeMeta(resourceType: string, meta: KeptMeta, location: string): JsonObject {
  const { created, modified, version } = meta
  return {
    resourceType,
    ...(created === undefined ? {} : { created: new Date(created).toISOString() }),
    ...(modified === undefined ? {} : { lastModified: new Date(modified).toISOString() }),
    location,
    version: `W/"${version}"`,
  }
}
