/**
 * The one recursion. Membership of a fixed subject is the least fixpoint of the model's rules over the tuples;
 * the walk computes it on the fly, depth first from the question, each vertex once. It is written as a loop over
 * its own stack, so that it can stop at a step budget and go on later, and so that a long chain of groups cannot
 * exhaust the machine's stack.
 *
 * An operand that is still open when it is met again leaves its vertex pending: nothing is guessed. When the walk
 * returns to the vertex where a component of mutual dependence began, solve.ts settles all of it together. So the
 * cost is linear in the edges reached (Tarjan 1972 for the components).
 */
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { Model, Relation, Rewrite } from '../model/model.ts'
import type { Placement } from '../storage/storage.ts'
import { isUserset, isWildcard, shapeOf } from '../tuple/subject.ts'
import { decides, undecided } from './membership.ts'
import type { Operator } from './operator.ts'
import type { Reader } from './reader.ts'
import { absent, reach } from './resident/reach.ts'
import { graphFor } from './resident/recall.ts'
import type { Sight } from './resident/sight.ts'
import { computedUserset } from './rewrite/computed-userset.ts'
import { direct } from './rewrite/direct.ts'
import { exclusion } from './rewrite/exclusion.ts'
import { intersection } from './rewrite/intersection.ts'
import { tupleToUserset } from './rewrite/tuple-to-userset.ts'
import { union } from './rewrite/union.ts'
import type { Scope } from './scope.ts'
import { solve } from './solve.ts'
import { hopsOf, hopsTogether, membershipOf, noteError, type Operand, type Target, Vertex } from './vertex.ts'

const operators: { readonly [Kind in Rewrite['kind']]: Operator<Kind> } = {
  direct,
  computed: computedUserset,
  'tuple-to-userset': tupleToUserset,
  union,
  intersection,
  exclusion,
}

/** Operators that the resident graph may fail to decide before a walk asks it no more. */
const doubtsMax = 64

/**
 * Looks of the resident graph (`Sight.looks`), a quarter of a microsecond each, that a vertex is worth, and those to begin with.
 * INVARIANT: what memory costs a walk is linear in the walk: where every search is long and in vain, as at each group
 * of a chain of thousands, most vertices are not asked about.
 */
const looksPerVertex = 8
const looksFirst = 1_000
/** Of one search, whatever is left. */
const looksPerSearch = 500

/** Vertices touched between two looks at the clock: for each the graph may have been searched. */
const stepsPerLook = 16

/** What a slice of walking came to. */
export type Progress =
  | { readonly done: true; readonly operand: Operand }
  | { readonly done: false; readonly scan?: Placement }

export interface WalkOptions {
  /** Visit every operand, also where one has decided: explanations want all of it. */
  readonly exhaustive?: boolean
}

type Vertices = Map<string, Map<number, Vertex>>

export class Walk {
  readonly subject: string
  readonly reader: Reader
  readonly #model: Model
  readonly #isUserset: boolean
  readonly #shapes: readonly string[]
  readonly #deadline: number
  readonly #exhaustive: boolean
  readonly #scope: Scope

  /** Open and settled vertices, by object and operator. */
  readonly #vertices: Vertices = new Map()
  /** From the question down to where the walk is. */
  readonly #path: Vertex[] = []
  /** Vertices whose component is not closed yet, in order of discovery. */
  readonly #open: Vertex[] = []
  #question: Target | undefined
  #discovered = 0
  #sight: Sight | undefined
  /** Operators that the resident graph could not decide. */
  #doubts = 0
  /** Looks that the resident graph may cost before the next vertices are walked without it. */
  #looksLeft = looksFirst
  /** When the slice ends, on performance.now(). */
  #until = 0
  readonly #isLate = () => performance.now() > this.#until
  /** An operator was not opened to its end. */
  #paused = false

  constructor(scope: Scope, reader: Reader, subject: string, options: WalkOptions = {}) {
    this.subject = subject
    this.reader = reader
    this.#model = scope.model
    this.#deadline = scope.deadline
    this.#exhaustive = options.exhaustive ?? false
    this.#isUserset = isUserset(subject)
    this.#scope = scope
    const shape = shapeOf(subject)
    this.#shapes = this.#isUserset || isWildcard(subject) ? [shape] : [shape, `${shape}:*`]
  }

  /** How many vertices the walk has made: its memory. */
  get size(): number {
    return this.#discovered
  }

  /** Begins a question; `advance` answers it. Questions about one subject share what the walk has settled. */
  ask(object: string, relation: Relation): void {
    assert(this.#path.length === 0, 'a walk answers one question at a time')
    this.#question = { object, relation, rewrite: relation.rewrite, hop: 0 }
  }

  /**
   * Walks until the question is answered, or `until` (on performance.now()) has passed, or a spread relation has
   * to be scanned. @throws Fault deadline_exceeded
   */
  advance(until: number): Progress {
    assert(this.#question !== undefined, 'ask comes first')
    this.#sight = this.#look()
    this.#until = until
    if (this.#path.length === 0) {
      const operand = this.#visit(this.#question, 0)
      if (operand !== undefined) return { done: true, operand }
    }
    const root = this.#path[0] as Vertex
    for (let step = 1; this.#path.length > 0; step++) {
      if (step % stepsPerLook === 0 || this.#paused) {
        this.#paused = false
        if (this.#late(until)) return { done: false }
      }
      const scan = this.#step()
      if (scan !== undefined) return { done: false, scan }
    }
    return { done: true, operand: root }
  }

  /** One vertex opened, one operand visited, or one vertex closed. */
  #step(): Placement | undefined {
    const vertex = this.#path.at(-1) as Vertex
    if (!vertex.opened) return this.#enter(vertex)
    const target = vertex.targets[vertex.cursor]
    if (target === undefined) {
      this.#close(vertex)
      return undefined
    }
    const operand = this.#visit(target, vertex.depth + target.hop)
    if (operand !== undefined) this.#take(vertex, operand)
    return undefined
  }

  /** What a target is known to be; undefined when a new vertex was put on the path for it. */
  #visit(target: Target, depth: number): Operand | undefined {
    const { object, relation, rewrite } = target
    if (rewrite === relation.rewrite) {
      if (this.#isUserset && this.subject === `${object}#${relation.name}`) return 'member'
      if (!this.#shapes.some((shape) => relation.reach.has(shape))) return 'absent'
    }
    const known = this.#vertices.get(object)?.get(rewrite.id) ?? this.#recall(target, depth)
    if (known !== undefined) return known
    const vertex = new Vertex(target, depth, this.#discovered++)
    remember(this.#vertices, vertex)
    this.#path.push(vertex)
    this.#open.push(vertex)
    return undefined
  }

  /** What the resident graph knows of an operator that only grants. An explanation wants to see every operand. */
  #recall(target: Target, depth: number): Operand | undefined {
    if (this.#scope.memoryAsked === true && target === this.#question) return undefined
    this.#looksLeft += looksPerVertex
    const sight = this.#sight
    const flat = sight?.graph.lattice.flat(target.relation, target.rewrite)
    if (sight === undefined || flat === undefined || this.#looksLeft <= 0) return undefined
    const { graph, looks } = sight
    const individual = graph.individual(graph.id(this.subject))
    sight.looksLeft = looksPerSearch
    const hops = reach(sight, graph.id(target.object), flat, individual, this.#scope.depthMax)
    this.#looksLeft -= sight.looks - looks
    if (hops === undefined) {
      if (++this.#doubts > doubtsMax) this.#sight = undefined
      return undefined
    }
    if (hops === absent) return 'absent'
    return remember(this.#vertices, memberOf(target, depth, hops))
  }

  /** The graph of this very state, while there is one. */
  #look(): Sight | undefined {
    if (this.#exhaustive || this.#doubts > doubtsMax) return undefined
    const { view } = this.reader
    return graphFor(this.#scope, view, this.subject)?.sight(view, this.#scope.context, this.#scope.reads)
  }

  #enter(vertex: Vertex): Placement | undefined {
    const { rewrite, object, relation } = vertex
    const operator = operators[rewrite.kind] as Operator
    const { subject, reader } = this
    const site = { object, relation, subject, model: this.#model, reader, isLate: this.#isLate }
    const opening = operator.open(rewrite, site, vertex.rest)
    if (opening.scan !== undefined) return opening.scan
    vertex.rest = opening.rest
    if (opening.rest !== undefined) {
      this.#paused = true
      return undefined
    }
    vertex.opened = true
    vertex.join = operator.join
    vertex.fault = opening.fault
    vertex.sawError = opening.fault !== undefined
    if (opening.member === true) vertex.decided = 'member'
    else vertex.targets = opening.targets
    return undefined
  }

  /** Brings the next operand of a vertex to account. */
  #take(vertex: Vertex, operand: Operand): void {
    const position = vertex.cursor++
    vertex.operands.push(operand)
    this.#weigh(vertex, operand, position)
    if (typeof operand === 'string') return
    if (operand.onStack) vertex.low = Math.min(vertex.low, operand.low)
  }

  #weigh(vertex: Vertex, operand: Operand, position: number): void {
    const membership = membershipOf(operand)
    if (membership === undefined) {
      vertex.sawPending = true
      return
    }
    if (membership === 'undefined') vertex.sawUndefined = true
    if (membership === 'error') noteError(vertex, operand as Vertex)
    if (vertex.decided !== undefined) return
    vertex.decided = decides(vertex.join, position, membership)
    if (vertex.decided === undefined) return
    if (vertex.decided === 'member') vertex.hops = (vertex.targets[position]?.hop ?? 0) + hopsOf(operand)
    if (!this.#exhaustive) vertex.cursor = vertex.targets.length
  }

  #close(vertex: Vertex): void {
    this.#path.pop()
    if (vertex.decided !== undefined) vertex.membership = vertex.decided
    else if (!vertex.sawPending) conclude(vertex)
    if (vertex.low === vertex.index) this.#settle(vertex)
    const parent = this.#path.at(-1)
    if (parent !== undefined) this.#take(parent, vertex)
  }

  /** The component that began at `root` is complete: all of it is settled at once. */
  #settle(root: Vertex): void {
    const component = this.#open.splice(this.#open.lastIndexOf(root))
    const pending = component.filter((vertex) => vertex.membership === undefined)
    if (pending.length > 0) solve(pending)
    for (const vertex of component) vertex.onStack = false
  }

  #late(until: number): boolean {
    const now = performance.now()
    if (now > this.#deadline) throw new Fault('deadline_exceeded', 'Request Deadline Exceeded')
    return now > until
  }
}

/** No operand decided, and none is open: what they come to together. */
function conclude(vertex: Vertex): void {
  vertex.membership = undecided(vertex.join, vertex)
  if (vertex.membership === 'member') vertex.hops = hopsTogether(vertex)
}

function remember(vertices: Vertices, vertex: Vertex): Vertex {
  const here = vertices.get(vertex.object)
  if (here === undefined) vertices.set(vertex.object, new Map([[vertex.rewrite.id, vertex]]))
  else here.set(vertex.rewrite.id, vertex)
  return vertex
}

/** A vertex that nothing has to be walked for. */
function memberOf(target: Target, depth: number, hops: number): Vertex {
  const vertex = new Vertex(target, depth, -1)
  vertex.onStack = false
  vertex.membership = 'member'
  vertex.hops = hops
  return vertex
}
