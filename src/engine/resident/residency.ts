/**
 * The resident graphs of a process: one a store and model, made on first use, told of every commit. They come in two
 * generations. When the younger takes half of the bound it becomes the older, and the older goes; what is asked for
 * again moves over. So what was not used lately is forgotten, and the bound holds. Stores share memory, never names.
 */
import type { Model } from '../../model/model.ts'
import type { Storage, View } from '../../storage/storage.ts'
import { Arena } from './arena.ts'
import { Decisions } from './decisions.ts'
import { Graph } from './graph.ts'
import { type Counts, type Mismatch, Sampler } from './sampler.ts'
import { Stripes } from './stripes.ts'

export interface ResidencyOptions {
  /** What all graphs together may take. */
  readonly bytesMax: number
  /** What the decisions that took a walk may take; 0: none are kept. */
  readonly decisionBytesMax: number
  /** Answers from memory to one that is verified; 0: none is. */
  readonly sampleEvery: number
  readonly onMismatch: (mismatch: Mismatch) => void
  /** No answer rests on anything read longer ago than this. */
  readonly windowMs: number
}

/** By store, then by model id. */
type Graphs = Map<string, Map<string, Graph>>

export class Residency {
  readonly #options: ResidencyOptions
  #younger: Graphs = new Map()
  #older: Graphs = new Map()
  #arena: Arena
  #olderArena: Arena | undefined
  #decisions: Decisions | undefined
  readonly #stripes = new Stripes()
  readonly #sampler: Sampler
  #forgotten = 0

  constructor(storage: Pick<Storage, 'onApplied'>, options: ResidencyOptions) {
    this.#options = options
    this.#arena = this.#newArena()
    this.#sampler = new Sampler(options.sampleEvery, (mismatch) => {
      // What was wrong once may be wrong elsewhere.
      this.flush()
      options.onMismatch(mismatch)
    })
    this.#decisions = this.#noDecisions()
    storage.onApplied((store, entry) => {
      this.#stripes.apply(store, entry)
      for (const generation of [this.#younger, this.#older]) {
        for (const graph of generation.get(store)?.values() ?? []) graph.apply(entry)
      }
    })
  }

  /** The graph of a store under a model. @param view - unpinned, so of the applied revision: no older one makes a graph */
  graph(view: View, model: Model): Graph {
    if (this.#arena.isFull) this.#age()
    return this.#younger.get(view.store)?.get(model.id) ?? this.#make(view, model)
  }

  /** Whether a graph made here would still be given out. */
  isCurrent(graph: Graph): boolean {
    return graph.arena === this.#arena && !this.#arena.isFull
  }

  /** Forgets everything: the next question reads afresh, also one that was begun before. */
  flush(): void {
    for (const generation of [this.#younger, this.#older])
      for (const graphs of generation.values()) for (const graph of graphs.values()) graph.retire()
    this.#begin()
    this.#older = new Map()
    this.#olderArena = undefined
  }

  /** Times that the older half was let go, for room. */
  get forgotten(): number {
    return this.#forgotten
  }

  get counts(): Readonly<Counts> {
    return this.#sampler.counts
  }

  /** About: the tuples of both generations, the decisions, and the table that tells which of these still hold. */
  get bytes(): { readonly graph: number; readonly decisions: number; readonly stripes: number } {
    return {
      graph: this.#arena.bytes + (this.#olderArena?.bytes ?? 0),
      decisions: this.#decisions?.bytes ?? 0,
      stripes: this.#stripes.bytes,
    }
  }

  #age(): void {
    this.#forgotten++
    for (const graphs of this.#younger.values()) for (const graph of graphs.values()) graph.forgetOlder()
    this.#older = this.#younger
    this.#olderArena = this.#arena
    this.#begin()
  }

  #begin(): void {
    this.#younger = new Map()
    this.#arena = this.#newArena()
    this.#decisions = this.#noDecisions()
  }

  #newArena(): Arena {
    return new Arena(this.#options.bytesMax / 2)
  }

  #noDecisions(): Decisions | undefined {
    const { decisionBytesMax } = this.#options
    return decisionBytesMax === 0 ? undefined : new Decisions(this.#stripes, decisionBytesMax)
  }

  #make(view: View, model: Model): Graph {
    const graphs = this.#younger.get(view.store) ?? new Map<string, Graph>()
    this.#younger.set(view.store, graphs)
    const graph = new Graph({
      model,
      revision: view.revision,
      windowMs: this.#options.windowMs,
      arena: this.#arena,
      sampler: this.#sampler,
      decisions: this.#decisions,
      older: this.#older.get(view.store)?.get(model.id),
    })
    graphs.set(model.id, graph)
    return graph
  }
}
