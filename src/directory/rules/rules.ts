/** The rule of a group: shown, set, switched on and off, and taken away. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { type Examined, examine } from '../../model/rule/problems.ts'
import type { RuleText } from '../../model/rule/rule.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Group, groupAt } from '../groups/group.ts'
import { gathered } from '../groups/membership.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { lacksPlan, notFound } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import { Allowance } from './allowance.ts'
import { ruleRelation } from './assign.ts'
import {
  beginEvaluation,
  type Evaluation,
  evaluationAt,
  forgetEvaluation,
  stopEvaluation,
} from './evaluation.ts'
import { forgetExclusions } from './exclusions.ts'
import { demandFew, demandFewGo, type Foreseen } from './going.ts'
import { type KeptRule, putRule, removeRule, ruleAt } from './kept.ts'
import { type Event, writeEvents } from './log.ts'
import { owedCount } from './owed.ts'
import { surveyOf } from './survey.ts'
import { leaveSweep } from './sweep.ts'

export interface RuleRow extends JsonObject {
  readonly rule: string
  readonly kind: RuleText['kind']
  readonly enabled: boolean
  /** Whether it adds nobody for the time being, since the plan has no rules. */
  readonly suspended: boolean
  /** ISO 8601. */
  readonly updatedAt: string
  readonly updatedBy: string
  readonly warnings: readonly JsonObject[]
  readonly evaluation: JsonObject | null
  /** People who changed and are still to be asked of some rules, this one or others; up to 1,000. */
  readonly waiting: number
}

export interface RuleVisit extends Visit {
  readonly group: string
}

export interface RuleRequest extends ActRequest {
  readonly group: string
}

/** @throws Fault not_found: no such group, or no rule; forbidden, not_in_preset */
export function getRule(ground: Ground, visit: RuleVisit): Promise<Looked<RuleRow>> {
  return look(ground, visit, async (sight) => {
    const { id, object } = await groupAt(sight, visit.group)
    demandRules(sight)
    await sight.demand('members.view', sight.group.actions['members.view'], object)
    return await rowOf(sight, id, demandRule(sight, id))
  })
}

export interface RuleChange {
  /** Absent: the one there is. */
  readonly rule?: RuleText
  readonly enabled?: boolean
  /** Though many would go. */
  readonly confirm?: boolean
  /** Whom it brought in goes where it is switched off. */
  readonly removeMembers?: boolean
}

/**
 * In place of the one before, and asked of everybody.
 * @throws Fault invalid_rule: with every problem and what to write; confirm_required: many would go; not_found, forbidden,
 * plan_required, archived, not_in_preset, invalid_field: too many rules
 */
export async function setRule(
  ground: Ground,
  request: RuleRequest & { readonly change: RuleChange },
): Promise<Acted<RuleRow>> {
  const { change, dryRun } = request
  const asks = dryRun === undefined && change.confirm !== true
  const foreseen = asks ? await foresee(ground, request) : undefined
  return await act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    await demandSetting(draft, group, change)
    const old = ruleAt(draft, group.id)
    const rule = nextRule(draft, group, old, change)
    const allowance = new Allowance()
    if (asks && rule.enabled) {
      const active = { group: group.id, rule: ground.rulebook.compiled(rule) }
      await demandFewGo(draft, active, foreseen, allowance)
    }
    putRule(draft, group.id, rule)
    draft.note({
      action: 'rule.set',
      target: group.object,
      ...(old === undefined ? {} : { old: saidOf(old) }),
      new: saidOf(rule),
    })
    if (rule.enabled) {
      await beginEvaluation(
        ground,
        draft,
        group.id,
        old?.enabled === false ? 'the rule was enabled' : 'the rule was set',
        allowance,
      )
      leaveSweep(draft)
    } else {
      stopEvaluation(draft, group.id)
      if (change.removeMembers === true) await removeMembers(draft, group, 'the rule was disabled')
    }
    return await rowOf(draft, group.id, rule)
  })
}

/** What it would do, looked at where no writer waits; undefined: nobody is asked. @throws Fault as setRule */
async function foresee(
  ground: Ground,
  request: RuleRequest & { readonly change: RuleChange },
): Promise<Foreseen | undefined> {
  const { change } = request
  const { result } = await look(ground, request, async (sight) => {
    const group = await groupAt(sight, request.group)
    await demandSetting(sight, group, change)
    const old = ruleAt(sight, group.id)
    const text = change.rule ?? old
    if (text === undefined || !(change.enabled ?? old?.enabled ?? true)) return undefined
    const { rule } = demandSound({ kind: text.kind, text: text.text })
    const survey = await surveyOf(ground, sight, rule, group.id)
    demandFew(survey, survey)
    return { survey, old }
  })
  return result
}

/** With the memberships it made, and its exclusions. @throws Fault not_found, forbidden, not_in_preset */
export function deleteRule(ground: Ground, request: RuleRequest): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    demandRules(draft)
    await demandEnding(draft, group)
    const old = demandRule(draft, group.id)
    removeRule(draft, group.id)
    forgetEvaluation(draft, group.id)
    await forgetExclusions(draft, group.id)
    draft.note({ action: 'rule.delete', target: group.object, old: saidOf(old) })
    await removeMembers(draft, group, 'the rule was deleted')
    return undefined
  })
}

/** @throws Fault not_in_preset: the product has no rules */
export function demandRules({ preset }: Sight): void {
  if (ruleRelation(preset) !== undefined) return
  throw new Fault('not_in_preset', `\`${preset.id}\` has no rules`)
}

function demandRule(sight: Sight, group: string): KeptRule {
  const kept = ruleAt(sight, group)
  if (kept === undefined) throw notFound(`rule of ${group}`)
  return kept
}

/** Switching off takes what ending takes. */
async function demandSetting(sight: Sight, group: Group, { rule, enabled }: RuleChange): Promise<void> {
  demandRules(sight)
  if (rule === undefined && enabled === false) await demandEnding(sight, group)
  else await sight.demand('rule.set', sight.group.actions['rule.set'], group.object)
}

/** What the plan has no more, or an archived group, can still be cleared away by whoever could delete the group. */
async function demandEnding(sight: Sight, { object }: Group): Promise<void> {
  const { actions } = sight.group
  try {
    await sight.demand('rule.set', actions['rule.set'], object)
  } catch (thrown) {
    const isFrozen =
      thrown instanceof Fault && (thrown.code === 'plan_required' || thrown.code === 'archived')
    if (!isFrozen) throw thrown
    await sight.demand('delete', actions.delete, object)
  }
}

function nextRule(draft: Draft, { id }: Group, old: KeptRule | undefined, change: RuleChange): KeptRule {
  const text = change.rule ?? old
  if (text === undefined) throw notFound(`rule of ${id}`)
  if (change.rule !== undefined) demandSound(change.rule)
  return {
    kind: text.kind,
    text: text.text,
    enabled: change.enabled ?? old?.enabled ?? true,
    updatedAt: draft.view.now,
    updatedBy: draft.actor,
  }
}

/** @throws Fault invalid_rule */
export function demandSound(rule: RuleText): Examined {
  const examined = examine(rule)
  const [first] = examined.problems
  if (first === undefined) return examined
  const { code, message, hint, ...where } = first
  throw new Fault('invalid_rule', message, {
    field: 'rule',
    word: code,
    ...(hint === undefined ? {} : { hint }),
    more: { ...where, range: { ...where.range }, problems: examined.problems.map(jsonOf) },
  })
}

/** A problem or a warning, as it is told. */
export function jsonOf(problem: Examined['problems'][number]): JsonObject {
  return { ...problem, range: { ...problem.range } }
}

/** Members told one by one; beyond that, as a number. */
const toldMax = 1000

/** Whom the rule brought in. Memberships by hand and by other sources stay. */
async function removeMembers(draft: Draft, { id: group, object }: Group, reason: string): Promise<void> {
  const relation = ruleRelation(draft.preset)
  if (relation === undefined) return
  const ids = [...(await gathered(draft.view, [{ object, relation, source: relation }]))]
  if (ids.length === 0) return
  const event = { event: 'removed' as const, group, reason, why: reason }
  if (ids.length > toldMax) {
    draft.deleteAll({ object, relation })
    draft.note({ action: 'member.remove', target: object, source: 'rule', old: { count: ids.length } })
    writeEvents(draft, [{ ...event, count: ids.length }])
    return
  }
  const events: Event[] = ids.map((user) => ({ ...event, user }))
  for (const user of ids) {
    const subject = `${userType}:${user}`
    draft.delete(object, relation, subject)
    draft.note({ action: 'member.remove', target: object, subject, source: 'rule' })
  }
  writeEvents(draft, events)
}

function saidOf({ kind, text, enabled }: KeptRule): JsonObject {
  return { rule: text, kind, enabled }
}

async function rowOf(
  sight: Sight,
  group: string,
  { text, kind, enabled, updatedAt, updatedBy }: KeptRule,
): Promise<RuleRow> {
  return {
    rule: text,
    kind,
    enabled,
    suspended: lacksPlan(sight, sight.group.actions['rule.set']),
    updatedAt: new Date(updatedAt).toISOString(),
    updatedBy,
    warnings: examine({ kind, text }).warnings.map(jsonOf),
    evaluation: shownEvaluation(evaluationAt(sight, group)),
    waiting: await owedCount(sight),
  }
}

function shownEvaluation(evaluation: Evaluation | undefined): JsonObject | null {
  if (evaluation === undefined) return null
  const { startedAt, endedAt, ...said } = evaluation
  return {
    ...said,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  }
}
