/**
 * Objects that a subject might reach: the graph walked backwards from the subject, every operand taken for a grant,
 * conditions, expiry and exclusions left to the check that follows. Complete: a member is always found, since every
 * membership rests on a chain of tuples from the subject.
 */
import type { Model, Relation } from '../model/model.ts'
import { typeOf } from '../tuple/object.ts'
import { isUserset, isWildcard } from '../tuple/subject.ts'
import { demandTime, Slices } from './drive.ts'
import type { Reader } from './reader.ts'
import { isDirect, upward } from './reverse.ts'
import type { Scope } from './scope.ts'

/** object#relation that the subject may be a member of. */
interface Place {
  readonly object: string
  readonly relation: Relation
}

export class Candidates {
  readonly #scope: Scope
  readonly #model: Model
  readonly #reader: Reader
  readonly #target: Relation
  readonly #queue: Place[] = []
  readonly #seen = new Set<string>()
  readonly #slices = new Slices()

  constructor(scope: Scope, reader: Reader, target: Relation) {
    this.#scope = scope
    this.#model = scope.model
    this.#reader = reader
    this.#target = target
  }

  /** Objects of the target's type, distinct, in no order. O(placements met). */
  async *of(subject: string): AsyncGenerator<string> {
    yield* this.#granted(subject)
    if (!isUserset(subject) && !isWildcard(subject)) yield* this.#granted(`${typeOf(subject)}:*`)
    if (isUserset(subject)) {
      const hash = subject.indexOf('#')
      yield* this.#reach(
        subject.slice(0, hash),
        this.#model.relation(typeOf(subject), subject.slice(hash + 1)),
      )
    }
    // The queue grows while it is read.
    for (const place of this.#queue) {
      demandTime(this.#scope)
      await this.#slices.breathe(this.#reader)
      yield* this.#beyond(place)
    }
  }

  /** Where the tuples of a subject put it. */
  async *#granted(subject: string): AsyncGenerator<string> {
    for await (const page of this.#reader.placements(subject)) {
      for (const { object, relation } of page) {
        const defined = this.#model.relation(typeOf(object), relation)
        if (defined !== undefined && isDirect(defined.rewrite)) yield* this.#reach(object, defined)
      }
    }
  }

  /** Where being at a place leads: other relations of the object, grants to it as a userset, children of it. */
  async *#beyond({ object, relation }: Place): AsyncGenerator<string> {
    const { computed, fromParent } = upward(this.#model, relation.type, relation.name)
    for (const reader of computed) yield* this.#reach(object, reader)
    yield* this.#granted(`${object}#${relation.name}`)
    if (fromParent.size === 0) return
    for await (const page of this.#reader.placements(object)) {
      for (const child of page) {
        const readers = fromParent.get(`${typeOf(child.object)}#${child.relation}`) ?? []
        for (const reader of readers) yield* this.#reach(child.object, reader)
      }
    }
  }

  *#reach(object: string, relation: Relation | undefined): Generator<string> {
    if (relation === undefined || !this.#target.reach.has(`${relation.type}#${relation.name}`)) return
    const name = `${object}#${relation.name}`
    if (this.#seen.has(name)) return
    this.#seen.add(name)
    this.#queue.push({ object, relation })
    if (relation === this.#target) yield object
  }
}
