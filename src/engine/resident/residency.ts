/**
 * The resident graphs of a process: one a store and model, made on first use, told of every commit. They come in two
 * generations. When the younger takes half of the bound it becomes the older, and the older goes; what is asked for
 * again moves over. So what was not used lately is forgotten, and the bound holds. Stores share memory, never names.
 */
import type { Model } from '../../model/model.ts'
import type { Storage, View } from '../../storage/storage.ts'
import { Arena } from './arena.ts'
import { Graph } from './graph.ts'

export interface ResidencyOptions {
  /** What all graphs together may take. */
  readonly bytesMax: number
  /** No answer rests on anything read longer ago than this. */
  readonly windowMs: number
}

/** By store, then by model id. */
type Graphs = Map<string, Map<string, Graph>>

export class Residency {
  readonly #options: ResidencyOptions
  #younger: Graphs = new Map()
  #older: Graphs = new Map()
  #arena = new Arena()

  constructor(storage: Pick<Storage, 'onApplied'>, options: ResidencyOptions) {
    this.#options = options
    storage.onApplied((store, entry) => {
      for (const generation of [this.#younger, this.#older]) {
        for (const graph of generation.get(store)?.values() ?? []) graph.apply(entry)
      }
    })
  }

  /** The graph of a store under a model. @param view - unpinned, so of the applied revision: no older one makes a graph */
  graph(view: View, model: Model): Graph {
    if (this.#arena.bytes > this.#options.bytesMax / 2) this.#age()
    return this.#younger.get(view.store)?.get(model.id) ?? this.#make(view, model)
  }

  /** Whether a graph made here would still be given out. */
  isCurrent(graph: Graph): boolean {
    return graph.arena === this.#arena && this.#arena.bytes <= this.#options.bytesMax / 2
  }

  /** Forgets everything: the next question reads afresh. Walks under way keep the graph they have. */
  flush(): void {
    this.#younger = new Map()
    this.#older = new Map()
    this.#arena = new Arena()
  }

  #age(): void {
    for (const graphs of this.#younger.values()) for (const graph of graphs.values()) graph.forgetOlder()
    this.#older = this.#younger
    this.#younger = new Map()
    this.#arena = new Arena()
  }

  #make(view: View, model: Model): Graph {
    const graphs = this.#younger.get(view.store) ?? new Map<string, Graph>()
    this.#younger.set(view.store, graphs)
    const graph = new Graph({
      model,
      revision: view.revision,
      windowMs: this.#options.windowMs,
      arena: this.#arena,
      older: this.#older.get(view.store)?.get(model.id),
    })
    graphs.set(model.id, graph)
    return graph
  }
}
