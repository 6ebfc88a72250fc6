/**
 * Two states of a store seen as one graph: upward every edge that either has, under every model that either is read by.
 * What it finds may hold in one, in both, or (an expiry, a condition, a tuple no model takes) in neither: it says where
 * to look, never what is there.
 */
import type { Model, Relation } from '../../model/model.ts'
import type { Placement, TupleChange, View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'

/** Who stands at a place, by kind. */
export interface Standing {
  readonly plain: readonly string[]
  readonly usersets: readonly string[]
  /** `user` for `user:*`. */
  readonly everybody: readonly string[]
}

export class Both {
  /** One or two; none where neither state has a model. */
  readonly models: readonly Model[]
  /** Before: what the change deletes is in it, what it writes is below. */
  readonly #view: View
  /** Shapes of the subjects that some relation takes. */
  #taken: ReadonlySet<string> | undefined
  readonly #bySubject = new Map<string, Placement[]>()

  /** @param view - pinned */
  constructor(view: View, models: readonly Model[], changes: readonly TupleChange[]) {
    this.#view = view
    this.models = models
    for (const { operation, tuple } of changes) {
      if (operation === 'delete') continue
      const { object, relation, subject } = tuple
      entry(this.#bySubject, subject, () => []).push({ object, relation })
    }
  }

  /** Whether members of object#relation, as a userset, may stand anywhere: some model has a place that takes them. */
  takesUserset(type: string, relation: string): boolean {
    this.#taken ??= new Set(
      this.models.flatMap((model) =>
        model.types.flatMap((each) =>
          model.relations(each).flatMap(({ restrictions }) => restrictions.map(({ shape }) => shape)),
        ),
      ),
    )
    return this.#taken.has(`${type}#${relation}`)
  }

  /** The relation as each model that has it defines it. */
  relations(object: string, name: string): readonly Relation[] {
    const type = typeOf(object)
    return this.models.flatMap((model) => model.relation(type, name) ?? [])
  }

  /** Where a subject stands. A promise where its placements are spread. */
  placements(subject: string): readonly Placement[] | Promise<readonly Placement[]> {
    const written = this.#bySubject.get(subject) ?? []
    const stored = this.#view.reverse(subject)
    if (stored === undefined) return this.#spread(subject, written)
    return written.length === 0 ? stored : [...stored, ...written]
  }

  async #spread(subject: string, written: readonly Placement[]): Promise<readonly Placement[]> {
    const found = [...written]
    for await (const page of this.#view.placements(subject)) for (const placed of page) found.push(placed)
    return found
  }

  /** Who stands at object#relation before: whom the change adds, it names itself. O(subjects there) */
  async standing(object: string, relation: string): Promise<Standing> {
    const stored = this.#view.edges(object, relation)
    const plain = [...(stored.plain ?? [])]
    if (stored.plain === undefined) {
      for await (const page of this.#view.plain(object, relation)) for (const name of page) plain.push(name)
    }
    const usersets: string[] = []
    const everybody: string[] = []
    for (const subject of stored.usersets) {
      if (isWildcard(subject)) everybody.push(typeOf(subject))
      else usersets.push(subject)
    }
    return { plain, usersets, everybody }
  }

  /** Every plain subject of a type, in order, in pages, from just after `after`. */
  stored(type: string, after: string | undefined): AsyncIterable<readonly string[]> {
    return this.#view.subjects(type, after)
  }

  /** Plain subjects of a type that the change writes tuples of, in no order. */
  written(type: string): string[] {
    return [...this.#bySubject.keys()].filter(
      (name) => typeOf(name) === type && !isUserset(name) && !isWildcard(name),
    )
  }

  /** Objects of a type that have tuples before, in order, in pages, from just after one of them. */
  async *objects(type: string, after: string | undefined): AsyncGenerator<readonly string[]> {
    let position: Uint8Array | undefined
    if (after !== undefined) position = Buffer.from(after.slice(type.length + 1))
    do {
      const page = await this.#view.objects(type, objectsPerPage, position)
      yield page.rows
      position = page.next
    } while (position !== undefined)
  }
}

const objectsPerPage = 500

/** What a map has under a key, made where it has nothing. */
export function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
