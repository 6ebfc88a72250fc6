/**
 * What a rule says of everybody, beside who is in its group by rule now: read-only, from memory, a few milliseconds at a
 * time. What is done about it is decided again in a commit.
 */
import { setImmediate } from 'node:timers/promises'
import type { Rule } from '../../model/rule/rule.ts'
import { type RuleUser, withGroups } from '../../model/rule/user.ts'
import type { Ground } from '../ground.ts'
import { gathered } from '../groups/membership.ts'
import type { Sight } from '../sight.ts'
import { ruleRelation, verdictOf } from './assign.ts'
import { excludedFrom } from './exclusions.ts'
import { allIdpGroups } from './idp.ts'

export interface Survey {
  /** Ids of people. */
  readonly add: readonly string[]
  readonly remove: readonly string[]
  readonly errors: readonly { readonly user: string; readonly reason: string }[]
  /** All there are, and those that are in the group by rule. */
  readonly total: number
  readonly members: number
}

/** Milliseconds in a turn before others have theirs, and people asked about between two looks at the clock: 2 ms each at most. */
const sliceMs = 5
const perLook = 8

/** @param group - undefined: of one that has nobody yet. @throws what it was aborted with */
export async function surveyOf(
  ground: Ground,
  sight: Sight,
  rule: Rule | undefined,
  group: string | undefined,
  signal?: AbortSignal,
): Promise<Survey> {
  const crowd = await ground.people.of(sight.view.store)
  const members = group === undefined ? new Set<string>() : await membersByRule(sight, group)
  const excluded = group === undefined ? new Set<string>() : await excludedFrom(sight.view, group)
  const groups = rule?.variables.has('groups') === true ? await allIdpGroups(sight, signal) : undefined
  const active = { group: group ?? '', rule }
  const add: string[] = []
  const remove: string[] = []
  const errors: { user: string; reason: string }[] = []
  const { now } = sight.view
  // A call of its own: it is compiled after some hundred people, the loop after most of them.
  const judge = (id: string, user: RuleUser | undefined): void => {
    const asked = user !== undefined && groups !== undefined ? withGroups(user, groups.get(id) ?? []) : user
    const verdict = verdictOf(active, asked, now)
    const isWanted = verdict.is === 'in' && !excluded.has(id)
    if (verdict.is === 'unknown') errors.push({ user: id, reason: verdict.reason })
    else if (isWanted && !members.has(id)) add.push(id)
    else if (!isWanted && members.has(id)) remove.push(id)
  }
  let until = performance.now() + sliceMs
  let seen = 0
  for (const [id, user] of crowd) {
    if (++seen % perLook === 0 && performance.now() > until) {
      await setImmediate()
      signal?.throwIfAborted()
      until = performance.now() + sliceMs
    }
    judge(id, user)
  }
  return { add, remove, errors, total: crowd.size, members: members.size }
}

/** Ids of those who are in a group by its rule. */
function membersByRule(sight: Sight, group: string): Promise<ReadonlySet<string>> {
  const relation = ruleRelation(sight.preset) ?? ''
  const line = { object: `${sight.group.type}:${group}`, relation, source: relation }
  return gathered(sight.view, [line])
}
