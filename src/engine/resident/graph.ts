/**
 * The tuples of one store that were asked for lately, as a graph of integers: ids (arena.ts) and records of ids
 * (records.ts). Under one model, at the applied revision: a commit unloads exactly what it changed before it is
 * acknowledged. Edges with a condition or an expiry are not in it; a record that passes some over says so.
 */
import { assert } from '../../lib/assert.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Model } from '../../model/model.ts'
import { visible } from '../../model/tuple-check.ts'
import type { ChangeEntry, View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import type { Tuple, TupleKey } from '../../tuple/tuple.ts'
import { Arena, pairOf } from './arena.ts'
import type { Decisions } from './decisions.ts'
import { fetchEdges, fetchPlacements, inherit } from './fetch.ts'
import { type Lattice, latticeOf } from './lattice.ts'
import { Names } from './names.ts'
import type { Reads } from './reads.ts'
import * as records from './records.ts'
import type { Kind, Rung } from './rung.ts'
import { Sampler } from './sampler.ts'
import { evaluationsMax, type Individual, loadsMax, looksMax, type Sight, tickMs, tickOf } from './sight.ts'
import { Spread } from './spread.ts'

const asterisk = 42
/** A tuple kept beside the records, without its context. */
const tupleBytes = 400

export interface GraphOptions {
  readonly model: Model
  /** The applied revision. */
  readonly revision: number
  readonly windowMs: number
  readonly arena?: Arena
  readonly sampler?: Sampler
  /** Decisions under ids of the arena. */
  readonly decisions?: Decisions | undefined
  /** The graph that this one follows, also told of every commit: what it holds need not be fetched again. */
  readonly older?: Graph | undefined
}

/** For a graph of one's own. */
const noSampler = new Sampler(Number.POSITIVE_INFINITY, () => {})

export class Graph {
  readonly model: Model
  readonly lattice: Lattice
  readonly arena: Arena
  readonly sampler: Sampler
  readonly decisions: Decisions | undefined
  /** Placements that lists read. */
  readonly spread: Spread
  /** The applied revision that the graph tells of. */
  revision: number
  /** Grows when an edge between steps changes: what was found by following several of them is void. */
  epoch = 0
  readonly #windowTicks: number
  readonly #names: Names
  /** Tuples with a condition or an expiry, by where they are and whom they name. */
  readonly #tuples = new Map<number, { readonly readAt: number; readonly tuple: Tuple | undefined }>()
  /** Typed wildcards by the number of their type. */
  readonly #everybody: number[] = []
  /** The graph before, as long as it is told of commits. */
  older: Graph | undefined

  constructor(options: GraphOptions) {
    const { model, revision, windowMs, arena = new Arena(), sampler = noSampler, decisions, older } = options
    this.sampler = sampler
    this.decisions = decisions
    this.model = model
    this.lattice = latticeOf(model)
    this.arena = arena
    this.#names = new Names(arena)
    this.spread = new Spread(arena)
    this.revision = revision
    this.#windowTicks = Math.floor(windowMs / tickMs)
    this.older = older
  }

  /** Memory of the graph before goes; what it held is fetched from storage again. */
  forgetOlder(): void {
    this.older = undefined
  }

  /** Whoever still has it goes to storage from now on: it tells of no revision. */
  retire(): void {
    this.revision = Number.NaN
  }

  get tick(): number {
    return tickOf(performance.now())
  }

  sight(view: View, context: JsonObject, reads?: Reads): Sight {
    return this.#sight(view, context, reads, this.tick)
  }

  /** The same without a look at the clock, which costs as much as a search. @param view - unpinned */
  glance(view: View, context: JsonObject): Sight {
    return this.#sight(view, context, undefined, tickOf(view.madeAt))
  }

  #sight(view: View, context: JsonObject, reads: Reads | undefined, tick: number): Sight {
    return {
      graph: this,
      view,
      context,
      reads,
      tick,
      loads: loadsMax,
      evaluations: evaluationsMax,
      looks: 0,
      looksLeft: looksMax,
    }
  }

  /** The id of an object, or of a typed wildcard, that was met before; 0: it was not. */
  find(name: string): number {
    return this.#names.find(name)
  }

  /** The same, but for typed wildcards. */
  findIndividual(name: string): number {
    return name.charCodeAt(name.length - 1) === asterisk ? 0 : this.#names.find(name)
  }

  /** @param name - an object, or a typed wildcard, of a type that the model has */
  id(name: string): number {
    return this.#names.find(name) || this.#add(name)
  }

  /** @param name - a subject, of a type and with a relation that the model has */
  subject(name: string): number {
    const hash = name.indexOf('#')
    const id = hash === -1 ? this.id(name) : this.userset(name)
    assert(id !== undefined, 'the subject was judged at the door')
    return id
  }

  /** @param id - of a plain subject */
  individual(id: number): Individual {
    return { id, everybody: this.#everybodyLike(id) }
  }

  /** The type of an object. */
  kindOf(object: number): Kind {
    return this.lattice.kinds[this.arena.typeOf(object)] as Kind
  }

  /** The typed wildcard of an object's type. */
  #everybodyLike(object: number): number {
    const type = this.arena.typeOf(object)
    const known = this.#everybody[type]
    if (known !== undefined) return known
    const id = this.id(`${this.kindOf(object).name}:*`)
    this.#everybody[type] = id
    return id
  }

  /** The relation that an id stands for; undefined for an object. */
  rung(id: number): Rung | undefined {
    const object = this.arena.objectOf(id)
    return this.kindOf(object).rungs[id - object - 1]
  }

  /** Milliseconds from a tick to when a view was made; one that was made just before is of the same instant. */
  ageOf(tick: number, { madeAt }: View): number {
    return Math.max(0, tickOf(madeAt) - tick) * tickMs
  }

  /** Whether a record read at `tick` may still be used. */
  isYoung(readAt: number, tick: number): boolean {
    return tick - readAt < this.#windowTicks
  }

  /** The address of the edges at object#relation; 0: too much has been fetched for this question. */
  edges(sight: Sight, id: number): number {
    return this.keptIn(id, sight.tick) || this.#keep(id, inherit(sight, id) || fetchEdges(sight, id))
  }

  /** The address of where a subject is placed, as far as that can lead on; 0: too much has been fetched. */
  placements(sight: Sight, id: number): number {
    const slot = this.#placementsSlot(id)
    assert(slot !== 0, 'placements are asked of an object, or of a step')
    return (
      this.keptIn(slot, sight.tick) || this.#keep(slot, inherit(sight, slot) || fetchPlacements(sight, id))
    )
  }

  /** The address in a slot; 0: there is none, or one too old. */
  keptIn(slot: number, tick: number): number {
    const { cards, slab } = this.arena
    const known = cards.ints[slot] as number
    return known !== 0 && this.isYoung(records.readAt(slab, known), tick) ? known : 0
  }

  /** Where the address is of what is above an individual. */
  aboveSlot(individual: number): number {
    return individual + this.kindOf(individual).layout.above
  }

  #keep(slot: number, address: number): number {
    this.arena.cards.ints[slot] = address
    return address
  }

  /** 0: nobody asks where it is placed. */
  #placementsSlot(id: number): number {
    const object = this.arena.objectOf(id)
    const distance = this.kindOf(object).layout.placements[id - object] as number
    return distance === 0 ? 0 : object + distance
  }

  /**
   * A tuple with a condition or an expiry, as the model accepts it; whether it holds is not looked at. Undefined: there
   * is none now. @param at - id of object#relation @param subject - id of the subject, a userset included
   */
  tuple({ view, tick, reads }: Sight, at: number, subject: number): Tuple | undefined {
    const key = pairOf(at, subject)
    const known = this.#tuples.get(key)
    if (known !== undefined && this.isYoung(known.readAt, tick)) {
      reads?.remembered(known.readAt)
      return inTime(known.tuple, view.now)
    }
    const rung = this.rung(at)
    assert(rung !== undefined, 'tuples are at relations')
    const { relation } = rung
    const object = this.arena.name(this.arena.objectOf(at))
    const found = view.tuple(object, relation.name, this.nameOf(subject))
    const tuple = found !== undefined && visible(this.model, relation, found) ? found : undefined
    this.#tuples.set(key, { readAt: tick, tuple })
    if (known === undefined) this.arena.keepBeside(tupleBytes + contextBytes(tuple))
    return tuple
  }

  /** An object's name, or a userset's. */
  nameOf(id: number): string {
    const name = this.arena.name(this.arena.objectOf(id))
    const rung = this.rung(id)
    return rung === undefined ? name : `${name}#${rung.relation.name}`
  }

  /** Unloads what a commit changed. Called after it is visible, before it is acknowledged. */
  apply(entry: ChangeEntry): void {
    for (const { tuple } of entry.tuples) this.#unload(tuple)
    this.revision = entry.revision
  }

  /** The id of a userset; undefined: the model has no such relation. */
  userset(name: string): number | undefined {
    const rung = this.target(name)
    return rung && this.id(name.slice(0, name.indexOf('#'))) + rung.ordinal
  }

  /** The relation that a userset names. */
  target(userset: string): Rung | undefined {
    return this.lattice.kind(typeOf(userset))?.byName.get(userset.slice(userset.indexOf('#') + 1))
  }

  #add(name: string): number {
    const kind = this.lattice.kind(typeOf(name))
    assert(kind !== undefined, 'an object of a type that the model has')
    const id = this.arena.add(name, kind.number, kind.layout.slots)
    this.#names.add(id)
    return id
  }

  #unload({ object, relation, subject }: TupleKey): void {
    const { ints } = this.arena.cards
    const rung = this.lattice.kind(typeOf(object))?.byName.get(relation)
    if (rung === undefined) return
    const placed = this.find(object)
    if (placed !== 0) ints[placed + rung.ordinal] = 0
    const hash = subject.indexOf('#')
    if (hash === -1 ? rung.relation.isTupleset : rung.isStep) this.epoch += 1
    const id = this.#idOf(subject, hash)
    if (id === 0) return
    this.spread.unload(pairOf(id, rung.type))
    if (placed !== 0) this.#tuples.delete(pairOf(placed + rung.ordinal, id))
    // A share that leads no further says nothing about groups.
    if (!rung.isStep && !rung.relation.isTupleset) return
    const slot = this.#placementsSlot(id)
    if (slot !== 0) ints[slot] = 0
    if (hash === -1) ints[this.aboveSlot(id)] = 0
  }

  /** 0: it was not met. */
  #idOf(subject: string, hash: number): number {
    if (hash === -1) return this.find(subject)
    const object = this.find(subject.slice(0, hash))
    const rung = this.lattice.kind(typeOf(subject))?.byName.get(subject.slice(hash + 1))
    return object === 0 || rung === undefined ? 0 : object + rung.ordinal
  }
}

function inTime(tuple: Tuple | undefined, now: number): Tuple | undefined {
  return tuple?.expiresAt !== undefined && tuple.expiresAt <= now ? undefined : tuple
}

function contextBytes(tuple: Tuple | undefined): number {
  const context = tuple?.condition?.context
  return context === undefined ? 0 : JSON.stringify(context).length * 4
}
