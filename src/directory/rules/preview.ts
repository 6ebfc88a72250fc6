/** What a rule would do before it does it: over everybody as numbers, for a few people part by part. Nothing is kept. */
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Part } from '../../model/rule/explain.ts'
import { examine } from '../../model/rule/problems.ts'
import type { Rule, RuleText } from '../../model/rule/rule.ts'
import { ruleUser } from '../../model/rule/user.ts'
import type { Ground } from '../ground.ts'
import { groupAt } from '../groups/group.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { demandUser } from '../people/users.ts'
import { type Sight, userType } from '../sight.ts'
import { isActive, ruleRelation, verdictOf } from './assign.ts'
import { isExcluded } from './exclusions.ts'
import { idpGroupsOf } from './idp.ts'
import { demandRules, demandSound, jsonOf } from './rules.ts'
import { surveyOf } from './survey.ts'

export interface PreviewRequest extends Visit {
  readonly rule: RuleText
  /** The group that it is for; absent: one without anybody in it by rule. */
  readonly group?: string
  /** Ids of people whose parts are shown. */
  readonly users?: readonly string[]
}

/** Of those who would come and go: so many are named. */
const sampleMax = 20

/**
 * Whether it is a rule, and what is wrong with it if not; nobody's data is looked at. Whoever may look at everybody will: what
 * a preview reads is read meanwhile.
 */
export function validateRule(
  ground: Ground,
  visit: Visit & { readonly rule: RuleText },
): Promise<Looked<JsonObject>> {
  return look(ground, visit, async (sight) => {
    demandRules(sight)
    const { store } = sight.view
    const need = sight.preset.organization.actions['user.view']
    if (need !== undefined && (await sight.may(need.relation, sight.organization))) ground.people.warm(store)
    const { problems, warnings } = examine(visit.rule)
    return {
      valid: problems.length === 0,
      problems: problems.map(jsonOf),
      warnings: warnings.map(jsonOf),
    }
  })
}

/**
 * @param signal - aborted when nobody waits for it any more
 * @throws Fault invalid_rule, not_found: the group; unknown_reference: a user; forbidden, plan_required, not_in_preset; what it
 *   was aborted with
 */
export function previewRule(
  ground: Ground,
  visit: PreviewRequest,
  signal: AbortSignal,
): Promise<Looked<JsonObject>> {
  return look(ground, visit, async (sight) => {
    demandRules(sight)
    await sight.demand('user.view', sight.preset.organization.actions['user.view'], sight.organization)
    const group = visit.group === undefined ? undefined : await groupAt(sight, visit.group)
    if (group !== undefined) await sight.demand('rule.set', sight.group.actions['rule.set'], group.object)
    const { rule, warnings } = demandSound(visit.rule)
    const users: JsonObject[] = []
    for (const [index, named] of (visit.users ?? []).entries()) {
      const id = demandUser(sight, named, `users[${index}]`)
      users.push(await personOf(sight, rule, id, group?.id))
      signal.throwIfAborted()
    }
    const { add, remove, errors, total } = await surveyOf(ground, sight, rule, group?.id, signal)
    return {
      willAdd: add.length,
      willRemove: remove.length,
      unchanged: total - add.length - remove.length - errors.length,
      errors: errors.length,
      total,
      sample: {
        add: add.slice(0, sampleMax),
        remove: remove.slice(0, sampleMax),
        errors: errors.slice(0, sampleMax).map(({ user, reason }) => ({ user, reason })),
      },
      users,
      warnings: warnings.map(jsonOf),
    }
  })
}

async function personOf(
  sight: Sight,
  rule: Rule | undefined,
  id: string,
  group: string | undefined,
): Promise<JsonObject> {
  const kept = sight.entity(userType, id) ?? {}
  const groups = rule?.variables.has('groups') === true ? await idpGroupsOf(sight, id) : []
  const user = ruleUser(kept, groups)
  const active = isActive(kept)
  const { now } = sight.view
  const verdict = verdictOf({ group: group ?? '', rule }, active ? user : undefined, now)
  const relation = ruleRelation(sight.preset) ?? ''
  const object = `${sight.group.type}:${group}`
  return {
    user: id,
    result: verdict.is === 'unknown' ? 'error' : verdict.is,
    ...(verdict.is === 'unknown' ? { error: verdict.reason } : {}),
    active,
    member: group !== undefined && sight.has(object, relation, `${userType}:${id}`),
    excluded: group !== undefined && isExcluded(sight, group, id),
    ...(rule === undefined ? {} : explained(() => rule.explain(user, now))),
  }
}

/** Nothing where even that costs too much: the verdict has said so. */
function explained(explain: () => Part): { readonly parts?: Json } {
  try {
    return { parts: jsonOfPart(explain()) }
  } catch {
    return {}
  }
}

function jsonOfPart({ range, parts, ...part }: Part): JsonObject {
  return { ...part, range: { ...range }, ...(parts === undefined ? {} : { parts: parts.map(jsonOfPart) }) }
}
