/**
 * Rules compiled and kept by what they say, never by revision: a preview looks at rules that never land, and what it
 * compiled is right wherever the same rules stand.
 */
import { Lru } from '../../lib/lru.ts'
import { compileRule, type Rule, type RuleText } from '../../model/rule/rule.ts'
import type { Sight } from '../sight.ts'
import { type Ruleset, ruleAt } from './kept.ts'

/** A rule that is to be followed. */
export interface ActiveRule {
  /** Id of its group. */
  readonly group: string
  /** Undefined: it was kept, and is no rule any more. Nobody comes in by it, and nobody goes. */
  readonly rule: Rule | undefined
}

const rulesKept = 4096
const rulesetsKept = 256

export class Rulebook {
  /** By kind and text. */
  readonly #rules = new Lru<string, { readonly rule: Rule | undefined }>(rulesKept)
  /** By digest. */
  readonly #rulesets = new Lru<string, readonly ActiveRule[]>(rulesetsKept)

  /** Those that are enabled. Reads them only where they are new. */
  of(sight: Sight, { digest, enabled }: Ruleset): readonly ActiveRule[] {
    const known = this.#rulesets.get(digest)
    if (known !== undefined) return known
    const rules = enabled.map((group) => ({ group, rule: this.compiled(ruleAt(sight, group)) }))
    this.#rulesets.set(digest, rules)
    return rules
  }

  /** Undefined: it is none, or none any more. */
  compiled(kept: RuleText | undefined): Rule | undefined {
    const key = `${kept?.kind}:${kept?.text}`
    const known = this.#rules.get(key)
    if (known !== undefined) return known.rule
    const rule = kept === undefined ? undefined : attempt(kept)
    this.#rules.set(key, { rule })
    return rule
  }
}

/** It was a rule when it was saved. */
function attempt(kept: RuleText): Rule | undefined {
  try {
    return compileRule(kept)
  } catch {
    return undefined
  }
}
