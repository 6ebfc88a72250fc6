/**
 * What the checks of a store share while nothing is written: its model, its graph, its limit of depth, and what every answer carries. Made
 * once a revision, so that a check from memory looks up one thing.
 */
import type { Graph } from '../engine/resident/graph.ts'
import type { Residency } from '../engine/resident/residency.ts'
import { Lru } from '../lib/lru.ts'
import type { Storage, View } from '../storage/storage.ts'
import type { Depths } from './depths.ts'
import type { ModelCache } from './model-cache.ts'
import type { Answer } from './requests.ts'

export interface Standing {
  readonly store: string
  /** The model that was named; empty: the latest. */
  readonly named: string
  readonly revision: number
  readonly graph: Graph
  /** Tuple hops, where the request does not say. */
  readonly depthMax: number
  readonly answer: Answer & { readonly model: string }
}

const standingsMax = 10_000

export class Standings {
  readonly #storage: Pick<Storage, 'zookie'>
  readonly #models: ModelCache
  readonly #residency: Residency
  readonly #depths: Depths
  /** Under the latest model, by store. */
  readonly #latest = new Lru<string, Standing>(standingsMax)
  /** Under a model that was named, by its id; an id of two stores serves the last that asked. */
  readonly #named = new Lru<string, Standing>(standingsMax)
  /** The one that was given out last: most sidecars serve one store. */
  #last: Standing | undefined
  /** The generation that all of them are of. */
  #generation: object | undefined

  constructor(storage: Pick<Storage, 'zookie'>, models: ModelCache, residency: Residency, depths: Depths) {
    this.#storage = storage
    this.#models = models
    this.#residency = residency
    this.#depths = depths
  }

  /** @param view - unpinned @throws Fault the model's two */
  of(view: View, named = ''): Standing {
    const last = this.#last
    if (last !== undefined && last.named === named && this.#isOf(last, view)) return last
    const known = named === '' ? this.#latest.get(view.store) : this.#named.get(named)
    if (known !== undefined && this.#isOf(known, view)) {
      this.#last = known
      return known
    }
    const made = this.#make(view, named)
    this.#demandGeneration(made.graph)
    this.#last = made
    if (named === '') this.#latest.set(view.store, made)
    else this.#named.set(named, made)
    return made
  }

  #isOf({ store, revision, graph }: Standing, view: View): boolean {
    return revision === view.revision && store === view.store && this.#residency.isCurrent(graph)
  }

  /** Those of stores that nobody asks about would hold on to memory that the residency has let go. */
  #demandGeneration({ arena }: Graph): void {
    if (this.#generation === arena) return
    this.#generation = arena
    this.#latest.clear()
    this.#named.clear()
  }

  #make(view: View, named: string): Standing {
    const { store, revision } = view
    const model = this.#models.resolve(view, named)
    const graph = this.#residency.graph(view, model)
    return {
      store,
      named,
      revision,
      graph,
      depthMax: this.#depths.of(view),
      answer: { zookie: this.#storage.zookie(store, revision), model: model.id },
    }
  }
}
