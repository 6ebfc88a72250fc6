/** W6: exclusion and intersection. A reader views through a group, is cleared by the organization, and not suspended. */
import { type Dataset, type Question, type Scale, type Scenario, tuple } from './scenario.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type organization
  relations
    define cleared: [user]
    define suspended: [user]
type document
  relations
    define organization: [organization]
    define viewer: [user, group#member]
    define cleared: cleared from organization
    define suspended: suspended from organization
    define can_read: (viewer and cleared) but not suspended
`

const sizes: Readonly<Record<Scale, { users: number; groups: number; documents: number }>> = {
  small: { users: 200, groups: 10, documents: 40 },
  full: { users: 20_000, groups: 500, documents: 20_000 },
}

/** By a user's number within its group: the first are cleared, of those and of the others every second is suspended. */
const kinds = [
  { cleared: true, suspended: false },
  { cleared: true, suspended: true },
  { cleared: false, suspended: false },
  { cleared: false, suspended: true },
] as const

function at(scale: Scale): Dataset {
  const { users, groups, documents } = sizes[scale]
  /** A user is in the group of its remainder, and of the kind of its quotient. */
  const kindOf = (user: number) => Math.floor(user / groups) % kinds.length
  const userOf = (group: number, kind: number, turn: number) =>
    group + groups * (kind + kinds.length * (turn % Math.floor(users / groups / kinds.length)))

  /** An allow, then a deny for each reason there is: suspended, not cleared, both, and no viewer at all. */
  function question(index: number): Question {
    const half = Math.floor(index / 2)
    const document = half % documents
    const turn = Math.floor(half / documents)
    const allowed = index % 2 === 0
    const reason = (half % 4) + 1
    const group = allowed || reason < 4 ? document % groups : (document + 1) % groups
    const kind = allowed || reason === 4 ? 0 : reason
    const subject = `user:u${userOf(group, kind, turn)}`
    return { object: `document:d${document}`, relation: 'can_read', subject, allowed }
  }

  return {
    distinct: documents * 2 * Math.floor(users / groups / kinds.length),
    question,
    *tuples() {
      for (let user = 0; user < users; user++) {
        const kind = kinds[kindOf(user)]
        yield tuple(`group:g${user % groups}`, 'member', `user:u${user}`)
        if (kind?.cleared === true) yield tuple('organization:o', 'cleared', `user:u${user}`)
        if (kind?.suspended === true) yield tuple('organization:o', 'suspended', `user:u${user}`)
      }
      for (let document = 0; document < documents; document++) {
        yield tuple(`document:d${document}`, 'organization', 'organization:o')
        yield tuple(`document:d${document}`, 'viewer', `group:g${document % groups}#member`)
      }
    },
  }
}

export const clearance: Scenario = {
  name: 'W6',
  title: 'exclusion and intersection',
  model,
  skew: 'uniform',
  at,
}
