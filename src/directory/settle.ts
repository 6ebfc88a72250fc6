/**
 * What follows of itself from a change, in the commit that makes it: whoever it puts is asked of every rule again, and
 * what hangs on something that it removes goes too. One point read where an organization has no rules.
 */
import { idOf, typeOf } from '../tuple/object.ts'
import { isUserset } from '../tuple/subject.ts'
import type { Draft } from './draft.ts'
import type { Ground } from './ground.ts'
import { Allowance } from './rules/allowance.ts'
import type { Ask } from './rules/asked.ts'
import { assignAll, ruleRelation } from './rules/assign.ts'
import { evaluationsLeft, forgetEvaluation, leaveEvaluation } from './rules/evaluation.ts'
import { forgetExclusions, forgetUser } from './rules/exclusions.ts'
import { isNamedAsBefore } from './rules/idp.ts'
import { removeRule, rulesetAt } from './rules/kept.ts'
import { leaveOwed } from './rules/owed.ts'
import type { ActiveRule } from './rules/rulebook.ts'
import { userType } from './sight.ts'

/** People whom one commit looks at; of more, every rule is asked of everybody after it. */
const peopleMax = 1_000

/**
 * Costs a point read for each rule and person whom the change puts, and two where a rule adds them; what is more than one commit
 * may cost is left to be done right after it.
 * @returns how many rules are: in their groups more may come and go than the draft says
 */
export async function settle(ground: Ground, draft: Draft): Promise<number> {
  const { group } = draft.preset
  if (group === undefined || ruleRelation(draft.preset) === undefined) return 0
  const before = rulesetAt(draft)
  if (before === undefined) return 0
  for (const id of draft.touched(group.type)) {
    if (draft.entity(group.type, id) === undefined) await forgetRule(draft, id)
  }
  const changed = draft.touched(userType)
  for (const id of changed) if (draft.entity(userType, id) === undefined) forgetUser(draft, before, id)
  const ruleset = rulesetAt(draft)
  if (ruleset === undefined) return 0
  const rules = ground.rulebook.of(draft, ruleset)
  if (isPlanChanged(draft)) leaveAll(draft, rules, 'the plan changed')
  const moved = new Set(await movedAtProvider(draft, rules))
  for (const id of changed) moved.delete(id)
  const why = 'the groups of the user at the identity provider changed'
  const all = { ids: changed, rules, why: 'the user changed' }
  const some = { ids: [...moved], rules: rules.filter(looksAtGroups), why }
  const asks = [...few(draft, all), ...few(draft, some)]
  const { left, waiting } = await assignAll(draft, asks, new Allowance(draft.isRehearsed))
  for (const { id, ask, from } of left) {
    leaveOwed(draft, id, ask === all ? { why: ask.why, digest: ruleset.digest, from } : { why })
  }
  return new Set([...waiting, ...evaluationsLeft(draft)]).size
}

/** To be asked in this commit, unless they are too many: then everybody is, after it. */
function few(draft: Draft, ask: Ask): readonly Ask[] {
  if (ask.ids.length <= peopleMax) return [ask]
  leaveAll(draft, ask.rules, ask.why)
  return []
}

function leaveAll(draft: Draft, rules: readonly ActiveRule[], why: string): void {
  for (const { group } of rules) leaveEvaluation(draft, group, why)
}

/** Where its group goes, a rule goes with all that is kept of it. */
async function forgetRule(draft: Draft, group: string): Promise<void> {
  removeRule(draft, group)
  forgetEvaluation(draft, group)
  await forgetExclusions(draft, group)
}

function isPlanChanged(draft: Draft): boolean {
  const { preset, organization } = draft
  return draft
    .drafted()
    .some(({ object, relation }) => object === organization && relation === preset.plans?.relation)
}

function looksAtGroups({ rule }: ActiveRule): boolean {
  return rule?.variables.has('groups') === true
}

/** Who comes into a group of the identity provider, or leaves it, and whose group there gets another name. */
async function movedAtProvider(draft: Draft, rules: readonly ActiveRule[]): Promise<readonly string[]> {
  const { identity } = draft.preset
  if (identity === undefined || !rules.some(looksAtGroups)) return []
  const { type, memberRelation } = identity
  const ids = new Set<string>()
  const add = (subject: string) => {
    if (typeOf(subject) === userType && !isUserset(subject)) ids.add(idOf(subject))
  }
  for (const { object, relation, subject } of draft.drafted()) {
    if (relation === memberRelation && typeOf(object) === type) add(subject)
  }
  for (const id of draft.touched(type)) {
    if (isNamedAsBefore(draft, type, id)) continue
    const { plain } = draft.view.edges(`${type}:${id}`, memberRelation)
    const pages = plain === undefined ? draft.view.plain(`${type}:${id}`, memberRelation) : [plain]
    for await (const page of pages) for (const subject of page) add(subject)
  }
  return [...ids]
}
