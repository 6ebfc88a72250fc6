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
  const document: Record<string, Json> = {}
  say(document, 'externalId', externalId)
  document.userName = userName
  Object.assign(document, rest)
  say(document, 'displayName', textOf(attributes.name))
  say(document, 'title', textOf(title))
  if (addresses.length > 0) document.emails = addresses
  document.active = !isInactive(attributes)
  const extension = { ...objectOf(employment) }
  say(extension, 'department', textOf(department))
  if (Object.keys(extension).length > 0) document.employment = extension
  return document
}

/** What becomes of the user and of what is kept. @param before - of the user; `document` before that */
export function splitOf(
  document: JsonObject,
  before: { readonly attributes: JsonObject; readonly document: JsonObject },
): { readonly attributes: JsonObject; readonly kept: JsonObject } {
  const { userName: _userName, displayName, title, active, emails, employment, ...others } = document
  const { department, ...extension } = objectOf(employment)
  const addresses = listOf(emails)
  const first = placeOfFirst(addresses)
  const kept: Record<string, Json> = others
  if (addresses.length > 0) kept.emails = addresses.map((each, at) => (at === first ? unvalued(each) : each))
  if (Object.keys(extension).length > 0) kept.employment = extension
  const name = isSpoken(before.document, displayName) ? undefined : textOf(displayName)
  const own = { email: objectOf(addresses[first]).value, name: name ?? spokenName(document) }
  return {
    attributes: attributesOf(before.attributes, { department, title, ...own }, active === false),
    kept,
  }
}

/** Of the user, in place of those there were. */
function attributesOf(
  { active: _active, email: _email, name: _name, attributes: before, ...others }: JsonObject,
  { email, name, department, title }: Readonly<Partial<Record<string, Json>>>,
  isInactive: boolean,
): JsonObject {
  const made: Record<string, Json> = others
  say(made, 'email', email)
  say(made, 'name', name)
  const { department: _department, title: _title, ...stay } = objectOf(before)
  const attributes: Record<string, Json> = stay
  say(attributes, 'department', department)
  say(attributes, 'title', title)
  if (Object.keys(attributes).length > 0) made.attributes = attributes
  if (isInactive) made.active = false
  return made
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
  const { value: _value, ...others } = objectOf(address)
  return others
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

/** Where there is anything to say. */
function say(document: Record<string, Json>, name: string, value: Json | undefined): void {
  if (value !== undefined) document[name] = value
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
