/** Which model a request means, compiled. Compiling happens once per model; the latest is remembered per store. */
import { Fault } from '../lib/fault.ts'
import { Lru } from '../lib/lru.ts'
import { compileModel } from '../model/compile.ts'
import type { Model } from '../model/model.ts'
import type { Storage, StoredModel, View } from '../storage/storage.ts'

/** Operators of all compiled models together: some hundred bytes each. Stops a tenant's models from filling memory. */
const operatorsMax = 500_000

interface Latest {
  readonly model: Model
  /** The revision that wrote it; a view before it does not know the model. */
  readonly since: number
}

export class ModelCache {
  /** By store and model id. Both are of our own making, without the separator: the key is injective. */
  readonly #compiled: Lru<string, Model>
  readonly #latest: Lru<string, Latest>

  constructor(storage: Storage, cachedMax: number) {
    const weightMax = operatorsMax
    this.#compiled = new Lru(cachedMax, { weightMax, weigh: weightOf })
    this.#latest = new Lru(cachedMax, { weightMax, weigh: ({ model }) => weightOf(model) })
    // INVARIANT: called before the commit of a model resolves, so no later question meets the one before.
    storage.onApplied((store, entry) => {
      if (entry.model !== undefined) this.#latest.delete(store)
    })
  }

  /**
   * The model of this id, or the latest as of the view.
   * @throws Fault latest_authorization_model_not_found, authorization_model_not_found
   */
  resolve(view: View, id: string | undefined): Model {
    if (id === undefined || id === '') return this.#resolveLatest(view)
    const known = this.#compiled.get(`${view.store}/${id}`)
    if (known !== undefined) return known
    const stored = view.model(id)
    if (stored === undefined) {
      throw new Fault('authorization_model_not_found', `Authorization Model '${id}' not found`)
    }
    return this.#compile(view.store, stored)
  }

  #resolveLatest(view: View): Model {
    const known = this.#latest.get(view.store)
    if (known !== undefined && known.since <= view.revision) return known.model
    const stored = view.latestModel()
    if (stored === undefined) {
      throw new Fault(
        'latest_authorization_model_not_found',
        `No authorization models found for store '${view.store}'`,
      )
    }
    const model = this.#compile(view.store, stored)
    this.#latest.set(view.store, { model, since: stored.revision })
    return model
  }

  #compile(store: string, { id, json }: StoredModel): Model {
    const key = `${store}/${id}`
    const model = this.#compiled.get(key) ?? compileModel(id, json)
    this.#compiled.set(key, model)
    return model
  }
}

function weightOf(model: Model): number {
  return 1 + model.operatorCount
}
