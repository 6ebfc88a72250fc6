/** Authorization models: written once, never changed, listed newest first. What they mean is model/'s affair. */
import type { ModelJson } from '../model/json.ts'
import { validateModel } from '../model/validate.ts'
import type { Change, Decide } from '../storage/storage.ts'
import { freshEnough, type Ground, pinned, viewOf } from './ground.ts'
import { guarded } from './guarded.ts'
import { pageSizeOf } from './page.ts'
import { madeBy } from './provenance.ts'
import type { Answer, StoreRequest, WriteModelRequest } from './requests.ts'

export interface ModelVersion {
  readonly id: string
  readonly json: ModelJson
}

/** @throws Fault invalid_authorization_model, exceeded_entity_limit, those of the store's guard */
export async function writeModel(
  ground: Ground,
  request: WriteModelRequest,
): Promise<Answer & { readonly id: string }> {
  await freshEnough(ground, request)
  const { id, change } = modelChangeOf(ground, request)
  const { revision } = await ground.storage.commit(request.store, change)
  return { id, model: id, zookie: ground.storage.zookie(request.store, revision) }
}

/**
 * What writing a model asks of storage. INVARIANT: its commit begins in the same turn, so ids and revisions grow together.
 * @throws Fault invalid_authorization_model, exceeded_entity_limit
 */
export function modelChangeOf(
  ground: Ground,
  request: WriteModelRequest,
): { readonly id: string; readonly change: Change | Decide } {
  const view = viewOf(ground, request.store)
  validateModel(request.json)
  const id = ground.modelIds.next(view.now, view.latestModel()?.id)
  const change = { model: { id, json: request.json }, ...madeBy(request) }
  return { id, change: guarded(ground, view, change) }
}

/** The latest when `id` is absent. @throws Fault the two of model-cache.ts */
export async function model(
  ground: Ground,
  request: StoreRequest & { readonly id?: string },
): Promise<Answer & ModelVersion> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const { id, json } = ground.models.resolve(view, request.id)
  return { id, json, zookie: ground.storage.zookie(request.store, view.revision) }
}

/** Newest first. */
export async function models(
  ground: Ground,
  request: StoreRequest & { readonly pageSize?: number; readonly continuationToken?: string },
): Promise<Answer & { readonly models: readonly ModelVersion[]; readonly continuationToken: string }> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const limit = pageSizeOf(request.pageSize)
  const cursor = ground.cursors.for('models', request.store, {})
  const after = cursor.open(request.continuationToken)
  const { rows, next } = await pinned(view, (pin) => pin.models(limit, after))
  return {
    models: rows.map(({ id, json }) => ({ id, json })),
    continuationToken: cursor.seal(next),
    zookie: ground.storage.zookie(request.store, view.revision),
  }
}
