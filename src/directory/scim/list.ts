/**
 * Lists as provisioning asks for them: by position, with a total, in order of id, of one revision. What an index can tell is
 * looked up; any other filter looks at everybody, a slice a turn.
 */
import { Slices } from '../../engine/drive.ts'
import { Fault } from '../../lib/fault.ts'
import { compareBytes } from '../../lib/order.ts'
import { idOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import { holderOf } from '../lists/names.ts'
import { type Looked, lookForPlatform } from '../look.ts'
import { type Sight, userType } from '../sight.ts'
import { groupsAbove, idpGroupNamed, idpGroupsOf, isProvisioned, type Joining } from '../sso/idp-groups.ts'
import { found } from './found.ts'
import { membersAmong, membersOf, type ProvidedGroup, providedGroup } from './groups.ts'
import { userNamed } from './kept.ts'
import { type ProvidedUser, withGroups, withoutGroups } from './users.ts'

export interface ListRequest<Row> {
  readonly org: string
  /** From 1. */
  readonly startIndex: number
  readonly count: number
  /** Values that every row has: one of them may be in an index. */
  readonly sought: readonly { readonly path: string; readonly value: string }[]
  /** Absent: all. */
  readonly matches?: (row: Row) => boolean
}

export interface Listed<Row> {
  readonly total: number
  readonly rows: readonly Row[]
}

export interface UsersRequest extends ListRequest<ProvidedUser> {
  /** Whether the filter asks for their groups, or for what is made of them: then those of everybody are looked up. */
  readonly filtersGroups: boolean
}

export function listUsers(ground: Ground, request: UsersRequest): Promise<Looked<Listed<ProvidedUser>>> {
  return lookForPlatform(ground, request, async (sight) => {
    const few = await firstKnown(request.sought, (path, value) => usersBy(sight, path, value))
    const names = new Map<string, string>()
    const whole = (row: ProvidedUser) => withGroups(sight, row, names)
    const bare = (id: string) => withoutGroups(sight, id)
    if (request.filtersGroups) {
      return await listOf(ground, sight, userType, few, request, (id) => whole(bare(id)))
    }
    const { total, rows } = await listOf(ground, sight, userType, few, request, bare)
    return { total, rows: await inSlices(rows, whole) }
  })
}

export interface GroupsRequest extends ListRequest<ProvidedGroup> {
  /** Ids that the filter asks members for. */
  readonly membersNamed: readonly string[]
  readonly showsMembers: boolean
}

/** Of products that take none there are none. @throws Fault tooMany: members */
export function listGroups(ground: Ground, request: GroupsRequest): Promise<Looked<Listed<ProvidedGroup>>> {
  return lookForPlatform(ground, request, async (sight) => {
    const { identity } = sight.preset
    if (identity === undefined) return { total: 0, rows: [] }
    const few = await firstKnown(request.sought, (path, value) => groupsBy(sight, path, value))
    const { membersNamed, showsMembers } = request
    const row = (id: string) => {
      const group = providedGroup(sight, id)
      return membersNamed.length === 0 ? group : { ...group, members: membersAmong(sight, id, membersNamed) }
    }
    const listed = await listOf(ground, sight, identity.type, few, request, row)
    let left = membersMax
    const rows: ProvidedGroup[] = []
    for (const { members: _, ...group } of listed.rows) {
      const members: readonly Joining[] = showsMembers ? await membersOf(sight, group.id, left) : []
      left -= members.length
      rows.push(showsMembers ? { ...group, members } : group)
    }
    return { ...listed, rows }
  })
}

/** Of all groups of an answer: some 15 MB. */
export const membersMax = 100_000

/** What one index can tell; undefined: all have to be looked at. */
async function firstKnown(
  sought: ListRequest<never>['sought'],
  by: (path: string, value: string) => Promise<readonly string[]> | undefined,
): Promise<readonly string[] | undefined> {
  for (const { path, value } of sought) {
    const known = by(path, value)
    if (known !== undefined) return [...new Set(await known)].sort(compareBytes)
  }
  return undefined
}

function usersBy(sight: Sight, path: string, value: string): Promise<readonly string[]> | undefined {
  const look = lookups.user[path]
  return look?.(sight, value)
}

function groupsBy(sight: Sight, path: string, value: string): Promise<readonly string[]> | undefined {
  return lookups.group[path]?.(sight, value)
}

type Lookup = (sight: Sight, value: string) => Promise<readonly string[]>

/** By attribute. What it finds is judged by the filter all the same. */
const lookups: Readonly<Record<'user' | 'group', Readonly<Record<string, Lookup>>>> = {
  user: {
    id: async (_, value) => [value],
    userName: async (sight, value) => present(userNamed(sight, value)),
    externalId: (sight, value) => found(sight, 'user', value),
    'emails.value': async (sight, value) => [
      ...present(holderOf(sight, 'email', value)),
      ...(await found(sight, 'email', value)),
    ],
  },
  group: {
    id: async (_, value) => [value],
    displayName: async (sight, value) => present(idpGroupNamed(sight, value)),
    externalId: (sight, value) => found(sight, 'group', value),
    'members.value': async (sight, value) => [
      ...(await idpGroupsOf(sight, value)).map(idOf),
      ...(await groupsAbove(sight, value)).map(idOf),
    ],
  },
}

function present(id: string | undefined): readonly string[] {
  return id === undefined ? [] : [id]
}

/** Milliseconds in a turn before others have theirs, and for all of it. */
const sliceMs = 5
const patienceMs = 4000

/** @param few - ids in order, one of which every row has; undefined: all of the type */
async function listOf<Row>(
  ground: Ground,
  sight: Sight,
  type: string,
  few: readonly string[] | undefined,
  { startIndex, count, matches }: ListRequest<Row>,
  row: (id: string) => Row | Promise<Row>,
): Promise<Listed<Row>> {
  const from = startIndex - 1
  const known =
    few?.filter((id) => sight.entity(type, id) !== undefined) ?? (await idsOf(ground, sight, type))
  const there = type === userType ? known : known.filter(isProvisioned)
  if (matches === undefined) {
    return { total: there.length, rows: await inSlices(there.slice(from, from + count), row) }
  }
  const rows: Row[] = []
  let total = 0
  let turn = performance.now()
  const deadline = turn + patienceMs
  for (const id of there) {
    const made = row(id)
    const one = made instanceof Promise ? await made : made
    if (matches(one) && total++ >= from && rows.length < count) rows.push(one)
    if (performance.now() - turn < sliceMs) continue
    await new Promise(setImmediate)
    turn = performance.now()
    if (turn > deadline)
      throw new Fault('deadline_exceeded', 'the filter took too long: ask for what is indexed')
  }
  return { total, rows }
}

/** One after another, and others have their turns meanwhile. */
async function inSlices<One, Made>(
  all: readonly One[],
  make: (one: One) => Made | Promise<Made>,
): Promise<readonly Made[]> {
  const slices = new Slices()
  const made: Made[] = []
  for (const one of all) {
    if (slices.isOver) await slices.rest()
    made.push(await make(one))
  }
  return made
}

/** Ids of all entities of a type, in order, as they were at the sight's revision: the roster's, without what came since. */
async function idsOf(ground: Ground, sight: Sight, type: string): Promise<readonly string[]> {
  const roster = await ground.rosters.of(sight.view.store, type)
  const touched = roster.touchedSince(sight.view.revision)
  if (touched === undefined) throw new Fault('unavailable', 'too much was changed meanwhile: ask again')
  const ids = roster.all().map(({ id }) => id)
  if (touched.length === 0) return ids
  const since = new Set(touched)
  const before = touched.filter((id) => sight.entity(type, id) !== undefined)
  return [...ids.filter((id) => !since.has(id)), ...before].sort(compareBytes)
}
