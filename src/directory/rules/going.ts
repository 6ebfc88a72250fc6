/**
 * Whether many would go, which somebody has to confirm: a guard against slips of the pen. Foreseen where no writer waits, and
 * judged in the commit, over whoever is in by the rule then, as far as one commit may cost.
 */
import { isDeepStrictEqual } from 'node:util'
import { Slices } from '../../engine/drive.ts'
import { Fault } from '../../lib/fault.ts'
import { ruleUser } from '../../model/rule/user.ts'
import { idOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { userType } from '../sight.ts'
import type { Allowance } from './allowance.ts'
import { isActive, ruleRelation, verdictOf } from './assign.ts'
import { isExcluded } from './exclusions.ts'
import { idpGroupsOf } from './idp.ts'
import { type KeptRule, ruleAt } from './kept.ts'
import type { ActiveRule } from './rulebook.ts'
import type { Survey } from './survey.ts'

/** What was looked at beforehand. */
export interface Foreseen {
  readonly survey: Survey
  /** The rule that the group had then. */
  readonly old: KeptRule | undefined
}

/** Share and number of those in a group by rule that may go without anybody who confirms it. */
const goingShare = 0.2
const goingMax = 10

/** @throws Fault confirm_required: with the numbers */
export function demandFew(
  { remove, members }: Pick<Survey, 'remove' | 'members'>,
  { add, total, errors }: Survey,
): void {
  if (remove.length <= goingMax || remove.length <= members * goingShare) return
  throw new Fault('confirm_required', `${remove.length} of ${members} members by rule would go`, {
    field: 'confirm',
    hint: 'send it again with `confirm: true` if that is meant',
    more: { willAdd: add.length, willRemove: remove.length, members, total, errors: errors.length },
  })
}

/**
 * In the commit. Of a group too large for that, what was foreseen holds as long as its rule is the one that was looked at.
 * @throws Fault confirm_required; Aborted: somebody else set the rule meanwhile
 */
export async function demandFewGo(
  draft: Draft,
  rule: ActiveRule,
  foreseen: Foreseen | undefined,
  allowance: Allowance,
): Promise<void> {
  const none = { add: [], remove: [], errors: [], total: 0, members: 0 }
  const { survey, old } = foreseen ?? { survey: none, old: undefined }
  const going = await goingIn(draft, rule, allowance)
  if (going !== undefined) demandFew(going, survey)
  else if (!isDeepStrictEqual(ruleAt(draft, rule.group), old)) {
    throw new Fault('Aborted', 'the rule was changed meanwhile: look at it, and set it again')
  }
}

/** Members by rule, and those whom it would take out; undefined: to tell would cost too much. Of the state before. */
async function goingIn(
  draft: Draft,
  active: ActiveRule,
  allowance: Allowance,
): Promise<Pick<Survey, 'remove' | 'members'> | undefined> {
  const relation = ruleRelation(draft.preset) ?? ''
  const object = `${draft.group.type}:${active.group}`
  const looksAtGroups = active.rule?.variables.has('groups') === true
  const remove: string[] = []
  const slices = new Slices()
  let members = 0
  const { plain } = draft.view.edges(object, relation)
  for await (const page of plain === undefined ? draft.view.plain(object, relation) : [plain]) {
    for (const subject of page) {
      if (allowance.isSpent) return undefined
      // Writers here wait for all of them, and nobody else for more than a few.
      if (slices.isOver) await slices.rest()
      const id = idOf(subject)
      const kept = draft.entity(userType, id) ?? {}
      const groups = looksAtGroups ? await idpGroupsOf(draft, id, slices) : []
      const user = isActive(kept) ? ruleUser(kept, groups) : undefined
      allowance.spendOnPerson(groups.length)
      allowance.spendOnRule(user === undefined ? 0 : (active.rule?.cost(user) ?? 0))
      members++
      const { is } = verdictOf(active, user, draft.view.now)
      if (is === 'out' || (is === 'in' && isExcluded(draft, active.group, id))) remove.push(id)
    }
  }
  return { remove, members }
}
