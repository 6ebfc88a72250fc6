/**
 * What the checks of a store share while nothing is written: its model, its graph, and what every answer carries. Made
 * once a revision, so that a check from memory looks up one thing.
 */
import type { Graph } from '../engine/resident/graph.ts'
import type { Residency } from '../engine/resident/residency.ts'
import { Lru } from '../lib/lru.ts'
import type { Storage, View } from '../storage/storage.ts'
import type { ModelCache } from './model-cache.ts'
import type { Answer } from './requests.ts'

export interface Standing {
  readonly store: string
  readonly revision: number
  readonly graph: Graph
  readonly answer: Answer & { readonly model: string }
}

const standingsMax = 10_000

export class Standings {
  readonly #storage: Pick<Storage, 'zookie'>
  readonly #models: ModelCache
  readonly #residency: Residency
  /** Under the latest model, by store. */
  readonly #latest = new Lru<string, Standing>(standingsMax)
  /** Under a model that was named, by its id; an id of two stores serves the last that asked. */
  readonly #named = new Lru<string, Standing>(standingsMax)

  constructor(storage: Pick<Storage, 'zookie'>, models: ModelCache, residency: Residency) {
    this.#storage = storage
    this.#models = models
    this.#residency = residency
  }

  /** @param view - unpinned @throws Fault the model's two */
  of(view: View, model = ''): Standing {
    const known = model === '' ? this.#latest.get(view.store) : this.#named.get(model)
    if (known?.revision === view.revision && known.store === view.store) {
      if (this.#residency.isCurrent(known.graph)) return known
    }
    const made = this.#make(view, model)
    if (model === '') this.#latest.set(view.store, made)
    else this.#named.set(model, made)
    return made
  }

  #make(view: View, id: string | undefined): Standing {
    const { store, revision } = view
    const model = this.#models.resolve(view, id)
    const graph = this.#residency.graph(view, model)
    return {
      store,
      revision,
      graph,
      answer: { zookie: this.#storage.zookie(store, revision), model: model.id },
    }
  }
}
