/** W4: one group of a million direct members, and agents shared with a thousand groups each. */
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type agent
  relations
    define can_use: [user, group#member]
`

const sizes: Readonly<Record<Scale, { members: number; groups: number; groupMembers: number }>> = {
  small: { members: 500, groups: 50, groupMembers: 4 },
  full: { members: 1_000_000, groups: 1_000, groupMembers: 50 },
}
const agents = 10

function at(scale: Scale): Dataset {
  const { members, groups, groupMembers } = sizes[scale]

  /** By turns about the large group, an agent of the large group, and an agent of many groups. */
  function question(index: number): Question {
    const half = Math.floor(index / 2)
    const allowed = index % 2 === 0
    const kind = half % 3
    const turn = Math.floor(half / 3)
    if (kind < 2) {
      const subject = allowed ? `user:m${(turn * 7919) % members}` : `user:s${turn % members}`
      return kind === 0
        ? { object: 'group:everyone', relation: 'member', subject, allowed }
        : { object: 'agent:popular', relation: 'can_use', subject, allowed }
    }
    const agent = turn % agents
    const group = Math.floor(turn / agents) % groups
    const seat = Math.floor(turn / agents / groups) % groupMembers
    const subject = allowed ? `user:g${group}-${seat}` : `user:n${group}-${seat}`
    return { object: `agent:shared${agent}`, relation: 'can_use', subject, allowed }
  }

  return {
    distinct: 2 * 3 * Math.min(members, agents * groups * groupMembers),
    question,
    *tuples() {
      yield tuple('agent:popular', 'can_use', 'group:everyone#member')
      for (let user = 0; user < members; user++) yield tuple('group:everyone', 'member', `user:m${user}`)
      for (let group = 0; group < groups; group++) {
        for (let agent = 0; agent < agents; agent++) {
          yield tuple(`agent:shared${agent}`, 'can_use', `group:g${group}#member`)
        }
        for (let user = 0; user < groupMembers; user++) {
          yield tuple(`group:g${group}`, 'member', `user:g${group}-${user}`)
          // A denied user has a group too: one that nothing is shared with.
          yield tuple(`group:other${group}`, 'member', `user:n${group}-${user}`)
        }
      }
    },
  }
}

export const wide: Scenario = {
  name: 'W4',
  title: 'a group of a million, agents shared with a thousand groups',
  model,
  skew: 'uniform',
  at,
}
