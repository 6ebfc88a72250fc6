/**
 * Boolean equations with negation, and their well-founded model by the textbook's alternating fixpoint. Knows
 * nothing of tuples. Slow on purpose: whole sweeps until nothing changes.
 */

export type Equation =
  | { readonly is: 'true' | 'false' | 'error' }
  | { readonly is: 'any' | 'all'; readonly of: readonly number[] }
  | { readonly is: 'but not'; readonly base: number; readonly subtract: number }

/** `undefined`: it depends on its own negation. `error`: it hangs on a value nobody could compute. */
export type Value = 'true' | 'false' | 'undefined' | 'error'

/** One value an equation. */
export function solve(equations: readonly Equation[]): Value[] {
  let certain = new Set<number>()
  let possible = leastFixpoint(equations, certain, true)
  for (;;) {
    const nextCertain = leastFixpoint(equations, possible, false)
    const nextPossible = leastFixpoint(equations, nextCertain, true)
    const stable = nextCertain.size === certain.size && nextPossible.size === possible.size
    certain = nextCertain
    possible = nextPossible
    if (stable) break
  }
  const undecided = new Set([...possible].filter((vertex) => !certain.has(vertex)))
  const failed = errorsAmong(equations, undecided)
  return equations.map((_, vertex) => {
    if (certain.has(vertex)) return 'true'
    if (!undecided.has(vertex)) return 'false'
    return failed.has(vertex) ? 'error' : 'undefined'
  })
}

/**
 * The least set that satisfies the equations when a subtracted vertex counts as a member exactly if it is in
 * `subtracted`, and errors count as `errors`.
 */
function leastFixpoint(
  equations: readonly Equation[],
  subtracted: ReadonlySet<number>,
  errors: boolean,
): Set<number> {
  const members = new Set<number>()
  const satisfied = (equation: Equation): boolean => {
    switch (equation.is) {
      case 'true':
        return true
      case 'false':
        return false
      case 'error':
        return errors
      case 'any':
        return equation.of.some((operand) => members.has(operand))
      case 'all':
        return equation.of.every((operand) => members.has(operand))
      case 'but not':
        return members.has(equation.base) && !subtracted.has(equation.subtract)
    }
  }
  for (let before = -1; before !== members.size; ) {
    before = members.size
    equations.forEach((equation, vertex) => {
      if (satisfied(equation)) members.add(vertex)
    })
  }
  return members
}

/** The undecided vertices that reach an error through undecided operands. */
function errorsAmong(equations: readonly Equation[], undecided: ReadonlySet<number>): Set<number> {
  const failed = new Set<number>()
  for (let before = -1; before !== failed.size; ) {
    before = failed.size
    equations.forEach((equation, vertex) => {
      if (!undecided.has(vertex)) return
      if (equation.is === 'error' || operandsOf(equation).some((operand) => failed.has(operand)))
        failed.add(vertex)
    })
  }
  return failed
}

function operandsOf(equation: Equation): readonly number[] {
  if (equation.is === 'any' || equation.is === 'all') return equation.of
  return equation.is === 'but not' ? [equation.base, equation.subtract] : []
}
