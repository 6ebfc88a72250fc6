/**
 * Rules: who belongs, as a CEL expression over what is known of a person, or as a pattern of e-mail addresses. Compiled
 * once and asked of many thousands; what is wrong with a text is told in problems.ts. An error is neither yes nor no.
 */
import { bound, isWithin, measure, type Shape } from '../condition/cost.ts'
import { type Node, nodeOf } from '../condition/node.ts'
import { repair } from '../condition/repair.ts'
import { prefix } from '../condition/standard.ts'
import { resolve, variable } from '../condition/syntax.ts'
import { Instant } from '../condition/time.ts'
import { foldLiterals, variablesIn } from './literals.ts'
import { isOrdinary, ordinary, type RuleUser } from './user.ts'
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
  /** @param now - milliseconds since the epoch. @throws Error: it cannot be said of this person */
  holds(user: RuleUser, now: number): boolean
}

/** @throws Error for what problems.ts tells */
export function compileRule(rule: RuleText): Rule {
  const source = sourceOf(rule)
  if (rule.text.length > ruleLengthMax) throw new Error(`the rule is longer than ${ruleLengthMax} characters`)
  const parsed = environment.parse(source)
  const root = nodeOf(parsed.ast)
  foldLiterals(root)
  const seen = variablesIn(root)
  resolve(root, source, variableNames, ruleWords)
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  if (type !== 'bool') throw new Error(`a rule says yes or no, but this is '${type}'`)
  repair(root)
  return new Compiled(root, parsed, seen)
}

/** The expression that a rule stands for. */
export function sourceOf({ kind, text }: RuleText): string {
  // JSON's text is CEL's text: the same quotes and escapes.
  return kind === 'regex' ? `email.matches(${JSON.stringify(text)})` : text
}

class Compiled implements Rule {
  readonly variables: ReadonlySet<Variable>
  readonly #root: Node
  readonly #evaluate: (values: ReadonlyMap<string, unknown>) => unknown
  /** Filled anew for each question; nothing waits in between. */
  readonly #values = new Map<string, unknown>()
  readonly #ordinaryIsCheap: boolean
  #now: { readonly millis: number; readonly instant: Instant } | undefined

  constructor(
    root: Node,
    evaluate: (values: ReadonlyMap<string, unknown>) => unknown,
    seen: ReadonlySet<Variable>,
  ) {
    this.variables = seen
    this.#root = root
    this.#evaluate = evaluate
    this.#ordinaryIsCheap = isWithin(root, ordinary)
  }

  holds(user: RuleUser, now: number): boolean {
    if (!this.#ordinaryIsCheap || !isOrdinary(user)) bound(this.#root, this.#shapes(user))
    for (const name of this.variables) this.#values.set(variable(name), this.#value(user, now, name))
    let result: unknown
    try {
      result = this.#evaluate(this.#values)
    } catch (thrown) {
      throw new Error(reasonOf(thrown), { cause: thrown })
    }
    if (typeof result !== 'boolean') throw new Error('the result is not a bool')
    return result
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

/** Without the source that the library repeats, and without our own names for what is called. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error'
  const text = 'summary' in thrown && typeof thrown.summary === 'string' ? thrown.summary : thrown.message
  return text
    .replaceAll(`'${prefix}`, "'")
    .replaceAll(`.${prefix}`, '.')
    .replaceAll(/'\.(\w)/g, "'$1")
}
