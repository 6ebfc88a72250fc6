/** Tuples name only what is there: people, groups and resources of this organization, itself, and plans that are sold. */
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { isWildcard } from '../../tuple/subject.ts'
import type { Preset } from '../preset.ts'
import { type Sight, userType } from '../sight.ts'

import type { Outcome } from './outcome.ts'

/** Two point reads a write at most. @throws Fault unknown_reference */
export function demandReferences(sight: Sight, outcome: Outcome): void {
  const stored = storedTypes(sight.preset)
  const known = new Set<string>()
  const { operatorRelation } = sight.preset.organization
  for (const { object, relation, subject } of outcome.writes) {
    // Operators are the platform's people: nobody has to have made them users.
    const isOperator = object === sight.organization && relation === operatorRelation
    for (const each of isWildcard(subject) || isOperator ? [object] : [object, objectOf(subject)]) {
      if (known.has(each)) continue
      if (!isThere(sight, outcome, stored, each)) {
        throw new Fault('unknown_reference', `there is no ${each} in this organization`)
      }
      known.add(each)
    }
  }
}

/** Types that are entities; what else a model has, like the provider's groups, lives in tuples alone. */
function storedTypes({ group, resources }: Preset): ReadonlySet<string> {
  const kinds = Object.values(resources).map(({ type }) => type)
  return new Set([userType, ...(group === undefined ? [] : [group.type]), ...kinds])
}

function isThere(
  { preset, organization }: Sight,
  outcome: Outcome,
  stored: ReadonlySet<string>,
  object: string,
): boolean {
  const type = typeOf(object)
  if (stored.has(type)) return outcome.keeps(object)
  if (type === preset.organization.type) return object === organization
  if (type === preset.plans?.type) return preset.plans.ladder.some(({ id }) => id === idOf(object))
  return true
}

/** Of a userset: the object whose relation it is. */
function objectOf(subject: string): string {
  const hash = subject.indexOf('#')
  return hash === -1 ? subject : subject.slice(0, hash)
}
