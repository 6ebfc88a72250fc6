/**
 * All that one question rests on: the vertices of an exhaustive walk, every operand visited, no depth limit, within
 * a budget. Past the budget it is what the plain walk left behind: enough for a proof, not for every idea.
 */
import type { Relation } from '../../model/model.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Tuple } from '../../tuple/tuple.ts'
import { turn } from '../drive.ts'
import { Reader } from '../reader.ts'
import type { Scope } from '../scope.ts'
import { membershipOf, type Operand, type Vertex } from '../vertex.ts'
import { Walk } from '../walk.ts'

/** Vertices an exhaustive walk may make: some 10 MB, some 50 ms. */
const verticesMax = 20_000
/** How long a slice may hold the event loop, in milliseconds. */
const sliceMs = 2

/** A userset or parent that the walk did not cross. */
export interface Uncrossed {
  readonly tuple: Tuple
  readonly operand: Operand
}

export class Graph {
  readonly reader: Reader
  readonly #scope: Scope
  readonly #walk: Walk
  readonly #deadline: number
  #stuck = false

  constructor(scope: Scope, subject: string) {
    this.#scope = { ...scope, depthMax: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY }
    this.reader = new Reader(this.#scope)
    this.#walk = new Walk(this.#scope, this.reader, subject, { exhaustive: true })
    this.#deadline = scope.deadline
  }

  /** Membership at object#relation; undefined past the budget or the deadline, and from then on. */
  async find(object: string, name: string): Promise<Operand | undefined> {
    const relation = this.#scope.model.relation(typeOf(object), name)
    if (this.#stuck || relation === undefined) return undefined
    this.#walk.ask(object, relation)
    for (;;) {
      const progress = this.#walk.advance(performance.now() + sliceMs)
      if (progress.done) return progress.operand
      if (this.#walk.size > verticesMax || performance.now() > this.#deadline) break
      if (progress.scan !== undefined) await this.reader.scan(progress.scan)
      else await turn()
    }
    this.#stuck = true
    return undefined
  }

  /** The relation that a `from` of this relation's type reads its parents of. */
  tupleset(relation: Relation, name: string): Relation | undefined {
    return this.#scope.model.relation(relation.type, name)
  }

  /** Whether the budget or the deadline cut it. */
  get cut(): boolean {
    return this.#stuck
  }

  /** Usersets and parents of a vertex behind a condition that does not hold; at most `limit`. */
  async blocked({ rewrite, relation, object }: Vertex, limit: number): Promise<readonly Uncrossed[]> {
    if (rewrite.kind === 'direct') {
      const usersets = this.reader.usersets(relation, object).filter(isUserset)
      const tuples = this.#conditional(relation, object, usersets)
      return this.#behind(tuples, limit, ({ subject }) => subject)
    }
    if (rewrite.kind !== 'tuple-to-userset') return []
    const tupleset = this.tupleset(relation, rewrite.tupleset)
    const parents = (tupleset && this.reader.parents(tupleset, object)) ?? []
    const tuples = tupleset === undefined ? [] : this.#conditional(tupleset, object, parents)
    return this.#behind(tuples, limit, ({ subject }) => `${subject}#${rewrite.computed}`)
  }

  /** Usersets that would grant at a vertex that the subject's own tuple granted before they were looked at. */
  async eclipsed({ decided, targets, rewrite, relation, object }: Vertex, limit: number) {
    if (rewrite.kind !== 'direct' || decided !== 'member' || targets.length > 0) return []
    const usersets = this.reader.usersets(relation, object).filter(isUserset)
    const granting = usersets.filter((userset) => this.reader.grant(relation, object, userset) === true)
    const tuples = granting.map((subject) => ({ object, relation: relation.name, subject }))
    const found = await this.#behind(tuples, limit, ({ subject }) => subject)
    return found.filter(({ operand }) => membershipOf(operand) !== 'absent')
  }

  #conditional(relation: Relation, object: string, subjects: readonly string[]): readonly Tuple[] {
    return subjects.flatMap((subject) => {
      const tuple = this.reader.tuple(relation, object, subject)
      const holds = tuple?.condition === undefined || this.reader.grant(relation, object, subject) === true
      return tuple === undefined || holds ? [] : [tuple]
    })
  }

  async #behind(
    tuples: readonly Tuple[],
    limit: number,
    usersetOf: (tuple: Tuple) => string,
  ): Promise<readonly Uncrossed[]> {
    const found: Uncrossed[] = []
    for (const tuple of tuples.slice(0, limit)) {
      const userset = usersetOf(tuple)
      const hash = userset.indexOf('#')
      const operand = await this.find(userset.slice(0, hash), userset.slice(hash + 1))
      if (operand !== undefined) found.push({ tuple, operand })
    }
    return found
  }

  /** Objects that the subject's own tuples name, at most `limit`; none when it has more than fit in its head. */
  standing(subject: string, limit: number): readonly string[] {
    const contextual = this.#scope.contextual.filter((tuple) => tuple.subject === subject)
    const placements = [...contextual, ...(this.reader.view.reverse(subject) ?? [])]
    return [...new Set(placements.map(({ object }) => object))].slice(0, limit)
  }
}

/** Names whose tuples make `subject` a member: its own, and everybody's for an individual. */
export function namesOf(subject: string): readonly string[] {
  return isUserset(subject) || isWildcard(subject) ? [subject] : [subject, `${typeOf(subject)}:*`]
}
