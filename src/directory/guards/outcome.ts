/** What a change leaves behind: the state before it, read through the change. Deletes of any kind come before writes. */
import type { JsonObject } from '../../lib/json.ts'
import type { Change, TupleFilter, View } from '../../storage/storage.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { printTuple, type StoredTuple, type Tuple, type TupleKey } from '../../tuple/tuple.ts'
import type { Sight } from '../sight.ts'

export class Outcome {
  readonly #sight: Sight
  readonly writes: readonly Tuple[]
  readonly deletes: readonly TupleKey[]
  readonly filters: readonly TupleFilter[]
  readonly #written: ReadonlySet<string>
  readonly #deleted: ReadonlySet<string>
  readonly #put: ReadonlyMap<string, JsonObject>
  readonly #removed: ReadonlySet<string>

  constructor(sight: Sight, change: Change) {
    const { writes = [], deletes = [], deleteWhere = [], putEntities = [], deleteEntities = [] } = change
    this.#sight = sight
    this.writes = writes
    this.deletes = deletes
    this.filters = deleteWhere
    this.#written = new Set(writes.map(printTuple))
    this.#deleted = new Set(deletes.map(printTuple))
    this.#put = new Map(putEntities.map(({ type, id, attributes }) => [`${type}:${id}`, attributes]))
    this.#removed = new Set(deleteEntities.map(({ type, id }) => `${type}:${id}`))
  }

  /** The attributes of the entity that an object stands for, afterwards; undefined: there is none. */
  entity(object: string): JsonObject | undefined {
    const put = this.#put.get(object)
    if (put !== undefined || this.#removed.has(object)) return put
    return this.#sight.stored(typeOf(object), idOf(object))?.attributes
  }

  isRemoved(object: string): boolean {
    return this.#removed.has(object) && !this.#put.has(object)
  }

  has(key: TupleKey): boolean {
    return this.#written.has(printTuple(key)) || (this.stored(key) !== undefined && !this.drops(key))
  }

  /** Whether a tuple of the state before is not there afterwards. */
  drops(key: TupleKey): boolean {
    const text = printTuple(key)
    if (this.#written.has(text)) return false
    return this.#deleted.has(text) || this.filters.some((filter) => matches(filter, key))
  }

  /** In the state before. */
  stored({ object, relation, subject }: TupleKey): StoredTuple | undefined {
    return this.#sight.storedTuple(object, relation, subject)
  }

  get view(): View {
    return this.#sight.view
  }
}

export function matches({ type, object, relation, subject }: TupleFilter, key: TupleKey): boolean {
  if (type !== undefined && typeOf(key.object) !== type) return false
  if (object !== undefined && key.object !== object) return false
  if (relation !== undefined && key.relation !== relation) return false
  return subject === undefined || key.subject === subject
}
