/**
 * One person under one rule: in, out, or neither. What comes of it is written in the commit that asked. A rule touches
 * its own memberships alone, so nobody loses what somebody gave by hand; and nobody gains by an error.
 */
import type { JsonObject } from '../../lib/json.ts'
import { reasonOf } from '../../model/rule/reason.ts'
import type { RuleUser } from '../../model/rule/user.ts'
import type { Draft } from '../draft.ts'
import type { Preset } from '../preset/preset.ts'
import { lacksPlan } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import type { Allowance } from './allowance.ts'
import { type Ask, Asked, type Left } from './asked.ts'
import { exclude, isExcluded } from './exclusions.ts'
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
  // Of an error its sentence is told alone: where it was thrown costs more than all else, and a rule may fail for everybody.
  const traced = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return rule.holds(user, now) ? inside : outside
  } catch (thrown) {
    return { is: 'unknown', reason: reasonOf(thrown) }
  } finally {
    Error.stackTraceLimit = traced
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

/**
 * People as they will be, each under each rule: those first whose members they are, so that who has to go goes.
 * @param allowance - what it may cost; absent: whatever it does
 * @returns who was not asked of all, and groups whose rules were not asked of all
 */
export async function assignAll(
  draft: Draft,
  asks: readonly Ask[],
  allowance?: Allowance,
): Promise<{
  readonly tally: Tally
  readonly left: readonly Left[]
  readonly waiting: ReadonlySet<string>
}> {
  const relation = ruleRelation(draft.preset)
  if (relation === undefined || asks.every(({ rules }) => rules.length === 0)) {
    return { tally: { added: 0, removed: 0, errors: 0 }, left: [], waiting: new Set() }
  }
  const gives = !lacksPlan(draft, draft.group.actions['rule.set'])
  const events: Event[] = []
  const asked = new Asked(draft, relation, asks, allowance)
  for await (const { id, user, rule, why } of asked.questions()) {
    const verdict = verdictOf(rule, user, draft.view.now)
    const event = follow(draft, { relation, gives }, rule.group, id, verdict)
    if (event !== undefined) events.push({ ...event, why })
  }
  writeEvents(draft, events)
  const count = (what: Event['event']) => events.filter(({ event }) => event === what).length
  const tally = { added: count('added'), removed: count('removed'), errors: count('error') }
  return { tally, left: asked.left, waiting: asked.waiting }
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
