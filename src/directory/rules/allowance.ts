/**
 * What asking people of rules may cost one commit: writers of the organization wait for it. Counted before it is spent, from what
 * each rule says that it may cost of each person, and never measured: the same commit always comes as far.
 */

/** Units of some 100 ns: a fifth of a second, where all of it costs what it may. */
const unitsMax = 2_000_000
/** Finding what is kept: of a person, of each name of their groups at the provider, of a membership. */
const personUnits = 50
/** Between a name that was just met (2 to 7 µs) and the first that are read (4 to 15 µs). */
const groupUnits = 100
const membershipUnits = 50
/** Of one person. */
const personMax = unitsMax / 2
/** How much more a rehearsal may cost, for which no writer waits: what comes right after the change is told as well. */
const rehearsedTimes = 5

export class Allowance {
  #left: number

  constructor(isRehearsed = false) {
    this.#left = isRehearsed ? rehearsedTimes * unitsMax : unitsMax
  }

  /** Whether the rest has to wait. What was begun may go beyond it: a rule by some 2 ms, a person by all of their groups. */
  get isSpent(): boolean {
    return this.#left <= 0
  }

  /** Never all of it for one: a person has to be read in each commit that asks of them, and rules are to come in each. */
  spendOnPerson(names: number): void {
    this.#left -= Math.min(personUnits + groupUnits * names, personMax)
  }

  /** @param memberships - that were found */
  spendOnPlaces(memberships: number): void {
    this.#left -= membershipUnits * (1 + memberships)
  }

  /** @param cost - of the rule, of that person */
  spendOnRule(cost: number): void {
    this.#left -= membershipUnits + cost
  }
}
