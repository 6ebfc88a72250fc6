/**
 * An enterprise: users in groups nested five deep, agents shared with users and groups. W1, W2 and W5 are the same
 * shape at different sizes. Who may use an agent is arithmetic here, so every answer is known without asking anybody.
 */
import type { TupleKey } from '../../src/tuple/tuple.ts'
import {
  type Dataset,
  type Question,
  type Scale,
  type Scenario,
  spread,
  tuple,
  unspread,
} from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type workspace
  relations
    define viewer: [user, group#member]
type agent
  relations
    define workspace: [workspace]
    define owner: [user]
    define editor: [user, group#member] or owner
    define blocked: [user]
    define viewer: [user, group#member] or editor or viewer from workspace
    define can_use: viewer but not blocked
`

/** Each a power of ten, but `agents`. */
export interface Size {
  readonly users: number
  readonly groups: number
  readonly agents: number
}

const seats = 5
const shares = 7
const workspaces = 100
const workspaceViewers = 2
/** Members of one group that are asked about. */
const perGroup = 10
/** Questions an agent has with each answer. */
const allowsPerAgent = 10

/** Tuples: some 10.1 an agent, 5 a user, one a group. */
function* tuples({ users, groups, agents }: Size): Generator<TupleKey> {
  for (let group = 1; group < groups; group++) {
    yield tuple(`group:g${parentOf(group)}`, 'member', `group:g${group}#member`)
  }
  for (let user = 0; user < users; user++) {
    for (const group of seatsOf(user, groups)) yield tuple(`group:g${group}`, 'member', `user:u${user}`)
  }
  for (let workspace = 0; workspace < workspaces; workspace++) {
    for (const user of workspaceUsers(workspace, users))
      yield tuple(`workspace:w${workspace}`, 'viewer', `user:u${user}`)
  }
  for (let agent = 0; agent < agents; agent++) {
    yield tuple(`agent:a${agent}`, 'owner', `user:u${ownerOf(agent, users)}`)
    yield tuple(`agent:a${agent}`, 'workspace', `workspace:w${agent % workspaces}`)
    yield tuple(`agent:a${agent}`, 'editor', `group:g${editorsOf(agent, groups)}#member`)
    for (const user of sharedWith(agent, users)) yield tuple(`agent:a${agent}`, 'viewer', `user:u${user}`)
    if (isBlocking(agent)) yield tuple(`agent:a${agent}`, 'blocked', `user:u${blockedBy(agent, users)}`)
  }
}

/** Whether a user may use an agent, as the tuples above have it. */
export function mayUse(size: Size, user: number, agent: number): boolean {
  const { users, groups } = size
  if (isBlocked(user, agent, users)) return false
  if (user === ownerOf(agent, users) || sharedWith(agent, users).includes(user)) return true
  if (workspaceUsers(agent % workspaces, users).includes(user)) return true
  const editors = editorsOf(agent, groups)
  return seatsOf(user, groups).some((group) => isWithin(group, editors))
}

/** Every agent a user may use, by going backwards: for lists. O(groups above the user's), not O(agents). */
export function agentsOf(size: Size, user: number): readonly string[] {
  const { users, groups, agents } = size
  const near = new Set<number>()
  const reach = (
    value: number,
    modulus: number,
    toAgents: (n: number) => number | undefined,
    most: number,
  ) => {
    for (let n = unspread(value, modulus); n < most; n += modulus) {
      const agent = toAgents(n)
      if (agent !== undefined) near.add(agent)
    }
  }
  reach(user, users, (n) => n, agents)
  reach(user, users, (n) => Math.floor(n / shares), agents * shares)
  for (const seat of seatsOf(user, groups)) {
    for (let group = seat; ; group = parentOf(group)) {
      reach(group, groups, (n) => (n % 3 === 0 ? n / 3 : undefined), agents * 3)
      if (group === 0) break
    }
  }
  for (let workspace = 0; workspace < workspaces; workspace++) {
    if (!workspaceUsers(workspace, users).includes(user)) continue
    for (let agent = workspace; agent < agents; agent += workspaces) near.add(agent)
  }
  return [...near].filter((agent) => mayUse(size, user, agent)).map((agent) => `agent:a${agent}`)
}

/** The agent of a question comes first, so that neighbouring numbers ask about different agents. */
function question(size: Size, index: number): Question {
  const half = Math.floor(index / 2)
  const agent = half % size.agents
  const variant = Math.floor(half / size.agents)
  const allowed = index % 2 === 0
  const subject = allowed ? allowedUser(size, agent, variant) : deniedUser(size, agent, variant)
  return { object: `agent:a${agent}`, relation: 'can_use', subject, allowed }
}

/** Owner, shares, the workspace's viewers, then members of the groups within the editing one. */
function allowedUser(size: Size, agent: number, variant: number): string {
  const { users, groups } = size
  const found = new Set<number>()
  const wanted = function* () {
    // Every second one through groups: the long way is what this data set is for.
    const direct = [
      ownerOf(agent, users),
      ...sharedWith(agent, users),
      ...workspaceUsers(agent % workspaces, users),
    ]
    const members = membersWithin(editorsOf(agent, groups), size)
    for (const user of direct) {
      yield user
      const { value } = members.next()
      if (value !== undefined) yield value
    }
    yield* members
  }
  for (const user of wanted()) {
    if (!isBlocked(user, agent, users)) found.add(user)
    if (found.size > variant) return `user:u${user}`
  }
  throw new Error(`agent ${agent} has no ${variant + 1} users`)
}

/** Candidates of different variants are different by their remainder; where everybody may, a stranger asks. */
function deniedUser(size: Size, agent: number, variant: number): string {
  if (variant === 0 && isBlocking(agent)) return `user:u${blockedBy(agent, size.users)}`
  const first = spread(agent * 31 + variant, size.users / allowsPerAgent) * allowsPerAgent + variant
  for (let step = 0; step < 8; step++) {
    const user = (first + step * allowsPerAgent) % size.users
    const asked = isBlocked(user, agent, size.users)
    if (!asked && !mayUse(size, user, agent)) return `user:u${user}`
  }
  return `user:stranger${variant}`
}

/** Users in the groups of a subtree: the group's own, then those of the groups below, breadth first. */
function* membersWithin(top: number, { users, groups }: Size): Generator<number, undefined> {
  for (let first = top, last = top; first < groups; first = first * 10 + 1, last = last * 10 + 10) {
    for (let group = first; group <= Math.min(last, groups - 1, first + 20); group++) {
      const start = unspread(group, groups)
      // Not all of each group: they are to come from several depths.
      for (let n = start; n < Math.min(users * seats, start + groups * perGroup); n += groups)
        yield Math.floor(n / seats)
    }
  }
}

const parentOf = (group: number): number => Math.floor((group - 1) / 10)
const ownerOf = (agent: number, users: number): number => spread(agent, users)
const editorsOf = (agent: number, groups: number): number => spread(agent * 3, groups)
const blockedBy = (agent: number, users: number): number => spread(agent * shares, users)
const isBlocking = (agent: number): boolean => agent % 10 === 0
const isBlocked = (user: number, agent: number, users: number): boolean =>
  isBlocking(agent) && user === blockedBy(agent, users)
const seatsOf = (user: number, groups: number): readonly number[] =>
  Array.from({ length: seats }, (_, seat) => spread(user * seats + seat, groups))
const sharedWith = (agent: number, users: number): readonly number[] =>
  Array.from({ length: shares }, (_, share) => spread(agent * shares + share, users))
const workspaceUsers = (workspace: number, users: number): readonly number[] =>
  Array.from({ length: workspaceViewers }, (_, viewer) => spread(workspace * 17 + viewer, users))

function isWithin(group: number, top: number): boolean {
  let at = group
  while (at > top) at = parentOf(at)
  return at === top
}

function enterprise(name: string, title: string, sizes: Readonly<Record<Scale, Size>>): Scenario {
  return { name, title, model, skew: 'zipf', at: (scale) => enterpriseOf(sizes[scale]) }
}

function enterpriseOf(size: Size): Dataset {
  return {
    distinct: size.agents * allowsPerAgent * 2,
    tuples: () => tuples(size),
    question: (index) => question(size, index),
  }
}

/** Some 1,000 users, 100 groups, 500 agents and 10,000 tuples. */
export const smallOrganization = enterprise('W1', 'small organization', {
  small: { users: 100, groups: 10, agents: 50 },
  full: { users: 1_000, groups: 100, agents: 500 },
})

export const enterpriseSizes = {
  small: { users: 1_000, groups: 100, agents: 500 },
  full: { users: 100_000, groups: 10_000, agents: 48_500 },
} as const

/** A million tuples, some million different pairs. */
export const largeOrganization = enterprise('W2', 'enterprise', enterpriseSizes)

export const tenMillion = enterprise('W5', 'ten million tuples', {
  small: enterpriseSizes.small,
  full: { users: 1_000_000, groups: 100_000, agents: 485_000 },
})

export const hundredMillion = enterprise('W5H', 'a hundred million tuples', {
  small: enterpriseSizes.small,
  full: { users: 10_000_000, groups: 1_000_000, agents: 4_850_000 },
})
