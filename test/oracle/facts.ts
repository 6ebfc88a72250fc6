/**
 * What a question may believe: the tuples that are present, fit the model, and whose condition holds or cannot be
 * evaluated. Written from the contract (3.2 steps 4 to 6, 4.5 to 4.7); shares no code with src but the nouns.
 */
import type { JsonObject } from '../../src/lib/json.ts'
import type { ModelJson, RelationReferenceJson, UsersetJson } from '../../src/model/json.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'

/** Whether a condition holds under the merged context; undefined when it cannot be evaluated. */
export type Predicate = (context: JsonObject) => boolean | undefined

/** A state of the world: a model, all tuples, one instant. */
export interface World {
  readonly model: ModelJson
  readonly predicates: ReadonlyMap<string, Predicate>
  readonly tuples: readonly Tuple[]
  readonly now: number
}

/** What a request brings along. */
export interface Baggage {
  readonly contextual: readonly Tuple[]
  readonly context: JsonObject
}

/** A tuple that counts. `sure` is false when its condition cannot be evaluated. */
interface Fact {
  readonly tuple: Tuple
  readonly sure: boolean
}

/** Facts by `object#relation`. */
export type Facts = ReadonlyMap<string, readonly Fact[]>

export function factsOf(world: World, { contextual, context }: Baggage): Facts {
  const identity = ({ object, relation, subject }: Tuple) => `${object}#${relation}@${subject}`
  const hidden = new Set(contextual.map(identity))
  const present = [...contextual, ...world.tuples.filter((tuple) => !hidden.has(identity(tuple)))]
  const facts = new Map<string, Fact[]>()
  for (const tuple of present) {
    if (tuple.expiresAt !== undefined && tuple.expiresAt <= world.now) continue
    if (!fits(world.model, tuple)) continue
    const held = holds(world, tuple, context)
    if (held === false) continue
    const place = `${tuple.object}#${tuple.relation}`
    facts.set(place, [...(facts.get(place) ?? []), { tuple, sure: held === true }])
  }
  return facts
}

function holds(world: World, { condition }: Tuple, context: JsonObject): boolean | undefined {
  if (condition === undefined) return true
  return world.predicates.get(condition.name)?.({ ...context, ...condition.context })
}

/** Whether the model allows this very tuple: subject's shape and condition together. */
function fits(model: ModelJson, { object, relation, subject, condition }: Tuple): boolean {
  const type = object.slice(0, object.indexOf(':'))
  const isPlain = !subject.includes('#') && !subject.endsWith(':*')
  if (!isPlain && isTupleset(model, type, relation)) return false
  const ofShape = restrictionsOf(model, type, relation).filter((one) => matches(one, subject))
  if (condition !== undefined && model.conditions?.[condition.name] === undefined) return false
  return ofShape.some((one) => (one.condition || undefined) === condition?.name)
}

function matches({ type, relation, wildcard }: RelationReferenceJson, subject: string): boolean {
  const [object = '', userset] = subject.split('#')
  if (object.slice(0, object.indexOf(':')) !== type || userset !== (relation || undefined)) return false
  return (wildcard !== undefined) === subject.endsWith(':*')
}

export function restrictionsOf(
  model: ModelJson,
  type: string,
  relation: string,
): readonly RelationReferenceJson[] {
  return definition(model, type)?.metadata?.relations[relation]?.directly_related_user_types ?? []
}

export function rewriteOf(model: ModelJson, type: string, relation: string): UsersetJson | undefined {
  const relations = definition(model, type)?.relations ?? {}
  return Object.hasOwn(relations, relation) ? relations[relation] : undefined
}

function definition(model: ModelJson, type: string) {
  return model.type_definitions.find((one) => one.type === type)
}

function isTupleset(model: ModelJson, type: string, relation: string): boolean {
  const rewrites = Object.values(definition(model, type)?.relations ?? {})
  return rewrites.some((rewrite) =>
    operators(rewrite).some(
      (one) => 'tupleToUserset' in one && one.tupleToUserset.tupleset.relation === relation,
    ),
  )
}

/** A rewrite's operators, itself first. */
export function operators(rewrite: UsersetJson): UsersetJson[] {
  const all = [rewrite]
  // The list grows while it is read.
  for (const one of all) all.push(...operandsOf(one))
  return all
}

function operandsOf(rewrite: UsersetJson): readonly UsersetJson[] {
  if ('union' in rewrite) return rewrite.union.child
  if ('intersection' in rewrite) return rewrite.intersection.child
  if ('difference' in rewrite) return [rewrite.difference.base, rewrite.difference.subtract]
  return []
}
