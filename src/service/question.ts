/**
 * From a request to something the engine can be asked: one state, one instant, one model, contextual tuples that
 * the model allows, and a deadline. Every question starts here; only the verb's own validation is elsewhere.
 */
import type { Scope } from '../engine/scope.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Model } from '../model/model.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { demandContext } from './context.ts'
import { type Ground, residentFor, viewOf } from './ground.ts'
import { demandContextual } from './keys.ts'
import type { Answer, QuestionRequest } from './requests.ts'

export interface Question {
  readonly scope: Scope
  /** What every answer to it carries. */
  readonly answer: Answer & { readonly model: string }
}

/** What a verb says of its question. */
interface Terms {
  readonly demand: (model: Model) => void
  readonly timeoutMs: number
  readonly memoryAsked?: boolean
}

/** The part of a scope that the questions of one request share. */
export type Footing = Pick<Scope, 'model' | 'view' | 'resident' | 'memoryAsked' | 'depthMax' | 'deadline'>

/**
 * Synchronous: view and engine meet within one turn. `demand` is the verb's own validation, judged before the
 * contextual tuples.
 * @throws Fault store_id_not_found, the model's two, invalid_tuple, validation_error
 */
export function questionOf(
  ground: Ground,
  request: QuestionRequest,
  { demand, timeoutMs, memoryAsked }: Terms,
): Question {
  const view = viewOf(ground, request.store)
  const model = ground.models.resolve(view, request.model)
  const depthMax = request.depthMax ?? ground.depths.of(view)
  const deadline = performance.now() + timeoutMs
  const { resident } = residentFor(ground, view, model, request)
  const footing = { model, view, resident, memoryAsked, depthMax, deadline }
  return {
    scope: scopeOf(footing, request, demand),
    answer: { zookie: ground.storage.zookie(request.store, view.revision), model: model.id },
  }
}

/** @throws Fault what `demand` throws, invalid_tuple, validation_error */
export function scopeOf(
  footing: Footing,
  asked: { readonly contextual?: readonly Tuple[]; readonly context?: JsonObject },
  demand: (model: Model) => void,
): Scope {
  const { contextual = [], context = {} } = asked
  demand(footing.model)
  demandContextual(footing.model, contextual)
  demandContext(context)
  const { model, view, resident, memoryAsked, depthMax, deadline } = footing
  // All of them, one by one: what is spread and added to has a shape of its own each time, at a tenth of a cold check.
  return {
    model,
    view,
    contextual: unexpired(contextual, view.now),
    context,
    resident,
    memoryAsked,
    depthMax,
    deadline,
  }
}

/** One that has expired is absent, like a stored one; it hides nothing either. */
function unexpired(tuples: readonly Tuple[], now: number): readonly Tuple[] {
  if (tuples.every(({ expiresAt }) => expiresAt === undefined)) return tuples
  return tuples.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
}
