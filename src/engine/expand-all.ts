/**
 * Who is behind object#relation, all the way down: every userset met on the way, breadth first from the question,
 * each once, with its rewrite and its own tuples. Not evaluation: conditions are named, not asked; operators are
 * drawn, not applied. For one level in OpenFGA's form, see expand.ts.
 *
 * A row: {userset, depth, rewrite, users?, parents?, part?, more?}
 *   depth    usersets from the question
 *   rewrite  {direct: true} | {computed, seen?} | {from, tupleset} | {union | intersection: [...]} |
 *            {exclusion: {base, subtract}}
 *   users    own tuples: {user, condition?, expires_at?, seen?}
 *   parents  tuples of the tuplesets: {tupleset, parent, userset, condition?, expires_at?, seen?}
 *   seen     drawn before, or queued to be: not followed from here
 *   part     2 and up: the tuples that did not fit into the rows of this userset before; `more`: more follow
 */
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { compareBytes } from '../lib/order.ts'
import type { Relation, Rewrite } from '../model/model.ts'
import type { Placement } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import { isUserset } from '../tuple/subject.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { Slices } from './drive.ts'
import { Reader } from './reader.ts'
import { tuplesetsOf } from './reverse.ts'
import type { Scope } from './scope.ts'

export interface ExpandPage {
  /** Rows. */
  readonly size: number
  /** `next` of the page before. */
  readonly after?: number
}

export interface Expansion {
  readonly nodes: readonly JsonObject[]
  /** Position of the page after this one; undefined when there is none. */
  readonly next: number | undefined
  /** The budget ended it: there is more, and no page shows it. */
  readonly truncated: boolean
}

/** Rows of one expansion over all its pages: each page is found anew from the first row on. */
export const rowsMax = 10_000
/** Tuples of one row: some 30 KiB. */
const tuplesMax = 500

/**
 * Exact at this scope's state; a later page is exact at its own. O(tuples of the rows up to the page's last).
 * @throws Fault deadline_exceeded
 */
export async function expandAll(
  scope: Scope,
  { object, relation }: Placement,
  { size, after = 0 }: ExpandPage,
): Promise<Expansion> {
  const defined = scope.model.relation(typeOf(object), relation)
  assert(defined !== undefined, 'the relation was looked up at the door')
  const reader = new Reader(scope)
  reader.pin()
  const nodes: JsonObject[] = []
  let position = 0
  try {
    for await (const row of new Expander(scope, reader).rows(object, defined)) {
      if (position >= rowsMax) return { nodes, next: undefined, truncated: true }
      if (position >= after + size) return { nodes, next: position, truncated: false }
      if (position >= after) nodes.push(row)
      position += 1
    }
    return { nodes, next: undefined, truncated: false }
  } finally {
    reader.release()
  }
}

interface Place {
  readonly object: string
  readonly relation: Relation
  readonly depth: number
}

/** One tuple of a row, under the list it belongs to. */
interface Entry {
  readonly list: 'users' | 'parents'
  readonly json: JsonObject
}

class Expander {
  readonly #scope: Scope
  readonly #reader: Reader
  readonly #queue: Place[] = []
  readonly #seen = new Set<string>()
  readonly #slices = new Slices()

  constructor(scope: Scope, reader: Reader) {
    this.#scope = scope
    this.#reader = reader
  }

  async *rows(object: string, relation: Relation): AsyncGenerator<JsonObject> {
    this.#follow({ object, relation, depth: 0 })
    // The queue grows while it is read.
    for (const place of this.#queue) {
      await this.#breathe()
      const head = { userset: `${place.object}#${place.relation.name}`, depth: place.depth }
      const rewrite = this.#rewrite(place.relation.rewrite, place)
      const entries = await this.#entries(place)
      for (let part = 1; part === 1 || (part - 1) * tuplesMax < entries.length; part++) {
        const shown = entries.slice((part - 1) * tuplesMax, part * tuplesMax)
        const first = part === 1 ? { ...head, rewrite } : { ...head, part }
        const more = part * tuplesMax < entries.length ? { more: true } : {}
        yield { ...first, ...listed('users', shown), ...listed('parents', shown), ...more }
      }
    }
  }

  /** Queues a userset; `{seen: true}` when it was met before. */
  #follow(place: Place): JsonObject {
    const userset = `${place.object}#${place.relation.name}`
    if (this.#seen.has(userset)) return { seen: true }
    this.#seen.add(userset)
    this.#queue.push(place)
    return {}
  }

  #rewrite(rewrite: Rewrite, place: Place): JsonObject {
    const { object, relation, depth } = place
    switch (rewrite.kind) {
      case 'direct':
        return { direct: true }
      case 'computed': {
        const target = this.#scope.model.relation(relation.type, rewrite.relation)
        assert(target !== undefined, 'a validated model defines its computed relations')
        const seen = this.#follow({ object, relation: target, depth: depth + 1 })
        return { computed: `${object}#${rewrite.relation}`, ...seen }
      }
      case 'tuple-to-userset':
        return { from: rewrite.computed, tupleset: `${object}#${rewrite.tupleset}` }
      case 'union':
      case 'intersection':
        return { [rewrite.kind]: rewrite.children.map((child) => this.#rewrite(child, place)) }
      case 'exclusion': {
        const base = this.#rewrite(rewrite.base, place)
        return { exclusion: { base, subtract: this.#rewrite(rewrite.subtract, place) } }
      }
    }
  }

  /** The tuples a relation rests on: its own, then those of the tuplesets it reads, in order of their subjects. */
  async #entries(place: Place): Promise<readonly Entry[]> {
    const { object, relation, depth } = place
    const entries: Entry[] = []
    for (const tuple of await this.#tuples(relation, object)) {
      await this.#breathe()
      entries.push({
        list: 'users',
        json: { user: tuple.subject, ...terms(tuple), ...this.#userset(tuple, depth) },
      })
    }
    for (const { tupleset, computed } of tuplesetsOf(relation.rewrite)) {
      const pointer = this.#scope.model.relation(relation.type, tupleset)
      assert(pointer !== undefined, 'a validated model defines its tuplesets')
      for (const tuple of await this.#tuples(pointer, object)) {
        await this.#breathe()
        const parent = tuple.subject
        const target = this.#scope.model.relation(typeOf(parent), computed)
        if (target === undefined) continue
        const seen = this.#follow({ object: parent, relation: target, depth: depth + 1 })
        const named = { tupleset: `${object}#${tupleset}`, parent, userset: `${parent}#${computed}` }
        entries.push({ list: 'parents', json: { ...named, ...terms(tuple), ...seen } })
      }
    }
    return entries
  }

  #userset({ subject }: Tuple, depth: number): JsonObject {
    if (!isUserset(subject)) return {}
    const hash = subject.indexOf('#')
    const target = this.#scope.model.relation(typeOf(subject), subject.slice(hash + 1))
    assert(target !== undefined, 'a visible tuple names a defined relation')
    return this.#follow({ object: subject.slice(0, hash), relation: target, depth: depth + 1 })
  }

  /** Those that the model accepts. O(tuples). */
  async #tuples(relation: Relation, object: string): Promise<readonly Tuple[]> {
    const plain = await this.#reader.plain(relation, object)
    const subjects = [...this.#reader.usersets(relation, object), ...plain].sort(compareBytes)
    return subjects.flatMap((subject) => this.#reader.tuple(relation, object, subject) ?? [])
  }

  async #breathe(): Promise<void> {
    if (performance.now() > this.#scope.deadline)
      throw new Fault('deadline_exceeded', 'Request Deadline Exceeded')
    await this.#slices.breathe(this.#reader)
  }
}

function listed(list: Entry['list'], entries: readonly Entry[]): JsonObject {
  const found = entries.filter((entry) => entry.list === list).map(({ json }) => json)
  return found.length === 0 ? {} : { [list]: found }
}

/** What a tuple is subject to. */
function terms({ condition, expiresAt }: Tuple): JsonObject {
  return {
    ...(condition && { condition: { ...condition } }),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
  }
}
