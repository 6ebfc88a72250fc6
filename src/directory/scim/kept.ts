/**
 * What is kept of a user for provisioning, beside the user: put, found and forgotten in the commit that changes it. By whom
 * a userName is taken, which is unique in any case among all users, also those who never were provisioned.
 */
import { hash } from 'node:crypto'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { claim, fold, free, holderOf } from '../lists/names.ts'
import { type Sight, userType } from '../sight.ts'
import { index } from './found.ts'
import { emailOf, otherEmails } from './person.ts'

export interface Kept {
  readonly userName: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly modified: number
  /** As in the document, without what is the user's. */
  readonly document: JsonObject
}

const provided = new Entities<Kept>('@scim')
const nameIndex = 'userName'
const keptMax = 32_768

export function keptOf(sight: Sight, id: string): Kept | undefined {
  return provided.at(sight, id)
}

/** @throws Fault name_taken: the userName; invalid_field: too much */
export function keep(draft: Draft, id: string, before: Kept | undefined, after: Kept): void {
  if (Buffer.byteLength(JSON.stringify(after.document)) > keptMax) {
    throw new Fault('invalid_field', `a user has at most ${keptMax} bytes as JSON`)
  }
  if (after.userName !== before?.userName) {
    const holder = userNamed(draft, after.userName)
    if (holder !== undefined && holder !== id) throw taken(after.userName)
    claim(draft, nameIndex, id, after.userName, before?.userName)
  }
  indexAll(draft, id, before?.document ?? {}, after.document)
  provided.put(draft, id, after)
}

/** Of a user who goes, whoever decided it. */
export function forgetKept(draft: Draft, id: string): void {
  const kept = keptOf(draft, id)
  if (kept === undefined) return
  free(draft, nameIndex, kept.userName)
  indexAll(draft, id, kept.document, {})
  provided.remove(draft, id)
}

function indexAll(draft: Draft, id: string, before: JsonObject, after: JsonObject): void {
  index(draft, 'user', id, externalIdOf(before), externalIdOf(after))
  index(draft, 'email', id, otherEmails(before), otherEmails(after))
}

function externalIdOf({ externalId }: JsonObject): readonly string[] {
  return typeof externalId === 'string' ? [externalId] : []
}

function taken(userName: string): Fault {
  return new Fault('name_taken', `there is a user \`${userName}\` already`, { field: 'userName' })
}

/** Who has a userName, in any case. */
export function userNamed(sight: Sight, userName: string): string | undefined {
  const holder = holderOf(sight, nameIndex, userName)
  if (holder !== undefined) return holder
  for (const id of [holderOf(sight, 'email', userName), userName]) {
    const attributes = id === undefined ? undefined : sight.entity(userType, id)
    if (id === undefined || attributes === undefined || keptOf(sight, id) !== undefined) continue
    if (fold(userNameOf(sight, id, attributes)) === fold(userName)) return id
  }
  return undefined
}

/** Who was not provisioned has the e-mail address for a userName, as long as it is nobody else's, or the id. */
export function userNameOf(sight: Sight, id: string, attributes: JsonObject): string {
  const kept = keptOf(sight, id)
  if (kept !== undefined) return kept.userName
  const email = emailOf(attributes)
  return email === undefined || holderOf(sight, nameIndex, email) !== undefined ? id : email
}

/** What a user's groups are said to be. */
export interface ShownGroup extends JsonObject {
  readonly id: string
  readonly name: string
}

/** Of the user and what is kept besides. */
export function ownVersionOf(sight: Sight, id: string): string {
  const [user, kept] = [sight.stored(userType, id), sight.stored(provided.type, id)]
  return versionOf(user?.revision, kept?.revision)
}

/** @param user - the revision that put the user; `kept`: what is kept of them, where anything is */
export function versionOf(user = 0, kept = 0): string {
  return `${user}.${kept}`
}

/** Of all that a document shows: what `own` is of, and the groups with their names (RFC 7643, 3.1 and 4.1.2). */
export function versionWith(own: string, groups: readonly ShownGroup[]): string {
  if (groups.length === 0) return own
  const shown = JSON.stringify(groups.map((group) => [group.id, group.name]))
  return `${own}.${hash('sha256', shown, 'base64url').slice(0, 16)}`
}
