/**
 * One person under one rule: in, out, or neither. What comes of it is written in the commit that asked. A rule touches
 * its own memberships alone, so nobody loses what somebody gave by hand; and nobody gains by an error.
 */
import { Slices } from '../../engine/drive.ts'
import type { JsonObject } from '../../lib/json.ts'
import { reasonOf } from '../../model/rule/reason.ts'
import { type RuleUser, ruleUser } from '../../model/rule/user.ts'
import type { Draft } from '../draft.ts'
import type { Preset } from '../preset/preset.ts'
import { lacksPlan } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import type { Allowance } from './allowance.ts'
import { exclude, isExcluded } from './exclusions.ts'
import { idpGroupsOf } from './idp.ts'
import { ruleAt } from './kept.ts'
import { type Event, writeEvents } from './log.ts'
import type { ActiveRule } from './rulebook.ts'

/** What following a rule is told as. */
const bySource = 'rule'

/** Where members by rule are kept; undefined: the product has none. */
export function ruleRelation({ group }: Preset): string | undefined {
  return group?.sources[bySource]
}

/** @returns `in`, `out`, or why it cannot be said */
export function verdictOf({ rule }: ActiveRule, user: RuleUser | undefined, now: number): Verdict {
  if (user === undefined) return outside
  if (rule === undefined) return { is: 'unknown', reason: 'it is no rule any more: save it anew' }
  try {
    return rule.holds(user, now) ? inside : outside
  } catch (thrown) {
    return { is: 'unknown', reason: reasonOf(thrown) }
  }
}

export type Verdict = { readonly is: 'in' | 'out' } | { readonly is: 'unknown'; readonly reason: string }

const inside: Verdict = { is: 'in' }
const outside: Verdict = { is: 'out' }

/** What became of people under rules. */
export interface Tally {
  readonly added: number
  readonly removed: number
  readonly errors: number
}

/** Who was not asked of all rules, and of how many they were. */
export interface Left {
  readonly id: string
  readonly asked: number
}

/**
 * People as they will be, each under each rule. Two point reads for each that is in, one for each that is out.
 * @param why - said in the log
 * @param allowance - what it may cost; absent: whatever it does
 */
export async function assignAll(
  draft: Draft,
  rules: readonly ActiveRule[],
  ids: readonly string[],
  why: string,
  allowance?: Allowance,
): Promise<{ readonly tally: Tally; readonly left: readonly Left[] }> {
  const relation = ruleRelation(draft.preset)
  if (relation === undefined || rules.length === 0) {
    return { tally: { added: 0, removed: 0, errors: 0 }, left: [] }
  }
  const gives = !lacksPlan(draft, draft.group.actions['rule.set'])
  const looksAtGroups = rules.some(({ rule }) => rule?.variables.has('groups') === true)
  const events: Event[] = []
  const left: Left[] = []
  const slices = new Slices()
  for (const id of ids) {
    const kept = draft.entity(userType, id)
    if (kept === undefined) continue
    if (allowance?.isSpent) {
      left.push({ id, asked: 0 })
      continue
    }
    const groups = looksAtGroups ? await idpGroupsOf(draft, id) : []
    const user = isActive(kept) ? ruleUser(kept, groups) : undefined
    allowance?.spendOnPerson(groups.length)
    for (const [asked, rule] of rules.entries()) {
      // Of whom was begun with, one rule is asked whatever it costs: whoever is left comes further each time.
      if (asked > 0 && allowance?.isSpent) {
        left.push({ id, asked })
        break
      }
      allowance?.spendOnRule(user === undefined ? 0 : (rule.rule?.cost(user) ?? 0))
      // A rule may cost 2 ms of one person: writers here wait for all of them, and nobody else for more than a few.
      if (slices.isOver) await slices.rest()
      const verdict = verdictOf(rule, user, draft.view.now)
      const event = follow(draft, { relation, gives }, rule.group, id, verdict)
      if (event !== undefined) events.push({ ...event, why })
    }
  }
  writeEvents(draft, events)
  const count = (what: Event['event']) => events.filter(({ event }) => event === what).length
  return { tally: { added: count('added'), removed: count('removed'), errors: count('error') }, left }
}

/** How many of people come before the first who was not asked of all rules. */
export function askedOf(ids: readonly string[], [first]: readonly Left[]): number {
  return first === undefined ? ids.length : ids.indexOf(first.id)
}

export function isByRule(sight: Sight, group: string, id: string): boolean {
  const relation = ruleRelation(sight.preset)
  return relation !== undefined && sight.has(`${sight.group.type}:${group}`, relation, `${userType}:${id}`)
}

/** Takes somebody out by hand, where the group has a rule: it leaves them out from now on. */
export function excludeMember(draft: Draft, group: string, id: string): void {
  const relation = ruleRelation(draft.preset)
  if (relation === undefined || ruleAt(draft, group) === undefined) return
  const object = `${draft.group.type}:${group}`
  const subject = `${userType}:${id}`
  exclude(draft, group, id)
  draft.note({ action: 'rule.exclude', target: object, subject })
  if (!draft.has(object, relation, subject)) return
  draft.delete(object, relation, subject)
  draft.note({ action: 'member.remove', target: object, subject, source: bySource })
  const reason = `taken out by ${draft.actor}`
  writeEvents(draft, [{ event: 'removed', group, user: id, reason, why: 'somebody took the user out' }])
}

/** Whoever is inactive matches nothing. */
export function isActive({ active }: JsonObject): boolean {
  return active !== false
}

interface Terms {
  readonly relation: string
  /** Whether anybody may come in: below the plan that rules take, people only go. */
  readonly gives: boolean
}

function follow(
  draft: Draft,
  { relation, gives }: Terms,
  group: string,
  id: string,
  verdict: Verdict,
): Pick<Event, 'event' | 'group' | 'user' | 'reason'> | undefined {
  const object = `${draft.group.type}:${group}`
  const subject = `${userType}:${id}`
  if (verdict.is === 'unknown') return { event: 'error', group, user: id, reason: verdict.reason }
  const isMember = draft.has(object, relation, subject)
  const isLeftOut = verdict.is === 'in' && isExcluded(draft, group, id)
  if (verdict.is === 'in' && !isLeftOut) {
    if (isMember || !gives) return undefined
    draft.write(object, relation, subject)
    draft.note({ action: 'member.add', target: object, subject, source: bySource })
    return { event: 'added', group, user: id, reason: 'the rule matches' }
  }
  if (!isMember) return undefined
  draft.delete(object, relation, subject)
  draft.note({ action: 'member.remove', target: object, subject, source: bySource })
  const reason = isLeftOut
    ? 'somebody took the user out'
    : isActive(draft.entity(userType, id) ?? {})
      ? 'the rule does not match'
      : 'the user is inactive'
  return { event: 'removed', group, user: id, reason }
}
