/**
 * Everything that a subject reaches: the graph walked backwards from it, each operator at each object once. Certain is
 * what tuples that hold grant through operators that can only grant, and it is membership. Doubtful is the rest that
 * every operand taken for a grant would lead to. What is neither has no chain of tuples from the subject at all: it is
 * absent, or fails by a condition. Decides nothing where an operator intersects or subtracts: weigh.ts does.
 */
import type { Model, Relation } from '../model/model.ts'
import type { Placed } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import { isUserset, isWildcard, shapeOf } from '../tuple/subject.ts'
import { demandTime, Slices } from './drive.ts'
import type { Reader } from './reader.ts'
import type { Leaf } from './reverse.ts'
import type { Scope } from './scope.ts'
import { Atlas, type Steps } from './ways.ts'

/** Of an operator that the subject may be a member by. */
export const doubtful = -1

/** An object that the subject reaches. */
export class Reached {
  readonly object: string
  /** Whether it is noted for the target, and whether it is in the list or was found not to be. */
  noted = false
  settled = false
  /** The first operator and its hops; most objects are reached by one. */
  #operator = -1
  #hops = 0
  /** Further ones by turns: few, so that looking them all through is quickest. */
  #more: number[] | undefined

  constructor(object: string) {
    this.object = object
  }

  /** Tuple hops of a proof that the subject is a member by this operator; `doubtful`; undefined: not reached. */
  hops(operator: number): number | undefined {
    if (this.#operator === operator) return this.#hops
    const more = this.#more
    if (more === undefined) return undefined
    for (let at = 0; at < more.length; at += 2) if (more[at] === operator) return more[at + 1]
    return undefined
  }

  reach(operator: number, hops: number): void {
    if (this.#operator !== -1) this.#more = [...(this.#more ?? []), operator, hops]
    else {
      this.#operator = operator
      this.#hops = hops
    }
  }
}

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

interface Scan {
  readonly crossing: Crossing
  readonly pages: AsyncIterator<readonly Placed[]>
}

/** Scans of spread subjects that take turns, so that a long one does not hold up what another would find at once. */
const scansAtOnce = 4

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
  readonly #waiting: { readonly crossing: Crossing; readonly type: string }[] = []
  readonly #scans: Scan[] = []
  #turn = 0
  /** Objects that the target relation grants to the subject, and objects at which it may; whoever asks takes them. */
  granted: Reached[] = []
  noted: Reached[] = []

  constructor(scope: Scope, reader: Reader, target: Relation) {
    this.#scope = scope
    this.#model = scope.model
    this.#reader = reader
    this.#target = target
    this.#atlas = new Atlas(scope.model, target)
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
      for (const { pages } of this.#scans) await pages.return?.()
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
    while (this.#scans.length < scansAtOnce) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      const { crossing, type } = next
      const pages = this.#reader.view.placements(crossing.subject, type)[Symbol.asyncIterator]()
      this.#scans.push({ crossing, pages })
    }
    this.#turn = (this.#turn + 1) % Math.max(1, this.#scans.length)
    const scan = this.#scans[this.#turn]
    if (scan === undefined) return false
    const { done, value } = await scan.pages.next()
    if (done === true) this.#scans.splice(this.#turn, 1)
    else this.#take(scan.crossing, value)
    return true
  }

  /** Where being at a place leads: other relations of the object, grants to it as a userset, children of it. */
  #expand({ at, relation, hops }: Place): void {
    const { computed, direct, children } = this.#atlas.waysFrom(relation)
    for (const leaf of computed) this.#grant(at, leaf, hops)
    const further = hops === doubtful ? doubtful : hops + 1
    this.#cross({ subject: `${at.object}#${relation.name}`, steps: direct, hops: further })
    this.#cross({ subject: at.object, steps: children, hops: further })
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
      // What leads on to more comes before what arrives.
      if (type === this.#target.type) this.#waiting.push({ crossing, type })
      else this.#waiting.unshift({ crossing, type })
    }
  }

  #take({ subject, steps, hops }: Crossing, placements: readonly Placed[]): void {
    for (const placed of placements) {
      const step = steps.get(typeOf(placed.object))?.get(placed.relation)
      if (step === undefined) continue
      const stands = this.#reader.stands(step.over, placed, subject)
      if (stands === false) continue
      const at = this.#at(placed.object)
      if (stands !== true && hops !== doubtful) this.#doubtfulTuples.push({ at, leaves: step.leaves })
      else for (const leaf of step.leaves) this.#grant(at, leaf, hops)
    }
  }

  /** INVARIANT: all that is certain comes before anything that is doubtful, so the first word on an operator stands. */
  #grant(at: Reached, { by, rewrite }: Leaf, hops: number): void {
    if (at.hops(rewrite.id) !== undefined) return
    if (hops === doubtful || this.#atlas.suffices({ by, rewrite })) {
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
