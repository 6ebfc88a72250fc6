/** W9: groups that contain each other. Everybody in a ring is in every group of it; nobody else is. */
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define banned: [user]
    define member: [user, group#member]
    define active: [user, group#active] but not banned
`

const sizes: Readonly<Record<Scale, { rings: number; groups: number }>> = {
  small: { rings: 4, groups: 10 },
  full: { rings: 100, groups: 100 },
}
const relations = ['member', 'active'] as const

function at(scale: Scale): Dataset {
  const { rings, groups } = sizes[scale]
  const group = (ring: number, number: number) => `group:r${ring}-${number % groups}`
  const user = (ring: number, number: number) => `user:r${ring}-${number % groups}`

  /** A deny is the user of another ring: every edge has to be looked at to know. */
  function question(index: number): Question {
    const half = Math.floor(index / 2)
    const ring = half % rings
    const turn = Math.floor(half / rings)
    const allowed = index % 2 === 0
    const relation = relations[turn % 2] ?? 'member'
    const asked = Math.floor(turn / 2)
    const subject = user(allowed ? ring : (ring + 1) % rings, asked * 7 + Math.floor(asked / groups))
    return { object: group(ring, asked), relation, subject, allowed }
  }

  return {
    distinct: rings * groups * 2 * relations.length,
    question,
    *tuples() {
      for (let ring = 0; ring < rings; ring++) {
        for (let number = 0; number < groups; number++) {
          for (const relation of relations) {
            yield tuple(group(ring, number), relation, user(ring, number))
            for (const step of [1, 3, 8]) {
              yield tuple(group(ring, number), relation, `${group(ring, number + step)}#${relation}`)
            }
          }
        }
      }
    },
  }
}

export const rings: Scenario = { name: 'W9', title: 'mutually nested groups', model, skew: 'uniform', at }
