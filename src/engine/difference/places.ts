/**
 * Which places a change may concern, and through what: from its tuples upward, over everything that either state reads
 * them by. A place that is not found here answers every check as before.
 *
 * For one subject membership is the least fixpoint of the rules' equations, one an operator and object. A place can answer
 * otherwise only if it reads, however far down, an equation that is another one for that subject: at the place of a
 * changed tuple, and then only if the tuple names the subject or something that the subject may be a member of. May be,
 * before: who comes to be one by the change is named by another tuple of it, which leads here too.
 */
import { compareBytes } from '../../lib/order.ts'
import type { Relation } from '../../model/model.ts'
import type { Placement, TupleChange } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import { tuplesetsOf, upward } from '../reverse.ts'
import { type Both, entry } from './both.ts'
import type { Breathe, Source } from './concerned.ts'
import { comparePlaces } from './order.ts'

/** A place, and whom the change may concern there. */
export interface Place extends Placement {
  readonly sources: ReadonlySet<Source>
}

interface Found extends Placement {
  readonly sources: Set<Source>
  /** What reads it; undefined: not looked up yet. */
  above: readonly Found[] | undefined
}

/** In the order of object and relation. O(places found, for each source of theirs) */
export async function placesOf(
  both: Both,
  changes: readonly TupleChange[],
  breathe: Breathe,
): Promise<readonly Place[]> {
  const climb = new Climb(both)
  for (const { place, source } of seedsOf(both, changes)) climb.add(place, source)
  await climb.run(breathe)
  return climb.places().sort(comparePlaces)
}

interface Seed {
  readonly place: Placement
  readonly source: Source
}

/** Where equations changed, and for whom. */
function* seedsOf(both: Both, changes: readonly TupleChange[]): Generator<Seed> {
  const sources = new Sources()
  const named = new Map<string, { readonly place: Placement; readonly subjects: Set<string> }>()
  for (const { tuple } of changes) {
    const { object, relation, subject } = tuple
    const place = { object, relation }
    if (isWildcard(subject)) yield { place, source: sources.everybody(typeOf(subject)) }
    else if (isUserset(subject)) {
      const hash = subject.indexOf('#')
      yield { place, source: sources.under(subject.slice(0, hash), subject.slice(hash + 1)) }
    } else {
      const make = () => ({ place, subjects: new Set<string>() })
      entry(named, `${object}#${relation}`, make).subjects.add(subject)
      yield* throughParent(both, tuple, sources)
    }
  }
  for (const { place, subjects } of named.values()) yield { place, source: sources.named([...subjects]) }
}

/** The tuple of a tupleset: whoever has, through the parent, what some relation of the object reads there. */
function* throughParent(
  both: Both,
  { object, relation, subject: parent }: Placement & { readonly subject: string },
  sources: Sources,
): Generator<Seed> {
  for (const model of both.models) {
    const type = typeOf(object)
    if (model.relation(type, relation)?.isTupleset !== true) continue
    for (const { name, rewrite } of model.relations(type)) {
      for (const { tupleset, computed } of tuplesetsOf(rewrite)) {
        if (tupleset !== relation || model.relation(typeOf(parent), computed) === undefined) continue
        yield { place: { object, relation: name }, source: sources.under(parent, computed) }
      }
    }
  }
}

/** Each source once. */
class Sources {
  readonly #known = new Map<string, Source>()

  named(subjects: readonly string[]): Source {
    const [only] = subjects
    if (subjects.length === 1) return entry(this.#known, `=${only}`, () => ({ kind: 'named', subjects }))
    return { kind: 'named', subjects: subjects.toSorted(compareBytes) }
  }

  under(object: string, relation: string): Source {
    return entry(this.#known, `<${object}#${relation}`, () => ({ kind: 'under', object, relation }))
  }

  everybody(type: string): Source {
    return entry(this.#known, `*${type}`, () => ({ kind: 'everybody', type }))
  }
}

/** Sources carried from a place to all that read it, until none arrives anywhere for the first time. */
class Climb {
  readonly #both: Both
  readonly #found = new Map<string, Found>()
  readonly #queue: { readonly place: Found; readonly source: Source }[] = []

  constructor(both: Both) {
    this.#both = both
  }

  places(): Place[] {
    return [...this.#found.values()].filter(({ sources }) => sources.size > 0)
  }

  add(at: Placement, source: Source): void {
    this.#carry(this.#at(at.object, at.relation), source)
  }

  async run(breathe: Breathe): Promise<void> {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      const rest = breathe()
      if (rest !== undefined) await rest
      const { place, source } = next
      if (place.above === undefined) place.above = await this.#above(place)
      for (const above of place.above) this.#carry(above, source)
    }
  }

  #carry(place: Found, source: Source): void {
    if (place.sources.has(source)) return
    place.sources.add(source)
    this.#queue.push({ place, source })
  }

  #at(object: string, relation: string): Found {
    const make = (): Found => ({ object, relation, sources: new Set(), above: undefined })
    return entry(this.#found, `${object}#${relation}`, make)
  }

  async #above({ object, relation }: Found): Promise<readonly Found[]> {
    const above = new Set<Found>()
    for (const model of this.#both.models) {
      const read = model.relation(typeOf(object), relation)
      if (read === undefined) continue
      const { computed, fromParent } = upward(model, read)
      for (const { by } of computed) above.add(this.#at(object, by.name))
      if (fromParent.size === 0) continue
      const children = await this.#both.placements(object)
      for (const [tupleset, readers] of fromParent) {
        for (const child of children) {
          if (!isAt(child, tupleset)) continue
          for (const { by } of readers) above.add(this.#at(child.object, by.name))
        }
      }
    }
    if (this.#both.takesUserset(typeOf(object), relation)) {
      for (const placed of await this.#both.placements(`${object}#${relation}`)) {
        above.add(this.#at(placed.object, placed.relation))
      }
    }
    return [...above]
  }
}

function isAt({ object, relation }: Placement, { type, name }: Relation): boolean {
  return relation === name && typeOf(object) === type
}
