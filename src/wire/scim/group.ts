/**
 * Groups as clients write and read them: RFC 7643, section 4.2. A PATCH becomes steps that name the members they are about:
 * a group may have 100,000, and none of them is read to add one.
 */
import type { JsonObject } from '../../lib/json.ts'
import type { Filter } from './filter.ts'
import { type Operation, ofAnyCase, parsePatch } from './patch.ts'
import { refused } from './refusal.ts'
import { groupKind, groupSchema } from './schemas.ts'
import { encodeMeta, type KeptMeta } from './user.ts'
import { isRecord, partsOf, readValue } from './value.ts'

interface Member {
  readonly id: string
  /** Undefined: whichever there is of that id. */
  readonly isGroup: boolean | undefined
}

type MemberStep = { readonly op: 'add' | 'remove' | 'replace'; readonly members: readonly Member[] }

/** Fields that are absent stay; `externalId: null` takes it away. */
export interface GroupChange {
  readonly displayName?: string
  readonly externalId?: string | null
  /** In order. */
  readonly members: readonly MemberStep[]
}

export interface NewGroup {
  readonly displayName: string
  readonly externalId?: string
  readonly members: readonly Member[]
}

/** Without members where they were not asked for. */
export interface KeptGroup {
  readonly id: string
  readonly displayName: string
  readonly externalId?: string | undefined
  readonly members?: readonly { readonly id: string; readonly isGroup: boolean }[] | undefined
  readonly meta: KeptMeta
}

/** Of POST. @throws Fault invalidSyntax, invalidValue */
export function decodeGroup(body: unknown): NewGroup {
  const { named, members = [] } = read(body)
  demandFewMembers([{ op: 'add', members }])
  return { ...named, members }
}

/** Of PUT: members that are not spoken of stay. @throws Fault invalidSyntax, invalidValue */
export function decodeGroupReplacement(body: unknown): GroupChange {
  const { named, members } = read(body)
  const steps: readonly MemberStep[] = members === undefined ? [] : [{ op: 'replace', members }]
  demandFewMembers(steps)
  return { externalId: null, ...named, members: steps }
}

function read(body: unknown): {
  readonly named: { readonly displayName: string; readonly externalId?: string }
  readonly members: readonly Member[] | undefined
} {
  if (!isRecord(body)) throw refused('invalidSyntax', 'the body must be a group as a JSON object')
  const given = ofAnyCase(body, 'members')
  const own = { displayName: ofAnyCase(body, 'displayName'), externalId: ofAnyCase(body, 'externalId') }
  const { displayName, externalId } = partsOf(groupKind.root, own, '')
  if (typeof displayName !== 'string') {
    throw refused('invalidValue', '`displayName` is required', 'displayName')
  }
  return {
    named: { displayName, ...(typeof externalId === 'string' ? { externalId } : {}) },
    members: given === undefined ? undefined : membersOf(given ?? [], 'members'),
  }
}

/** Of PATCH. @throws Fault as `parsePatch`, invalidValue */
export function decodeGroupPatch(body: unknown): GroupChange {
  const change: { displayName?: string; externalId?: string | null; members: MemberStep[] } = { members: [] }
  for (const operation of parsePatch(groupKind, body)) {
    const { op, place, field } = operation
    const { attribute } = place
    if (place.keys[0] === 'members') {
      change.members.push(stepOf(operation))
      continue
    }
    const value = op === 'remove' ? undefined : readValue(attribute, operation.value, field)
    if (value === undefined && attribute.required) {
      throw refused('mutability', `\`${attribute.name}\` is required: it cannot be taken away`, field)
    }
    // Both are text by their attributes.
    if (attribute.name === 'displayName') change.displayName = String(value)
    else change.externalId = value === undefined ? null : String(value)
  }
  demandFewMembers(change.members)
  return change
}

/** Named in one request: each is a tuple of one commit, which everybody waits for. */
const namedMax = 32_768

/** @throws Fault invalidValue */
function demandFewMembers(steps: readonly MemberStep[]): void {
  const count = steps.reduce((sum, { members }) => sum + members.length, 0)
  if (count <= namedMax) return
  throw refused('invalidValue', `one request names at most ${namedMax} members: add the others in another`)
}

function stepOf({ op, place, filter, sub, value, field }: Operation): MemberStep {
  if (place.keys.length > 1 || sub !== undefined) {
    throw refused('mutability', 'members come and go as a whole: a part of one cannot be changed', field)
  }
  if (filter !== undefined) {
    if (op !== 'remove') throw refused('noTarget', 'members are added by `value`, without a filter', field)
    return { op, members: chosenBy(filter) }
  }
  if (op !== 'remove') return { op, members: membersOf(value ?? [], field) }
  if (value === undefined) return { op: 'replace', members: [] }
  // Whoever has nobody to name may send it for an empty list: that is not to take everybody away.
  if (value === null)
    throw refused('invalidValue', '`null` names nobody: leave `value` out to empty the group', field)
  // Sent by one provider, and not of the standard: only those who are named are meant.
  return { op, members: membersOf(value, field) }
}

/** @throws Fault invalidFilter: members are found by their ids alone */
function chosenBy(filter: Filter): readonly Member[] {
  if (filter.op === 'or') return filter.filters.flatMap(chosenBy)
  if (filter.op === 'eq' && filter.path.toLowerCase() === 'value' && typeof filter.value === 'string') {
    return [{ id: filter.value, isGroup: undefined }]
  }
  throw refused('invalidFilter', 'members are chosen by `value eq "ID"`, and several by `or`')
}

/** Each once. @throws Fault invalidValue */
function membersOf(given: unknown, field: string): readonly Member[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const members = new Map<string, Member>()
  for (const [index, each] of list.entries()) {
    const id = isRecord(each) ? ofAnyCase(each, 'value') : each
    if (typeof id !== 'string' || id === '') {
      throw refused('invalidValue', `\`${field}[${index}].value\` must be the id of a user or a group`, field)
    }
    members.set(id, { id, isGroup: isRecord(each) ? isGroup(each) : undefined })
  }
  return [...members.values()]
}

function isGroup(given: Readonly<Record<string, unknown>>): boolean | undefined {
  const type = ofAnyCase(given, 'type')
  const word = typeof type === 'string' ? type.toLowerCase() : ''
  return word === 'user' || word === 'group' ? word === 'group' : undefined
}

/** @param base - `https://host/scim/v2/ORG` */
export function encodeGroup(
  { id, displayName, externalId, members, meta }: KeptGroup,
  base: string,
): JsonObject {
  return {
    schemas: [groupSchema.id],
    id,
    ...(externalId === undefined ? {} : { externalId }),
    displayName,
    ...(members === undefined ? {} : { members: members.map((member) => encodeMember(member, base)) }),
    meta: encodeMeta('Group', meta, `${base}/Groups/${id}`),
  }
}

function encodeMember(
  { id, isGroup }: { readonly id: string; readonly isGroup: boolean },
  base: string,
): JsonObject {
  const type = isGroup ? 'Group' : 'User'
  return { value: id, $ref: `${base}/${type}s/${id}`, type }
}
