/** Whether changed facts would turn a deny into an allow: the same check, on the same state, under an overlay. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Model } from '../../model/model.ts'
import { checkTuple } from '../../model/tuple-check.ts'
import { printTuple, type TupleKey } from '../../tuple/tuple.ts'
import { check } from '../check.ts'
import type { Scope } from '../scope.ts'
import { sameKey } from './evidence.ts'
import { type Fact, factKey } from './repair.ts'

/** The facts that are really needed; undefined when they do not help. A check for each fact and one more. */
export async function verified(
  scope: Scope,
  key: TupleKey,
  facts: readonly Fact[],
): Promise<readonly Fact[] | undefined> {
  if (facts.length === 0 || !facts.every((fact) => isPossible(scope.model, fact))) return undefined
  if (!(await allows(scope, key, facts))) return undefined
  let needed = facts
  for (const fact of facts) {
    const fewer = needed.filter((one) => factKey(one) !== factKey(fact))
    if (fewer.length > 0 && (await allows(scope, key, fewer))) needed = fewer
  }
  return needed
}

function isPossible(model: Model, { change, tuple }: Fact): boolean {
  return change !== 'add' || checkTuple(model, tuple) === undefined
}

async function allows(scope: Scope, key: TupleKey, facts: readonly Fact[]): Promise<boolean> {
  try {
    return (await check(overlay(scope, facts), key)).allowed
  } catch (thrown) {
    if (thrown instanceof Fault) return false
    throw thrown
  }
}

function overlay(scope: Scope, facts: readonly Fact[]): Scope {
  const tuples = (change: Fact['change']) =>
    facts.filter((fact) => fact.change === change).map((fact) => fact.tuple)
  const added = tuples('add')
  const removed = tuples('remove')
  const changed = [...added, ...removed]
  const kept = scope.contextual.filter((tuple) => !changed.some((other) => sameKey(tuple, other)))
  return {
    ...scope,
    contextual: [...kept, ...added],
    hidden: [...(scope.hidden ?? []), ...removed],
    model: believing(scope.model, new Set(tuples('hold').map(printTuple))),
  }
}

/** The model, its conditions true for some tuples. */
function believing(model: Model, tuples: ReadonlySet<string>): Model {
  if (tuples.size === 0) return model
  const conditions = [...model.conditions].map(([name, condition]) => {
    const holds: typeof condition.holds = (given, stored, tuple) =>
      tuples.has(tuple) || condition.holds(given, stored, tuple)
    const { parameters } = condition
    return [
      name,
      { name, parameters, holds, refuse: (context: JsonObject) => condition.refuse(context) },
    ] as const
  })
  return {
    id: model.id,
    json: model.json,
    conditions: new Map(conditions),
    operatorCount: model.operatorCount,
    types: model.types,
    hasType: (type) => model.hasType(type),
    relation: (type, name) => model.relation(type, name),
    relations: (type) => model.relations(type),
  }
}
