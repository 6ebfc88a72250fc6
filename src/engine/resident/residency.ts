/**
 * The resident graphs of a process: one a store and model, made on first use, told of every commit, dropped when all
 * together outgrow the bound. Sharing nothing between stores.
 */
import type { Model } from '../../model/model.ts'
import type { Storage, View } from '../../storage/storage.ts'
import { Graph, type Weight } from './graph.ts'

export interface ResidencyOptions {
  /** What all graphs together may weigh. */
  readonly bytesMax: number
  /** No answer rests on anything read longer ago than this. */
  readonly windowMs: number
}

export class Residency {
  readonly #options: ResidencyOptions
  /** By store, then by model id. */
  #stores = new Map<string, Map<string, Graph>>()
  #weight: Weight = { bytes: 0 }

  constructor(storage: Pick<Storage, 'onApplied'>, options: ResidencyOptions) {
    this.#options = options
    storage.onApplied((store, entry) => {
      for (const graph of this.#stores.get(store)?.values() ?? []) graph.apply(entry)
    })
  }

  /** The graph of a store under a model. @param view - unpinned, so of the applied revision: no older one makes a graph */
  graph(view: View, model: Model): Graph {
    if (this.#weight.bytes > this.#options.bytesMax) this.#flush()
    return this.#stores.get(view.store)?.get(model.id) ?? this.#make(view, model)
  }

  /** Forgets everything: the next question reads afresh. Walks under way keep the graph they have. */
  #flush(): void {
    this.#stores = new Map()
    this.#weight = { bytes: 0 }
  }

  #make(view: View, model: Model): Graph {
    const graphs = this.#stores.get(view.store) ?? new Map<string, Graph>()
    this.#stores.set(view.store, graphs)
    const graph = new Graph(model, view.revision, this.#weight, this.#options.windowMs)
    graphs.set(model.id, graph)
    return graph
  }
}
