/**
 * The application's own questions about an organization, in its product's words: made into those of the service, which
 * answers them as it answers everybody.
 */
import { explain as explainWalk } from '../../engine/explain.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Model } from '../../model/model.ts'
import { viewOf } from '../../service/ground.ts'
import type {
  BatchCheckRequest,
  CheckRequest,
  ExpandAllRequest,
  ListObjectsRequest,
  ListUsersRequest,
  StoreRequest,
} from '../../service/requests.ts'
import { typeOf } from '../../tuple/object.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import type { Ground } from '../ground.ts'
import { type Looked, openSight, organizationAt } from '../look.ts'
import type { Preset } from '../preset/preset.ts'
import { demandRelation, demandType, storedObject, storedSubject, storedType } from '../preset/words.ts'
import { chainOf, type Node } from './chain.ts'
import { type MissingLink, missingLink } from './missing.ts'

/** What is asked about: `ann`, `can_use`, `bot:b`. */
export interface Asked {
  readonly user: string
  readonly relation: string
  readonly object: string
  readonly context?: JsonObject
}

/** What all questions carry. */
export interface Asking extends StoreRequest {
  readonly higherConsistency?: boolean
}

interface Paged {
  readonly pageSize?: number
  readonly continuationToken?: string
}

/** No walk of a product's questions is too deep. */
const depthMax = Number.POSITIVE_INFINITY

/** @throws Fault not_found, not_in_preset, invalid_field */
export async function checkOf(ground: Ground, asking: Asking, asked: Asked): Promise<CheckRequest> {
  const product = await productOf(ground, asking.store)
  return { depthMax, ...asking, ...itemOf(product, asked) }
}

/** Results are by place: `0`, `1`, ... @throws Fault not_found, not_in_preset, invalid_field */
export async function batchCheckOf(
  ground: Ground,
  asking: Asking,
  asked: readonly Asked[],
): Promise<BatchCheckRequest> {
  const product = await productOf(ground, asking.store)
  const checks = asked.map((each, index) => ({ correlationId: String(index), ...itemOf(product, each) }))
  return { checks, depthMax, ...asking }
}

/** @throws Fault not_found, not_in_preset, invalid_field */
export async function listObjectsOf(
  ground: Ground,
  asking: Asking,
  asked: Omit<Asked, 'object'> & Paged & { readonly type: string },
): Promise<ListObjectsRequest> {
  const { preset, model } = await productOf(ground, asking.store)
  const { user, relation, type: word, ...rest } = asked
  const type = storedType(preset, word)
  demandType(preset, model, type, 'type')
  demandRelation(preset, model, type, relation)
  return { type, relation, subject: subjectIn({ preset, model }, user), depthMax, ...asking, ...rest }
}

/** @throws Fault not_found, not_in_preset, invalid_field */
export async function listUsersOf(
  ground: Ground,
  asking: Asking,
  asked: Omit<Asked, 'user'> & Paged & { readonly filter: string },
): Promise<ListUsersRequest> {
  const product = await productOf(ground, asking.store)
  const { preset, model } = product
  const { object, relation, filter: word, ...rest } = asked
  const [name = '', userset] = word.split('#')
  const type = storedType(preset, name)
  demandType(preset, model, type, 'filter')
  if (userset !== undefined) demandRelation(preset, model, type, userset)
  const filter = userset === undefined ? { type } : { type, relation: userset }
  return { object: objectIn(product, object, relation), relation, filter, depthMax, ...asking, ...rest }
}

/** @throws Fault not_found, not_in_preset, invalid_field */
export async function expandOf(
  ground: Ground,
  asking: Asking,
  asked: Omit<Asked, 'user'> & Paged,
): Promise<ExpandAllRequest> {
  const product = await productOf(ground, asking.store)
  const object = objectIn(product, asked.object, asked.relation)
  return Object.assign({}, asking, asked, { object, depthMax })
}

export interface Explained {
  readonly allowed: boolean
  /** In the product's words. */
  readonly missing?: MissingLink
  /** Of an allow. */
  readonly chain?: readonly Node[]
  /** The engine's own. */
  readonly explanation?: JsonObject
}

/**
 * All of it at one revision.
 * @param own - the acting user asks about itself: nothing is told of objects that are hidden from it, nor of others
 */
export async function explain(
  ground: Ground,
  asking: Asking,
  { tuple, context = {} }: Pick<CheckRequest, 'tuple' | 'context'>,
  own: boolean,
): Promise<Looked<Explained>> {
  const { store: org, ...rest } = asking
  const { sight, zookie, release } = await openSight(ground, { ...rest, org, actor: tuple.subject })
  try {
    const scope = { ...sight.scope(ground.service.options.requestTimeoutMs), context }
    const { allowed, ...explanation } = await explainWalk(scope, tuple)
    const shown = own ? {} : { explanation }
    if (allowed) {
      const chain = chainOf(sight, tuple.subject, explanation.path ?? [])
      return { result: { allowed, chain, ...shown }, zookie }
    }
    const isHidden = own && !(await sight.discovers(tuple.object))
    const missing =
      isHidden || explanation.error !== undefined ? {} : { missing: await missingLink(sight, tuple) }
    return { result: { allowed, ...missing, ...shown }, zookie }
  } finally {
    release()
  }
}

interface Product {
  readonly preset: Preset
  readonly model: Model
}

async function productOf(ground: Ground, store: string): Promise<Product> {
  const preset = await organizationAt(ground, viewOf(ground.service, store))
  return { preset, model: ground.service.models.resolve(viewOf(ground.service, store), undefined) }
}

function itemOf(
  product: Product,
  { user, relation, object, context }: Asked,
): { tuple: TupleKey; context?: JsonObject } {
  const tuple = {
    object: objectIn(product, object, relation),
    relation,
    subject: subjectIn(product, user),
  }
  return context === undefined ? { tuple } : { tuple, context }
}

/** @throws Fault invalid_field, not_in_preset: its type, or the relation */
function objectIn({ preset, model }: Product, text: string, relation: string): string {
  const object = storedObject(preset, text)
  if (!/^[^:#@*\s]+:[^#\s*][^#\s]*$/u.test(object)) {
    throw new Fault('invalid_field', '`object` is a type and an id, such as group:eng', { field: 'object' })
  }
  demandType(preset, model, typeOf(object), 'object')
  demandRelation(preset, model, typeOf(object), relation)
  return object
}

/** @throws Fault invalid_field, not_in_preset */
function subjectIn({ preset, model }: Product, text: string): string {
  const subject = storedSubject(preset, text)
  if (!/^[^:#@*\s]+:[^#\s]+(?:#[^:#@\s]+)?$/u.test(subject)) {
    throw new Fault('invalid_field', '`user` is an id, user:ID, or group:ID#relation', { field: 'user' })
  }
  demandType(preset, model, typeOf(subject), 'user')
  return subject
}
