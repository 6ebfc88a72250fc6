/**
 * Of the objects in any tuple, those whose check is true. What the subject reaches is found once (closure.ts) and
 * most of it is an answer already; what cannot be told from that is checked, object by object.
 */
import { assert } from '../lib/assert.ts'
import type { Relation } from '../model/model.ts'
import { Closure } from './closure.ts'
import { decide } from './decide.ts'
import { demandTime, Slices } from './drive.ts'
import type { Reached } from './reached.ts'
import { Reader } from './reader.ts'
import { Graph } from './resident/graph.ts'
import type { Scope } from './scope.ts'
import { Walk } from './walk.ts'
import { Scales } from './weigh.ts'

export interface ListObjectsQuestion {
  readonly type: string
  readonly relation: string
  readonly subject: string
}

/** Vertices a walk may share between candidates before a new one is begun, so that its memory is bounded. */
const sharedVerticesMax = 100_000
/** What the graph of one list may hold before a new one is begun. */
const graphBytesMax = 32 << 20
/** Objects that are checked at each look at the closure, until there is a first line. */
const earlyChecks = 4
/** From that look on, by the page or slice, checks take their share of the time. */
const patientLooks = 64
const laterChecks = 16
/** Objects weighed between two looks at the clock. */
const objectsPerLook = 32

/**
 * Distinct, in no order; each found while the state stays the same. End the iteration early to stop the work.
 * @throws Fault as check does, if any candidate's check fails
 */
export async function* listObjects(scope: Scope, question: ListObjectsQuestion): AsyncGenerator<string> {
  for await (const page of listObjectPages(scope, question)) yield* page
}

/** The same in pages, each as soon as it is known; none is empty. */
export async function* listObjectPages(
  scope: Scope,
  question: ListObjectsQuestion,
): AsyncGenerator<readonly string[]> {
  const target = scope.model.relation(question.type, question.relation)
  assert(target !== undefined, 'the relation was looked up at the door')
  const reader = new Reader(scope)
  reader.pin()
  try {
    yield* new List(scope, reader, target, question.subject).pages()
  } finally {
    reader.release()
  }
}

class List {
  readonly #scope: Scope
  readonly #reader: Reader
  readonly #target: Relation
  readonly #subject: string
  readonly #checks: Checks
  readonly #scales: Scales
  /** Objects that may be in the list, and how far they were looked through for a first line. */
  readonly #left: Reached[] = []
  #looked = 0

  constructor(scope: Scope, reader: Reader, target: Relation, subject: string) {
    this.#scope = scope
    this.#reader = reader
    this.#target = target
    this.#subject = subject
    this.#checks = new Checks(scope, reader, subject)
    this.#scales = new Scales(scope.model, target)
  }

  async *pages(): AsyncGenerator<readonly string[]> {
    const closure = new Closure(this.#scope, this.#reader, this.#target)
    let isBegun = false
    let looks = 0
    for await (const _ of closure.from(this.#subject)) {
      const page = this.#certain(closure)
      isBegun ||= page.length > 0
      const checks = isBegun ? (++looks > patientLooks ? laterChecks : 0) : earlyChecks
      if (checks > 0) page.push(...(await this.#check(checks)))
      if (page.length === 0) continue
      isBegun = true
      yield page
    }
    yield* this.#rest()
  }

  /** Takes what the closure has found: what is granted is in the list, the rest is left. */
  #certain(closure: Closure): string[] {
    const { granted, noted } = closure
    closure.granted = []
    closure.noted = []
    const page: string[] = []
    for (const at of granted) {
      if (at.settled) continue
      const hops = at.hops(this.#target.rewrite.id) ?? 0
      if (hops < this.#scope.depthMax) {
        at.settled = true
        page.push(at.object)
      } else if (!at.noted) {
        at.noted = true
        this.#left.push(at)
      }
    }
    for (const at of noted) this.#left.push(at)
    return page
  }

  /**
   * A few checks where it hangs on what is not reached: nobody waits for all of it to see a first line, nor a list
   * that is to be short for a closure that is large.
   */
  async #check(checks: number): Promise<string[]> {
    const page: string[] = []
    for (let checked = 0; this.#looked < this.#left.length && checked < checks; this.#looked++) {
      const at = this.#left[this.#looked] as Reached
      if (at.settled || !this.#scales.promises(at)) continue
      at.settled = true
      checked++
      if (await this.#checks.allow(at.object, this.#target)) page.push(at.object)
    }
    return page
  }

  async *#rest(): AsyncGenerator<readonly string[]> {
    const slices = new Slices()
    let page: string[] = []
    let weighed = 0
    for (const at of this.#left) {
      if (at.settled) continue
      if (++weighed >= objectsPerLook && slices.isOver) {
        weighed = 0
        demandTime(this.#scope)
        if (page.length > 0) yield page
        page = []
        await slices.breathe(this.#reader)
      }
      const holds = this.#holds(at)
      // A check may have taken long.
      if (typeof holds !== 'boolean') weighed = objectsPerLook
      if (holds === true || (holds !== false && (await holds))) page.push(at.object)
    }
    if (page.length > 0) yield page
  }

  #holds(at: Reached): boolean | Promise<boolean> {
    const weight = this.#scales.weigh(at)
    if (weight === 'no') return false
    if (weight !== 'unsure' && weight < this.#scope.depthMax) return true
    return this.#checks.allow(at.object, this.#target)
  }
}

/** Checks of one subject that share a walk and a graph, made when the first one is asked for. */
class Checks {
  readonly #scope: Scope
  readonly #reader: Reader
  readonly #subject: string
  #shared: { readonly scope: Scope; readonly walk: Walk } | undefined

  constructor(scope: Scope, reader: Reader, subject: string) {
    this.#scope = scope
    this.#reader = reader
    this.#subject = subject
  }

  async allow(object: string, { name }: Relation): Promise<boolean> {
    // Each walk may be too short to look at the clock itself.
    demandTime(this.#scope)
    const { scope, walk } = this.#sharing()
    return (await decide(scope, walk, { object, relation: name, subject: this.#subject })).allowed
  }

  #sharing(): { readonly scope: Scope; readonly walk: Walk } {
    const shared = this.#shared
    if (shared !== undefined && !isFull(shared)) return shared
    const scope = { ...this.#scope, ...ownGraph(this.#scope) }
    this.#shared = { scope, walk: new Walk(scope, this.#reader, this.#subject) }
    return this.#shared
  }
}

function isFull({ scope, walk }: { readonly scope: Scope; readonly walk: Walk }): boolean {
  return walk.size > sharedVerticesMax || (scope.resident?.arena.bytes ?? 0) > graphBytesMax
}

/** Commits go on while a list is made, and the graph of the applied state goes with them: a list keeps one of its own state. */
function ownGraph({ resident, model, view }: Scope): Pick<Scope, 'resident'> {
  if (resident === undefined) return {}
  const { revision } = view
  return { resident: new Graph({ model, revision, windowMs: Number.POSITIVE_INFINITY }) }
}
