/**
 * Rules: who belongs, as a CEL expression over what is known of a person, or as a pattern of e-mail addresses. Compiled
 * once and asked of many thousands; what is wrong with a text is told in problems.ts. An error is neither yes nor no.
 */
import { bound, CostFault, costMax, costOf, measure, type Shape } from '../condition/cost.ts'
import { type Node, nodeOf } from '../condition/node.ts'
import { repair } from '../condition/repair.ts'
import { resolve, variable } from '../condition/syntax.ts'
import { Instant } from '../condition/time.ts'
import { type Part, partOf } from './explain.ts'
import { foldLiterals, variablesIn } from './literals.ts'
import { ordinary, type RuleUser } from './user.ts'
import { environment, ruleLengthMax, ruleWords, type Variable, variableNames } from './vocabulary.ts'

/** An expression, or a pattern of RE2 that some part of the e-mail address matches. */
export type RuleKind = 'expression' | 'regex'

export interface RuleText {
  readonly kind: RuleKind
  readonly text: string
}

export interface Rule {
  /** What it looks at. */
  readonly variables: ReadonlySet<Variable>
  /** What `holds` may cost of this person, in units of some 100 ns: some 2 ms at most. */
  cost(user: RuleUser): number
  /** @param now - milliseconds since the epoch. @throws Error: it cannot be said of this person; `reasonOf` says why */
  holds(user: RuleUser, now: number): boolean
  /** The same, part by part; costs as often as there are parts. @throws Error: it would cost too much */
  explain(user: RuleUser, now: number): Part
}

/** @throws Error for what problems.ts tells */
export function compileRule(rule: RuleText): Rule {
  const source = sourceOf(rule)
  if (rule.text.length > ruleLengthMax) throw new Error(`the rule is longer than ${ruleLengthMax} characters`)
  const parsed = environment.parse(source)
  const root = nodeOf(parsed.ast)
  const seen = variablesIn(root)
  foldLiterals(root)
  resolve(root, source, new Set<string>(variableNames), ruleWords)
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  if (type !== 'bool') throw new Error(`a rule says yes or no, but this is '${type}'`)
  repair(root)
  return new Compiled({ source, root, evaluate: parsed }, seen)
}

/** The expression that a rule stands for. */
function sourceOf({ kind, text }: RuleText): string {
  // JSON's text is CEL's text: the same quotes and escapes.
  return kind === 'regex' ? `email.matches(${JSON.stringify(text)})` : text
}

interface Program {
  readonly source: string
  readonly root: Node
  evaluate(values: ReadonlyMap<string, unknown>): unknown
}

class Compiled implements Rule {
  readonly variables: ReadonlySet<Variable>
  readonly #program: Program
  /** Filled anew for each question; nothing waits in between. */
  readonly #values = new Map<string, unknown>()
  readonly #keys: readonly (readonly [Variable, string])[]
  /** Of whoever is ordinary. */
  readonly #ordinaryCost: number
  /** Whose cost was worked out last. */
  #costed: { readonly user: RuleUser; readonly cost: number } | undefined
  #now: { readonly millis: number; readonly instant: Instant } | undefined

  constructor(program: Program, seen: ReadonlySet<Variable>) {
    this.variables = seen
    this.#program = program
    this.#keys = [...seen].map((name) => [name, variable(name)])
    this.#ordinaryCost = costOf(program.root, ordinary)
  }

  cost(user: RuleUser): number {
    try {
      return this.#cost(user)
    } catch (thrown) {
      // Found out before it costs anything, but for looking at the person.
      if (thrown instanceof CostFault) return costMax
      throw thrown
    }
  }

  holds(user: RuleUser, now: number): boolean {
    this.#prepare(user, now)
    const result = this.#program.evaluate(this.#values)
    if (typeof result !== 'boolean') throw new Error('the result is not a bool')
    return result
  }

  explain(user: RuleUser, now: number): Part {
    this.#prepare(user, now)
    const { source, root, evaluate } = this.#program
    const own = root.evaluate
    let part: Part | undefined
    // Inside an evaluation of the root there are the evaluator and the context that its parts need.
    root.evaluate = (evaluator, _, context) => {
      root.evaluate = own
      part = partOf(root, source, (node) => evaluator.run(node, context))
      return true
    }
    try {
      evaluate(this.#values)
    } finally {
      root.evaluate = own
    }
    if (part === undefined) throw new Error('the rule was not evaluated')
    return part
  }

  /** @throws Error: it would cost too much */
  #prepare(user: RuleUser, now: number): void {
    this.#cost(user)
    for (const [name, key] of this.#keys) this.#values.set(key, this.#value(user, now, name))
  }

  /** @throws CostFault: too much */
  #cost(user: RuleUser): number {
    if (user.isOrdinary && this.#ordinaryCost <= costMax) return this.#ordinaryCost
    if (this.#costed?.user !== user) {
      this.#costed = { user, cost: bound(this.#program.root, this.#shapes(user)) }
    }
    return this.#costed.cost
  }

  #value(user: RuleUser, now: number, name: Variable): unknown {
    if (name !== 'now') return user[name]
    if (this.#now?.millis !== now) this.#now = { millis: now, instant: new Instant(BigInt(now) * 1_000_000n) }
    return this.#now.instant
  }

  #shapes(user: RuleUser): ReadonlyMap<string, Shape> {
    const all = new Map(ordinary)
    for (const name of this.variables) {
      if (name === 'now') continue
      const value = name === 'attrs' ? user.document : user[name]
      all.set(variable(name), measure(value, 1).shape)
    }
    return all
  }
}
