/**
 * What a walk can say of one subject at one vertex, and how operands combine. Not the recursion: walk.ts
 * applies these rules while it descends, solve.ts applies them again to a component of mutual dependence.
 *
 * `undefined` is a relation that rests on its own negation, `error` one that rests on something that could not be
 * evaluated. Neither is ever turned into `member`; both are denied, `error` aloud.
 */
export type Membership = 'member' | 'absent' | 'undefined' | 'error'

/** How a vertex joins its operands: any of them, all of them, or the first but not the second. */
export type Join = 'any' | 'all' | 'but-not'

/** The answer that operand number `position` forces on its own, whatever the others are. */
export function decides(join: Join, position: number, operand: Membership): Membership | undefined {
  switch (join) {
    case 'any':
      return operand === 'member' ? 'member' : undefined
    case 'all':
      return operand === 'absent' ? 'absent' : undefined
    case 'but-not':
      return operand === (position === 0 ? 'absent' : 'member') ? 'absent' : undefined
  }
}

/**
 * The answer when no operand decided: union is member > error > undefined > absent, intersection
 * absent > error > undefined > member, exclusion absent > error > undefined > member.
 */
export function undecided(join: Join, saw: { sawError: boolean; sawUndefined: boolean }): Membership {
  if (saw.sawError) return 'error'
  if (saw.sawUndefined) return 'undefined'
  return join === 'any' ? 'absent' : 'member'
}
