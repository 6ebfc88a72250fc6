/**
 * Everything that a subject reaches: the graph walked backwards from it, each operator at each object once. Certain is
 * what tuples that hold grant through operators that can only grant, and it is membership. Doubtful is the rest that
 * every operand taken for a grant would lead to. What is neither has no chain of tuples from the subject at all: it is
 * absent, or fails by a condition. Decides nothing where an operator intersects or subtracts: weigh.ts does.
 */
import type { Model, Relation } from '../model/model.ts'
import { visible } from '../model/tuple-check.ts'
import type { Placed } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import { isUserset, isWildcard, shapeOf } from '../tuple/subject.ts'
import { demandTime, Slices } from './drive.ts'
import { doubtful, Reached } from './reached.ts'
import type { Reader } from './reader.ts'
import type { Leaf } from './reverse.ts'
import { type Scanned, Scans } from './scans.ts'
import type { Scope } from './scope.ts'
import { Atlas, type Step, type Steps } from './ways.ts'

/** object#relation, reached. */
interface Place {
  readonly at: Reached
  readonly relation: Relation
  readonly hops: number
}

/** Where a subject's tuples are crossed: what they grant takes this many hops, or is doubtful. */
interface Crossing {
  readonly subject: string
  readonly steps: Steps
  readonly hops: number
}

export class Closure {
  readonly #scope: Scope
  readonly #model: Model
  readonly #reader: Reader
  readonly #target: Relation
  readonly #atlas: Atlas
  readonly #slices = new Slices()
  readonly #reached = new Map<string, Reached>()
  readonly #queue: Place[] = []
  #expanded = 0
  /** Left until all that is certain is known: places that may be refused, tuples that cannot be evaluated. */
  readonly #doubtfulPlaces: Place[] = []
  readonly #doubtfulTuples: { readonly at: Reached; readonly leaves: readonly Leaf[] }[] = []
  readonly #scans: Scans<Crossing & Scanned>
  /** Objects that the target relation grants to the subject, and objects at which it may; whoever asks takes them. */
  granted: Reached[] = []
  noted: Reached[] = []

  constructor(scope: Scope, reader: Reader, target: Relation) {
    this.#scope = scope
    this.#model = scope.model
    this.#reader = reader
    this.#target = target
    this.#atlas = new Atlas(scope.model, target)
    this.#scans = new Scans(reader, scope.resident)
  }

  /**
   * Yields whenever something may have been granted or noted. The reader is pinned before. O(placements met).
   * @throws Fault deadline_exceeded
   */
  async *from(subject: string): AsyncGenerator<void> {
    demandTime(this.#scope)
    try {
      this.#begin(subject)
      yield* this.#run()
      yield* this.#doubt()
      yield* this.#run()
    } finally {
      await this.#scans.close()
    }
  }

  #begin(subject: string): void {
    this.#cross({ subject, steps: this.#atlas.stepsOf(shapeOf(subject)), hops: 0 })
    if (isUserset(subject)) {
      const hash = subject.indexOf('#')
      const own = this.#model.relation(typeOf(subject), subject.slice(hash + 1))
      if (own !== undefined && this.#atlas.leads(own)) this.#join(this.#at(subject.slice(0, hash)), own, 0)
    } else if (!isWildcard(subject)) {
      const everybody = `${typeOf(subject)}:*`
      this.#cross({ subject: everybody, steps: this.#atlas.stepsOf(everybody), hops: 0 })
    }
  }

  /** Until nothing is left to expand or to scan. */
  async *#run(): AsyncGenerator<void> {
    for (;;) {
      for (let place = this.#queue[this.#expanded]; place; place = this.#queue[this.#expanded]) {
        this.#expanded++
        this.#expand(place)
        if (this.#slices.isOver) yield* this.#breathe()
      }
      yield
      if (!(await this.#scan())) return
      if (this.#slices.isOver) yield* this.#breathe()
    }
  }

  /** What was doubted leads on. */
  async *#doubt(): AsyncGenerator<void> {
    for (const { at, relation } of this.#doubtfulPlaces) {
      this.#join(at, relation, doubtful)
      if (this.#slices.isOver) yield* this.#breathe()
    }
    for (const { at, leaves } of this.#doubtfulTuples) {
      for (const leaf of leaves) this.#grant(at, leaf, doubtful)
      if (this.#slices.isOver) yield* this.#breathe()
    }
  }

  async *#breathe(): AsyncGenerator<void> {
    demandTime(this.#scope)
    yield
    await this.#slices.breathe(this.#reader)
  }

  /** A page of one scan; false when there is none left. */
  async #scan(): Promise<boolean> {
    const next = await this.#scans.next()
    if (next === undefined) return false
    this.#take(next.wanted, next.page)
    return true
  }

  /** Where being at a place leads: other relations of the object, grants to it as a userset, children of it. */
  #expand({ at, relation, hops }: Place): void {
    const { computed, direct, children } = this.#atlas.waysFrom(relation)
    for (const leaf of computed) this.#grant(at, leaf, hops)
    const further = hops === doubtful ? doubtful : hops + 1
    if (direct.size > 0)
      this.#cross({ subject: `${at.object}#${relation.name}`, steps: direct, hops: further })
    if (children.size > 0) this.#cross({ subject: at.object, steps: children, hops: further })
  }

  /** Crosses all tuples of a subject; where these are spread, scans will. */
  #cross(crossing: Crossing): void {
    const { subject, steps } = crossing
    if (steps.size === 0) return
    const contextual = this.#reader.contextual(subject)
    if (contextual.length > 0) this.#take(crossing, contextual)
    const placed = this.#reader.view.reverse(subject)
    if (placed !== undefined) {
      this.#take(crossing, placed)
      return
    }
    for (const type of steps.keys()) {
      this.#scans.add({ type, ...crossing }, type !== this.#target.type)
    }
  }

  /** Neighbours are mostly of one type and relation: what is looked up for one holds for the next. */
  #take({ subject, steps, hops }: Crossing, placements: readonly Placed[]): void {
    const isPlain = this.#reader.isPlain
    let type = ''
    let relation = ''
    let step: Step | undefined
    let isVisible = false
    for (const placed of placements) {
      if (placed.relation !== relation || !isOfType(placed.object, type)) {
        type = typeOf(placed.object)
        relation = placed.relation
        step = steps.get(type)?.get(relation)
        isVisible = step !== undefined && visible(this.#model, step.over, { subject, ...placed })
      }
      if (step === undefined) continue
      const stands =
        isPlain && !placed.qualified ? isVisible : this.#reader.stands(step.over, placed, subject)
      if (stands !== false) this.#grantAll(this.#at(placed.object), step.leaves, stands === true, hops)
    }
  }

  #grantAll(at: Reached, leaves: readonly Leaf[], isSure: boolean, hops: number): void {
    if (!isSure && hops !== doubtful) this.#doubtfulTuples.push({ at, leaves })
    else for (const leaf of leaves) this.#grant(at, leaf, hops)
  }

  /** INVARIANT: all that is certain comes before anything that is doubtful, so the first word on an operator stands. */
  #grant(at: Reached, leaf: Leaf, hops: number): void {
    const { by, rewrite } = leaf
    if (at.hops(rewrite.id) !== undefined) return
    const bearing = this.#atlas.bearing(leaf)
    if (bearing === 'refuses') {
      at.reach(rewrite.id, hops)
      return
    }
    if (hops === doubtful || bearing === 'suffices') {
      if (rewrite !== by.rewrite) at.reach(rewrite.id, hops)
      this.#join(at, by, hops)
      return
    }
    at.reach(rewrite.id, hops)
    this.#note(at, by)
    if (this.#atlas.leadsOn(by)) this.#doubtfulPlaces.push({ at, relation: by, hops: doubtful })
  }

  #join(at: Reached, relation: Relation, hops: number): void {
    const { id } = relation.rewrite
    if (at.hops(id) !== undefined) return
    at.reach(id, hops)
    if (relation === this.#target && hops !== doubtful) this.granted.push(at)
    else this.#note(at, relation)
    if (this.#atlas.leadsOn(relation)) this.#queue.push({ at, relation, hops })
  }

  #note(at: Reached, relation: Relation): void {
    if (relation !== this.#target || at.noted) return
    at.noted = true
    this.noted.push(at)
  }

  #at(object: string): Reached {
    const known = this.#reached.get(object)
    if (known !== undefined) return known
    const reached = new Reached(object)
    this.#reached.set(object, reached)
    return reached
  }
}

function isOfType(object: string, type: string): boolean {
  return object.charCodeAt(type.length) === colon && object.startsWith(type)
}

const colon = 58
