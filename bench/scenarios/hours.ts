/** W7: conditions. Access within hours that are stored with the tuple; the question brings the hour. */
import type { Tuple } from '../../src/tuple/tuple.ts'
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type agent
  relations
    define can_use: [user with within, group#member with within]
condition within(hour: int, from: int, until: int) {
  from <= hour && hour < until
}
`

const sizes: Readonly<Record<Scale, { users: number; agents: number }>> = {
  small: { users: 50, agents: 20 },
  full: { users: 10_000, agents: 5_000 },
}
const usersPerAgent = 10
const groupSize = 10

function at(scale: Scale): Dataset {
  const { users, agents } = sizes[scale]
  const from = (agent: number) => 6 + (agent % 6)
  const until = (agent: number) => from(agent) + 8
  const sharedWith = (agent: number, seat: number) => (agent * usersPerAgent + seat) % users

  /** Half of the agents are asked about by users they are shared with, half by members of a group. */
  function question(index: number): Question {
    const half = Math.floor(index / 2)
    const agent = half % agents
    const turn = Math.floor(half / agents)
    const allowed = index % 2 === 0
    const direct = agent % 2 === 0
    const user = direct
      ? sharedWith(agent, turn % usersPerAgent)
      : (agent % (users / groupSize)) * groupSize + turn
    const hour = allowed ? from(agent) + (turn % 8) : until(agent) + (turn % 4)
    return {
      object: `agent:a${agent}`,
      relation: 'can_use',
      subject: `user:u${user}`,
      context: { hour },
      allowed,
    }
  }

  return {
    distinct: agents * 2 * groupSize,
    question,
    *tuples(): Generator<Tuple> {
      for (let user = 0; user < users; user++) {
        yield tuple(`group:g${Math.floor(user / groupSize)}`, 'member', `user:u${user}`)
      }
      for (let agent = 0; agent < agents; agent++) {
        const condition = { name: 'within', context: { from: from(agent), until: until(agent) } }
        if (agent % 2 === 1) {
          const group = `group:g${agent % (users / groupSize)}#member`
          yield { ...tuple(`agent:a${agent}`, 'can_use', group), condition }
          continue
        }
        for (let seat = 0; seat < usersPerAgent; seat++) {
          const user = `user:u${sharedWith(agent, seat)}`
          yield { ...tuple(`agent:a${agent}`, 'can_use', user), condition }
        }
      }
    },
  }
}

export const hours: Scenario = { name: 'W7', title: 'conditions', model, skew: 'uniform', at }
