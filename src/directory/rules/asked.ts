/**
 * People on their way through rules: first each through those by which they are in, which alone can take something away, and then
 * through those that could only add. Where a commit has no room for more, how far they are is a number to go on from.
 */
import { Slices } from '../../engine/drive.ts'
import { type RuleUser, ruleUser } from '../../model/rule/user.ts'
import { idOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { isInactive } from '../people/activation.ts'
import { userType } from '../sight.ts'
import type { Allowance } from './allowance.ts'
import { idpGroupsOf } from './idp.ts'
import type { ActiveRule } from './rulebook.ts'

/** People, and the rules that they are to be asked of. */
export interface Ask {
  readonly ids: readonly string[]
  readonly rules: readonly ActiveRule[]
  /** Said in the log. */
  readonly why: string
  /** How far they are: `Left.from`. */
  readonly from?: number
}

/** Who was not asked of all rules. */
export interface Left {
  readonly id: string
  readonly ask: Ask
  /** Of the rules twice: through them for those by which the person is in, and through them again for the others. */
  readonly from: number
}

export interface Question {
  readonly id: string
  readonly user: RuleUser | undefined
  readonly rule: ActiveRule
  readonly why: string
}

/** Of more than these it is cheaper to read where somebody is than to look into each. */
const fewRules = 16

export class Asked {
  readonly #draft: Draft
  readonly #relation: string
  readonly #allowance: Allowance | undefined
  readonly #people: readonly Person[]
  readonly #slices = new Slices()
  #hasAsked = false

  /** @param relation - of members by rule. @param allowance - what it may cost; absent: whatever it does */
  constructor(draft: Draft, relation: string, asks: readonly Ask[], allowance: Allowance | undefined) {
    this.#draft = draft
    this.#relation = relation
    this.#allowance = allowance
    this.#people = asks.flatMap((ask) => ask.ids.map((id) => ({ id, ask, from: ask.from ?? 0 })))
  }

  /** Until all is asked, or it costs what it may: one is asked whatever it costs, so that whoever is left comes further each time. */
  async *questions(): AsyncGenerator<Question> {
    for (const round of [0, 1]) {
      for (const person of this.#people) {
        if (this.#isOver) return
        person.isIn ??= await this.#placesOf(person)
        yield* this.#questionsOf(person, person.isIn, round)
      }
    }
  }

  get left(): readonly Left[] {
    return this.#people.filter((person) => restOf(person).length > 0)
  }

  /** Groups whose rules were not asked of all. */
  get waiting(): ReadonlySet<string> {
    const waiting = new Set<string>()
    for (const person of this.#people) for (const { group } of restOf(person)) waiting.add(group)
    return waiting
  }

  async *#questionsOf(person: Person, isIn: ReadonlySet<string>, round: number): AsyncGenerator<Question> {
    const { id, ask } = person
    const { rules, why } = ask
    for (; person.from < (round + 1) * rules.length; person.from++) {
      const rule = rules[person.from % rules.length]
      if (rule === undefined || isIn.has(rule.group) !== (round === 0)) continue
      if (this.#isOver) return
      person.seen ??= await this.#seen(person)
      const { user } = person.seen
      this.#allowance?.spendOnRule(user === undefined ? 0 : (rule.rule?.cost(user) ?? 0))
      // A rule may cost 2 ms of one person: writers here wait for all of them, and nobody else for more than a few.
      if (this.#slices.isOver) await this.#slices.rest()
      this.#hasAsked = true
      yield { id, user, rule, why }
    }
  }

  get #isOver(): boolean {
    return this.#hasAsked && this.#allowance?.isSpent === true
  }

  /** Groups that somebody is in by rule. Who is gone is asked of nothing. */
  async #placesOf(person: Person): Promise<ReadonlySet<string>> {
    const { id, ask } = person
    const { rules } = ask
    if (this.#draft.entity(userType, id) === undefined) person.from = 2 * rules.length
    const [{ type }, subject] = [this.#draft.group, `${userType}:${id}`]
    const groups =
      rules.length > fewRules
        ? (await this.#draft.objectsOf(type, this.#relation, subject)).map(idOf)
        : rules.flatMap(({ group }) =>
            this.#draft.has(`${type}:${group}`, this.#relation, subject) ? [group] : [],
          )
    this.#allowance?.spendOnPlaces(groups.length)
    return new Set(groups)
  }

  /** As rules see them; nobody where they are inactive. */
  async #seen({ id, ask }: Person): Promise<Seen> {
    const kept = this.#draft.entity(userType, id) ?? {}
    const looksAtGroups = ask.rules.some(({ rule }) => rule?.variables.has('groups') === true)
    const groups = looksAtGroups ? await idpGroupsOf(this.#draft, id, this.#slices) : []
    this.#allowance?.spendOnPerson(groups.length)
    return { user: isInactive(kept) ? undefined : ruleUser(kept, groups) }
  }
}

/** Rules that somebody is still to be asked of: never one twice, so that each commit that asks leaves less. */
function restOf({ ask: { rules }, from, isIn }: Person): readonly ActiveRule[] {
  if (from >= 2 * rules.length) return []
  return rules.filter(({ group }, at) => (isIn?.has(group) === true ? at : rules.length + at) >= from)
}

interface Person {
  readonly id: string
  readonly ask: Ask
  from: number
  isIn?: ReadonlySet<string>
  seen?: Seen
}

interface Seen {
  readonly user: RuleUser | undefined
}
