/** W3: groups in groups in groups. Does a check cost more the deeper the group is nested? */
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
`

/** Groups between the one asked about and the one the user sits in, plus one. */
export const depths = [1, 4, 16, 64] as const
export type Depth = (typeof depths)[number]

interface Size {
  /** Of each depth. */
  readonly chains: number
  readonly users: number
}

const sizes: Readonly<Record<Scale, Size>> = {
  small: { chains: 5, users: 4 },
  full: { chains: 200, users: 100 },
}

/** Each depth has as many questions. */
export function chainQuestion(scale: Scale, depth: Depth, index: number): Question {
  const { chains, users } = sizes[scale]
  const half = Math.floor(index / 2)
  const chain = half % chains
  const user = Math.floor(half / chains) % users
  const allowed = index % 2 === 0
  // The user of the next chain is as near, and not in.
  const home = allowed ? chain : (chain + 1) % chains
  return { object: group(depth, chain, 0), relation: 'member', subject: member(depth, home, user), allowed }
}

export function chainQuestions(scale: Scale): number {
  return sizes[scale].chains * sizes[scale].users * 2
}

function at(scale: Scale): Dataset {
  const { chains, users } = sizes[scale]
  return {
    distinct: chainQuestions(scale) * depths.length,
    *tuples() {
      for (const depth of depths) {
        for (let chain = 0; chain < chains; chain++) {
          for (let level = 1; level < depth; level++) {
            yield tuple(group(depth, chain, level - 1), 'member', `${group(depth, chain, level)}#member`)
          }
          for (let user = 0; user < users; user++) {
            yield tuple(group(depth, chain, depth - 1), 'member', member(depth, chain, user))
          }
        }
      }
    },
    question: (index) => {
      const pair = Math.floor(index / 2)
      const depth = depths[pair % depths.length] ?? 1
      return chainQuestion(scale, depth, Math.floor(pair / depths.length) * 2 + (index % 2))
    },
  }
}

const group = (depth: number, chain: number, level: number) => `group:d${depth}-${chain}-${level}`
const member = (depth: number, chain: number, user: number) => `user:d${depth}-${chain}-${user}`

export const chains: Scenario = { name: 'W3', title: 'chains 1, 4, 16, 64 deep', model, skew: 'uniform', at }
