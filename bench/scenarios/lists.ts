/** What lists are asked of: one user who may use a fifth of all agents, through a group. */
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type agent
  relations
    define blocked: [user]
    define can_use: [user, group#member] but not blocked
`

const agents: Readonly<Record<Scale, number>> = { small: 100, full: 50_000 }
const oneIn = 5

/** Whose list is asked for, and what it holds. */
export const reader = 'user:reader'
export function readable(scale: Scale): readonly string[] {
  return Array.from({ length: agents[scale] / oneIn }, (_, turn) => `agent:a${turn * oneIn}`)
}

function at(scale: Scale): Dataset {
  function question(index: number): Question {
    const agent = (index * oneIn + (index % 2)) % agents[scale]
    return { object: `agent:a${agent}`, relation: 'can_use', subject: reader, allowed: agent % oneIn === 0 }
  }
  return {
    distinct: agents[scale] / oneIn,
    question,
    *tuples() {
      yield tuple('group:readers', 'member', 'group:team#member')
      yield tuple('group:team', 'member', reader)
      for (let agent = 0; agent < agents[scale]; agent++) {
        const group = agent % oneIn === 0 ? 'group:readers' : `group:others${agent % 100}`
        yield tuple(`agent:a${agent}`, 'can_use', `${group}#member`)
        if (agent % oneIn === 1) yield tuple(`agent:a${agent}`, 'blocked', reader)
      }
    },
  }
}

export const lists: Scenario = {
  name: 'lists',
  title: 'a list of 10,000 of 50,000 agents',
  model,
  skew: 'uniform',
  at,
}
