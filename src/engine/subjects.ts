/**
 * Subjects met on the way down from object#relation: every operand is followed, subtracted ones too, and only
 * tuples that hold are crossed. Usersets passed through are met as well.
 */
import { assert } from '../lib/assert.ts'
import type { Relation, Rewrite } from '../model/model.ts'
import { typeOf } from '../tuple/object.ts'
import { isWildcard } from '../tuple/subject.ts'
import { demandTime, Slices } from './drive.ts'
import type { Reader } from './reader.ts'
import type { Scope } from './scope.ts'

interface Place {
  readonly object: string
  readonly relation: Relation
  /** Tuple hops from the question, on the path that came first. */
  readonly depth: number
}

/** A subject, and the tuple hops from the question to the tuple that names it. */
export interface Met {
  readonly subject: string
  readonly hops: number
}

export class Subjects {
  readonly #scope: Scope
  readonly #reader: Reader
  readonly #queue: Place[] = []
  readonly #seen = new Set<string>()
  readonly #slices = new Slices()

  constructor(scope: Scope, reader: Reader) {
    this.#scope = scope
    this.#reader = reader
  }

  /**
   * Subjects and usersets, not distinct, in no order. O(edges reached).
   * @throws Fault validation_error: a condition that could not be evaluated; deadline_exceeded
   */
  async *under(object: string, relation: Relation): AsyncGenerator<Met> {
    yield* this.#pass({ object, relation, depth: 0 })
    // The queue grows while it is read.
    for (const place of this.#queue) {
      demandTime(this.#scope)
      await this.#slices.breathe(this.#reader)
      yield* this.#follow(place.relation.rewrite, place)
    }
  }

  *#pass(place: Place): Generator<Met> {
    const userset = `${place.object}#${place.relation.name}`
    if (this.#seen.has(userset)) return
    this.#seen.add(userset)
    this.#queue.push(place)
    yield { subject: userset, hops: place.depth }
  }

  async *#follow(rewrite: Rewrite, place: Place): AsyncGenerator<Met> {
    switch (rewrite.kind) {
      case 'direct':
        yield* this.#plain(place)
        yield* this.#usersets(place)
        break
      case 'computed':
        yield* this.#pass({ ...place, relation: this.#relation(place.relation.type, rewrite.relation) })
        break
      case 'tuple-to-userset':
        yield* this.#parents(rewrite, place)
        break
      case 'union':
      case 'intersection':
        for (const child of rewrite.children) yield* this.#follow(child, place)
        break
      case 'exclusion':
        yield* this.#follow(rewrite.base, place)
        yield* this.#follow(rewrite.subtract, place)
    }
  }

  async *#plain({ object, relation, depth }: Place): AsyncGenerator<Met> {
    for (const subject of await this.#reader.plain(relation, object)) {
      if (this.#crosses(relation, object, subject)) yield { subject, hops: depth }
      await this.#slices.breathe(this.#reader)
    }
  }

  *#usersets({ object, relation, depth }: Place): Generator<Met> {
    for (const subject of this.#reader.usersets(relation, object)) {
      if (!this.#crosses(relation, object, subject)) continue
      yield { subject, hops: depth }
      if (isWildcard(subject)) continue
      const hash = subject.indexOf('#')
      const target = this.#scope.model.relation(typeOf(subject), subject.slice(hash + 1))
      if (target !== undefined)
        yield* this.#pass({ object: subject.slice(0, hash), relation: target, depth: depth + 1 })
    }
  }

  async *#parents(
    { tupleset, computed }: { readonly tupleset: string; readonly computed: string },
    { object, relation, depth }: Place,
  ): AsyncGenerator<Met> {
    const pointer = this.#relation(relation.type, tupleset)
    for (const parent of await this.#reader.plain(pointer, object)) {
      const target = this.#scope.model.relation(typeOf(parent), computed)
      if (target === undefined || !this.#crosses(pointer, object, parent)) continue
      yield* this.#pass({ object: parent, relation: target, depth: depth + 1 })
    }
  }

  #crosses(relation: Relation, object: string, subject: string): boolean {
    const grant = this.#reader.grant(relation, object, subject)
    if (typeof grant !== 'boolean') throw grant
    return grant
  }

  #relation(type: string, name: string): Relation {
    const relation = this.#scope.model.relation(type, name)
    assert(relation !== undefined, 'a validated model defines the relations it names')
    return relation
  }
}
