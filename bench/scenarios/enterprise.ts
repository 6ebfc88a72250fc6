/**
 * An enterprise as tuples: users in groups nested five deep, agents shared with users and groups. A data set with
 * its expected answers, so that a bench that answers wrongly fails instead of shining.
 */
import type { TupleKey } from '../../src/tuple/tuple.ts'

export const model = `model
  schema 1.1
type user
type group
  relations
    define parent: [group]
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

export interface Size {
  readonly users: number
  readonly groups: number
  readonly agents: number
}

/** Tuples of an enterprise, some 12.5 an agent and 5 a user; `users` and `groups` are powers of ten. */
export function* tuples({ users, groups, agents }: Size): Generator<TupleKey> {
  for (let group = 1; group < groups; group++) {
    // A tree of branching 10: five levels for 10,000 groups.
    yield tuple(`group:g${Math.floor((group - 1) / 10)}`, 'member', `group:g${group}#member`)
  }
  for (let user = 0; user < users; user++) {
    for (let seat = 0; seat < 5; seat++) {
      yield tuple(`group:g${spread(user * 5 + seat, groups)}`, 'member', `user:u${user}`)
    }
  }
  for (let agent = 0; agent < agents; agent++) {
    yield tuple(`agent:a${agent}`, 'owner', `user:u${spread(agent, users)}`)
    yield tuple(`agent:a${agent}`, 'workspace', `workspace:w${agent % 100}`)
    yield tuple(`agent:a${agent}`, 'editor', `group:g${spread(agent * 3, groups)}#member`)
    for (let share = 0; share < 7; share++) {
      yield tuple(`agent:a${agent}`, 'viewer', `user:u${spread(agent * 7 + share, users)}`)
    }
    if (agent % 10 === 0) yield tuple(`agent:a${agent}`, 'blocked', `user:u${spread(agent * 7, users)}`)
  }
}

export interface Expectation extends TupleKey {
  readonly allowed: boolean
}

/** Checks with their answers, by construction. */
export function* expectations({ users, groups, agents }: Size, count: number): Generator<Expectation> {
  for (let i = 0; i < count; i++) {
    const agent = spread(i * 13 + 1, agents)
    const object = `agent:a${agent}`
    const viewer = `user:u${spread(agent * 7, users)}`
    yield {
      object,
      relation: 'can_use',
      subject: `user:u${spread(agent, users)}`,
      allowed: !(agent % 10 === 0 && spread(agent, users) === spread(agent * 7, users)),
    }
    yield { object, relation: 'can_use', subject: viewer, allowed: agent % 10 !== 0 }
    yield { object, relation: 'can_use', subject: `user:nobody${i}`, allowed: false }
    yield {
      object: 'group:g0',
      relation: 'member',
      subject: `user:u${spread(i, users)}`,
      allowed: groups > 1,
    }
  }
}

const tuple = (object: string, relation: string, subject: string): TupleKey => ({ object, relation, subject })

/** A fixed scatter of the integers over 0 .. size - 1; distinct for neighbouring numbers. */
function spread(n: number, size: number): number {
  return (n * 7919 + 13) % size
}
