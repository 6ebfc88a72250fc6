/**
 * A user as provisioning knows them: the document that clients write and read, made of the user and of what the provider
 * says besides, which is kept apart so that no other view shows it. Nothing is in both: e-mail address, name, department,
 * title and whether they are active are the user's, whoever changes them.
 */
import type { Json, JsonObject } from '../../lib/json.ts'
import { isInactive } from '../people/activation.ts'

/** @param attributes - of the user; `kept`: what is kept besides */
export function documentOf(userName: string, attributes: JsonObject, kept: JsonObject = {}): JsonObject {
  const { emails, employment, externalId, ...rest } = kept
  const { department, title } = objectOf(attributes.attributes)
  const addresses = addressesOf(listOf(emails), emailOf(attributes))
  const extension = { ...objectOf(employment), ...said('department', textOf(department)) }
  return {
    ...said('externalId', externalId),
    userName,
    ...rest,
    ...said('displayName', textOf(attributes.name)),
    ...said('title', textOf(title)),
    ...(addresses.length === 0 ? {} : { emails: addresses }),
    active: !isInactive(attributes),
    ...(Object.keys(extension).length === 0 ? {} : { employment: extension }),
  }
}

/** What becomes of the user and of what is kept. @param before - of the user; `document` before that */
export function splitOf(
  document: JsonObject,
  before: { readonly attributes: JsonObject; readonly document: JsonObject },
): { readonly attributes: JsonObject; readonly kept: JsonObject } {
  const { displayName, title, active } = document
  const employment = objectOf(document.employment)
  const addresses = listOf(document.emails)
  const first = placeOfFirst(addresses)
  const name = textOf(displayName) ?? spokenName(document)
  const attributes = {
    ...without(objectOf(before.attributes.attributes), ['department', 'title']),
    ...said('department', employment.department),
    ...said('title', title),
  }
  const extension = without(employment, ['department'])
  return {
    attributes: {
      ...without(before.attributes, ['active', 'email', 'name', 'attributes']),
      ...said('email', objectOf(addresses[first]).value),
      ...said('name', isSpoken(before.document, displayName) ? spokenName(document) : name),
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
      ...(active === false ? { active } : {}),
    },
    kept: {
      ...without(document, ['userName', 'displayName', 'title', 'emails', 'active', 'employment']),
      ...(addresses.length === 0
        ? {}
        : { emails: addresses.map((each, at) => (at === first ? unvalued(each) : each)) }),
      ...(Object.keys(extension).length === 0 ? {} : { employment: extension }),
    },
  }
}

/** E-mail addresses besides the user's own: it may be found by them too. */
export function otherEmails(kept: JsonObject): readonly string[] {
  return listOf(kept.emails).flatMap((each) => textOf(objectOf(each).value) ?? [])
}

/** The user's own is where the value was left out; who had none in the list and has one now has it first. */
function addressesOf(kept: readonly Json[], own: string | undefined): readonly Json[] {
  const at = kept.findIndex((each) => objectOf(each).value === undefined)
  if (at === -1) return own === undefined ? kept : [{ value: own, type: 'work', primary: true }, ...kept]
  return kept.flatMap((each, index) => {
    if (index !== at) return [each]
    return own === undefined ? [] : [{ value: own, ...objectOf(each) }]
  })
}

/** The one that is said to be, the first for work, the first. */
function placeOfFirst(addresses: readonly Json[]): number {
  const primary = addresses.findIndex((each) => objectOf(each).primary === true)
  if (primary !== -1) return primary
  const work = addresses.findIndex((each) => objectOf(each).type === 'work')
  return work === -1 ? 0 : work
}

function unvalued(address: Json): Json {
  return without(objectOf(address), ['value'])
}

/** Whether the name that is shown was made of its parts, and is not given another now: then it follows them. */
function isSpoken(before: JsonObject, displayName: Json | undefined): boolean {
  return displayName === before.displayName && displayName === spokenName(before)
}

function spokenName(document: JsonObject): string | undefined {
  const { formatted, givenName, familyName } = objectOf(document.name)
  const parts = [givenName, familyName].flatMap((part) => textOf(part) ?? [])
  return textOf(formatted) ?? (parts.length === 0 ? undefined : parts.join(' '))
}

function without(document: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)))
}

function said(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** A user's own address. */
export function emailOf(attributes: JsonObject): string | undefined {
  return textOf(attributes.email)
}
