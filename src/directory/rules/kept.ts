/**
 * What is kept of rules: an entity for each, by its group, and one for the organization that says which there are. So a
 * commit of somebody's attributes reads one entity where there are no rules.
 *
 * INVARIANT: the digest of a ruleset says what its rules are: it is of every change that led to it. Rules are written here
 * alone.
 */
import { createHash } from 'node:crypto'
import { Fault } from '../../lib/fault.ts'
import type { RuleKind, RuleText } from '../../model/rule/rule.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'

export interface KeptRule extends RuleText {
  readonly kind: RuleKind
  readonly enabled: boolean
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  /** `user:anne`. */
  readonly updatedBy: string
}

export interface Ruleset {
  readonly digest: string
  /** Ids of groups whose rule is enabled. */
  readonly enabled: readonly string[]
  readonly disabled: readonly string[]
}

const rules = new Entities<KeptRule>('@rule')
const rulesets = new Entities<Ruleset>('@ruleset')
const all = 'all'
/** Rules that an organization may have. */
const rulesMax = 1000

/** @param group - its id */
export function ruleAt(sight: Sight, group: string): KeptRule | undefined {
  return rules.at(sight, group)
}

/** One point read. Undefined: the organization has no rules. */
export function rulesetAt(sight: Sight): Ruleset | undefined {
  return rulesets.at(sight, all)
}

/** In place of the one before. @throws Fault invalid_field: there are too many */
export function putRule(draft: Draft, group: string, rule: KeptRule): void {
  demandRoom(draft, group)
  rules.put(draft, group, rule)
  const { kind, text, enabled } = rule
  putRuleset(draft, group, enabled ? 'enabled' : 'disabled', [kind, text, String(enabled)])
}

function demandRoom(draft: Draft, group: string): void {
  const { enabled = [], disabled = [] } = rulesetAt(draft) ?? {}
  if (enabled.length + disabled.length < rulesMax || ruleAt(draft, group) !== undefined) return
  throw new Fault('invalid_field', `an organization has at most ${rulesMax} rules`, { field: 'rule' })
}

/** None there is as good as removed. */
export function removeRule(draft: Draft, group: string): void {
  if (ruleAt(draft, group) === undefined) return
  rules.remove(draft, group)
  putRuleset(draft, group, undefined, [])
}

function putRuleset(
  draft: Draft,
  group: string,
  list: 'enabled' | 'disabled' | undefined,
  content: readonly string[],
): void {
  const before = rulesetAt(draft)
  const digest = createHash('sha256')
    .update(JSON.stringify([before?.digest ?? '', group, ...content]))
    .digest('base64url')
  const without = (ids: readonly string[] = []) => ids.filter((id) => id !== group)
  const lists = { enabled: without(before?.enabled), disabled: without(before?.disabled) }
  if (list !== undefined) lists[list].push(group)
  if (lists.enabled.length + lists.disabled.length === 0) rulesets.remove(draft, all)
  else rulesets.put(draft, all, { digest, ...lists })
}
