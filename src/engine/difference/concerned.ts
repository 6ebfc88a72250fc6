/**
 * Whom a change may concern at a place: the union of a few sources. Each is a superset of those whose answer it can
 * change; a check of both sides decides.
 */
import { compareBytes, placeIn } from '../../lib/order.ts'
import type { Relation } from '../../model/model.ts'
import { leaves } from '../reverse.ts'
import type { Both } from './both.ts'
import { merged, sortedTypes } from './order.ts'

/** Called between steps: gives other work a turn where that is due, and throws when time is over. */
export type Breathe = () => Promise<void> | undefined

/** One object for equal sources: sets of them need no comparison. */
export type Source =
  /** These and no others: the change is to their own tuples. */
  | { readonly kind: 'named'; readonly subjects: readonly string[] }
  /** Whoever may be a member of object#relation, before or after: the change is to a tuple that names it. */
  | { readonly kind: 'under'; readonly object: string; readonly relation: string }
  /** Every individual of the type, and its typed wildcard. */
  | { readonly kind: 'everybody'; readonly type: string }

/** Subjects told apart by name, and types of which everybody is meant. */
interface Crowd {
  /** In the order of their bytes. */
  readonly names: readonly string[]
  readonly types: readonly string[]
}

/** Names and crowds that a page may hold on to before they are found anew. */
const keptMax = 1_000_000

export class Concerned {
  readonly #both: Both
  readonly #breathe: Breathe
  readonly #under = new Map<Source, Crowd>()
  #kept = 0
  /** Of the sources that were asked for last: neighbours mostly share them. */
  #last: { readonly sources: readonly Source[]; readonly crowd: Crowd } | undefined

  constructor(both: Both, breathe: Breathe) {
    this.#both = both
    this.#breathe = breathe
  }

  /** Individuals and typed wildcards, distinct, in the order of their bytes, in pages, from just after `after`. */
  async *by(sources: ReadonlySet<Source>, after: string | undefined): AsyncGenerator<readonly string[]> {
    const { names, types } = await this.#crowdOf([...sources])
    const later = names.slice(after === undefined ? 0 : placeIn(names, `${after}\0`, compareBytes))
    yield* merged(later, this.#everybody(types, after), compareBytes, (name) => name)
  }

  /** Typed wildcards, those that are stored, those that the change alone names. */
  async *#everybody(types: readonly string[], after: string | undefined): AsyncGenerator<readonly string[]> {
    for (const type of types) {
      const more = this.#both.written(type).concat(`${type}:*`).sort(compareBytes)
      const later = more.filter((name) => after === undefined || compareBytes(name, after) > 0)
      yield* merged(later, this.#both.stored(type, after), compareBytes, (name) => name)
    }
  }

  async #crowdOf(sources: readonly Source[]): Promise<Crowd> {
    const last = this.#last
    if (last?.sources.length === sources.length && last.sources.every((one, at) => one === sources[at])) {
      return last.crowd
    }
    const crowds: Crowd[] = []
    for (const source of sources) crowds.push(await this.#crowd(source))
    const crowd = crowds.length === 1 ? (crowds[0] as Crowd) : union(crowds)
    this.#last = { sources, crowd }
    return crowd
  }

  async #crowd(source: Source): Promise<Crowd> {
    if (source.kind === 'named') return { names: source.subjects, types: [] }
    if (source.kind === 'everybody') return { names: [], types: [source.type] }
    const known = this.#under.get(source)
    if (known !== undefined) return known
    const crowd = await this.#below(source.object, source.relation)
    if (this.#kept > keptMax) {
      this.#under.clear()
      this.#kept = 0
    }
    this.#under.set(source, crowd)
    this.#kept += 1 + crowd.names.length
    return crowd
  }

  /** Met on the way down from object#relation, every operand and every edge taken for one that holds. O(edges below) */
  async #below(object: string, relation: string): Promise<Crowd> {
    const names = new Set<string>()
    const types = new Set<string>()
    const seen = new Set<string>()
    const queue: { readonly object: string; readonly relation: string }[] = []
    const pass = (place: { readonly object: string; readonly relation: string }) => {
      const key = `${place.object}#${place.relation}`
      if (seen.has(key)) return
      seen.add(key)
      queue.push(place)
    }
    pass({ object, relation })
    for (const place of queue) {
      const rest = this.#breathe()
      if (rest !== undefined) await rest
      for (const leaf of leavesOf(this.#both.relations(place.object, place.relation))) {
        if (leaf.kind === 'computed') pass({ object: place.object, relation: leaf.relation })
        if (leaf.kind === 'direct') {
          const { plain, usersets, everybody } = await this.#both.standing(place.object, place.relation)
          for (const name of plain) names.add(name)
          for (const type of everybody) types.add(type)
          for (const userset of usersets) {
            const hash = userset.indexOf('#')
            pass({ object: userset.slice(0, hash), relation: userset.slice(hash + 1) })
          }
        }
        if (leaf.kind === 'tuple-to-userset') {
          const { plain } = await this.#both.standing(place.object, leaf.tupleset)
          for (const parent of plain) pass({ object: parent, relation: leaf.computed })
        }
      }
    }
    return { names: [...names].sort(compareBytes), types: sortedTypes([...types]) }
  }
}

/** Of both models; one operator of either is enough, so they are told apart by what they do. */
function leavesOf(relations: readonly Relation[]) {
  const [first, second] = relations.map(({ rewrite }) => leaves(rewrite))
  return second === undefined ? (first ?? []) : [...(first ?? []), ...second]
}

function union(crowds: readonly Crowd[]): Crowd {
  const names = new Set<string>()
  const types = new Set<string>()
  for (const crowd of crowds) {
    for (const name of crowd.names) names.add(name)
    for (const type of crowd.types) types.add(type)
  }
  return { names: [...names].sort(compareBytes), types: sortedTypes([...types]) }
}
