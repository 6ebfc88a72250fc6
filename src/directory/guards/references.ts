/**
 * Tuples name only what is there: people, groups and resources of this organization, itself, and plans that are sold. And
 * nobody who is inactive: once they are active they have what they had, and nothing was given past that.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { isWildcard } from '../../tuple/subject.ts'
import type { Preset } from '../preset/preset.ts'
import { type Sight, userType } from '../sight.ts'
import type { Outcome } from './outcome.ts'

/** Two point reads a write at most. @throws Fault unknown_reference, inactive_user */
export function demandReferences(sight: Sight, outcome: Outcome): void {
  const known = new Map<string, JsonObject | undefined>()
  const entityOf = (object: string) => {
    if (!known.has(object)) known.set(object, outcome.entity(object))
    return known.get(object)
  }
  const isThere = thereIn(sight, entityOf)
  const { operatorRelation } = sight.preset.organization
  for (const { object, relation, subject } of outcome.writes) {
    // Operators are the platform's people: nobody has to have made them users, and no organization ends them.
    const isOperator = object === sight.organization && relation === operatorRelation
    for (const each of isWildcard(subject) || isOperator ? [object] : [object, objectOf(subject)]) {
      if (!isThere(each)) throw new Fault('unknown_reference', `there is no ${each} in this organization`)
    }
    const isPerson = typeOf(subject) === userType && !isWildcard(subject) && !isOperator
    if (isPerson && entityOf(subject)?.active === false) throw inactiveUser(subject)
  }
}

/** @param user - `user:anne` */
export function inactiveUser(user: string, field?: string): Fault {
  return new Fault('inactive_user', `${user} is inactive`, {
    ...(field === undefined ? {} : { field }),
    hint: 'make the user active first',
  })
}

/** Whether what an object stands for is in the organization. @param entityOf - where it is looked for */
export function thereIn(
  { preset, organization }: Sight,
  entityOf: (object: string) => JsonObject | undefined,
): (object: string) => boolean {
  const stored = storedTypes(preset)
  return (object) => {
    const type = typeOf(object)
    if (stored.has(type)) return entityOf(object) !== undefined
    if (type === preset.organization.type) return object === organization
    if (type === preset.plans?.type) return preset.plans.ladder.some(({ id }) => id === idOf(object))
    return true
  }
}

/** Types that are entities; what else a model has lives in tuples alone. */
function storedTypes(preset: Preset): ReadonlySet<string> {
  const found = known.get(preset)
  if (found !== undefined) return found
  const { group, resources, identity } = preset
  const kinds = [group, identity, ...Object.values(resources)]
  const types = new Set([userType, ...kinds.flatMap((kind) => (kind === undefined ? [] : [kind.type]))])
  known.set(preset, types)
  return types
}

const known = new WeakMap<Preset, ReadonlySet<string>>()

/** Of a userset: the object whose relation it is. */
function objectOf(subject: string): string {
  const hash = subject.indexOf('#')
  return hash === -1 ? subject : subject.slice(0, hash)
}
