/**
 * What follows of itself from a change, in the commit that makes it: whoever it puts is asked of every rule again, and
 * what hangs on something that it removes goes too. One point read where an organization has no rules.
 */
import { idOf, typeOf } from '../tuple/object.ts'
import { isUserset } from '../tuple/subject.ts'
import type { Draft } from './draft.ts'
import type { Ground } from './ground.ts'
import { assignAll, ruleRelation } from './rules/assign.ts'
import { forgetExclusions, forgetUser } from './rules/exclusions.ts'
import { removeRule, rulesetAt } from './rules/kept.ts'
import { userType } from './sight.ts'

/** Costs a point read for each rule and person whom the change puts, and two where a rule adds them. */
export async function settle(ground: Ground, draft: Draft): Promise<void> {
  const { group } = draft.preset
  if (group === undefined || ruleRelation(draft.preset) === undefined) return
  const ruleset = rulesetAt(draft)
  if (ruleset === undefined) return
  for (const id of draft.touched(group.type)) {
    if (draft.entity(group.type, id) !== undefined) continue
    removeRule(draft, id)
    await forgetExclusions(draft, id)
  }
  const people = await reconsidered(draft)
  for (const id of people) if (draft.entity(userType, id) === undefined) forgetUser(draft, ruleset, id)
  const left = rulesetAt(draft)
  if (left !== undefined) await assignAll(draft, ground.rulebook.of(draft, left), people, 'the user changed')
}

/** Whose entity is put or removed, and who comes into a group of the identity provider, or leaves it. */
async function reconsidered(draft: Draft): Promise<readonly string[]> {
  const ids = new Set(draft.touched(userType))
  const { identity } = draft.preset
  if (identity === undefined) return [...ids]
  const add = (subject: string) => {
    if (typeOf(subject) === userType && !isUserset(subject)) ids.add(idOf(subject))
  }
  for (const { object, relation, subject } of draft.drafted()) {
    if (relation === identity.memberRelation && typeOf(object) === identity.type) add(subject)
  }
  for (const id of draft.touched(identity.type)) {
    const object = `${identity.type}:${id}`
    const { plain } = draft.view.edges(object, identity.memberRelation)
    for await (const page of plain ? [plain] : draft.view.plain(object, identity.memberRelation))
      page.forEach(add)
  }
  return [...ids]
}
