/**
 * A View over any reader: rows become edges, tuples, models, entities. Reads one revision only; what is applied and
 * what is not is the reader's business (reader.ts).
 */
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import { typeOf } from '../tuple/object.ts'
import type { StoredTuple } from '../tuple/tuple.ts'
import type { Entry } from './disk.ts'
import { readEdges } from './edges.ts'
import { isPlain } from './forward.ts'
import * as keys from './keys.ts'
import type { ModelCache } from './models.ts'
import type { HeldReader, Reader } from './reader.ts'
import { isQualifiedValue, readPlacements, readReverse } from './reverse.ts'
import type {
  Assertions,
  ChangeEntry,
  Edges,
  Enough,
  Entity,
  Page,
  PinnedView,
  Placed,
  Placement,
  StoredModel,
  TupleFilter,
  View,
} from './storage.ts'
import * as values from './values.ts'

/** Rows in one step of a scan. */
const chunkRows = 1000
/** Rows to look at before a scan for objects jumps over the rest of a large one. */
const objectChunkRows = 128

/** What a View is of. */
export interface Sight {
  /** The store's number in keys. */
  readonly number: number
  readonly store: string
  readonly revision: number
  readonly now: number
  /** The latest model's id. */
  readonly latestModel: string | undefined
  /** Models of this store read before; they never change. */
  readonly models: ModelCache
}

export class StoreView implements View {
  readonly store: string
  readonly revision: number
  readonly now: number
  readonly madeAt = performance.now()
  readonly #sight: Sight
  readonly #number: number
  readonly #reader: Reader

  constructor(sight: Sight, reader: Reader) {
    this.store = sight.store
    this.revision = sight.revision
    this.now = sight.now
    this.#sight = sight
    this.#number = sight.number
    this.#reader = reader
  }

  /** Whether it shows what this reader shows, at this instant. */
  isOf(reader: Reader, now: number): boolean {
    return this.#reader === reader && this.now === now
  }

  edges(object: string, relation: string): Edges {
    return readEdges(this.#reader, this.#number, object, relation)
  }

  tuple(object: string, relation: string, subject: string): StoredTuple | undefined {
    const bytes = this.#reader.get(keys.tupleKey(this.#number, object, relation, subject))
    if (bytes === undefined) return undefined
    const tuple = values.unpackTuple({ object, relation, subject }, bytes)
    return values.isExpired(tuple, this.now) ? undefined : tuple
  }

  reverse(subject: string): readonly Placed[] | undefined {
    return readReverse(this.#reader, this.#number, subject)
  }

  async *plain(object: string, relation: string): AsyncGenerator<readonly string[]> {
    const prefix = keys.tuplePrefix(this.#number, { object, relation })
    for await (const rows of this.#tupleRows(prefix, (key) => isPlain(key.subject))) {
      if (rows.length > 0) yield rows.map((row) => row.subject)
    }
  }

  async *subjects(type: string, after?: string): AsyncGenerator<readonly string[]> {
    const prefix = keys.reverseKey(this.#number, `${type}:`)
    const later = keys.keyAfter(keys.reverseKey(this.#number, after ?? ''))
    // What it comes after may be of another type.
    for await (const entries of this.#scan(prefix, later.compare(prefix) < 0 ? prefix : later)) {
      const names = entries.map(([key]) => keys.readReverseKey(key)).filter(isPlain)
      if (names.length > 0) yield names
    }
  }

  placements(subject: string, type?: string): AsyncGenerator<readonly Placed[]> {
    return readPlacements(this.#reader, this.#number, subject, type)
  }

  async tuples(filter: TupleFilter, limit: number, after?: Uint8Array): Promise<Page<StoredTuple>> {
    const { object, relation, subject } = filter
    if (subject !== undefined && object !== undefined && relation !== undefined) {
      const tuple = after === undefined ? this.tuple(object, relation, subject) : undefined
      return { rows: tuple === undefined ? [] : [tuple], next: undefined }
    }
    const source =
      subject !== undefined && object === undefined
        ? this.#tuplesOf(subject, filter, after)
        : this.#tuplesUnder(filter, after)
    const rows: StoredTuple[] = []
    for await (const some of source) {
      rows.push(...some)
      if (rows.length > limit) break
    }
    const last = rows[limit - 1]
    if (rows.length <= limit || last === undefined) return { rows, next: undefined }
    return { rows: rows.slice(0, limit), next: positionOf(this.#number, last) }
  }

  async objects(type: string, limit: number, after?: Uint8Array): Promise<Page<string>> {
    const held = this.#reader.hold()
    try {
      const rows: string[] = []
      let gte =
        after === undefined
          ? keys.tuplePrefix(this.#number, { type })
          : keys.tuplesAfterObject(this.#number, type, textOf(after))
      while (rows.length <= limit) {
        const step = await this.#nextObjects(held, type, gte)
        rows.push(...step.objects)
        if (step.next === undefined) break
        gte = step.next
      }
      const last = rows[limit - 1]
      if (rows.length <= limit || last === undefined) return { rows, next: undefined }
      return { rows: rows.slice(0, limit), next: Buffer.from(last.slice(type.length + 1)) }
    } finally {
      held.release()
    }
  }

  async changes(after: number, limit: number, enough?: Enough): Promise<readonly ChangeEntry[]> {
    const found: ChangeEntry[] = []
    let [tuples, bytes] = [0, 0]
    if (limit <= 0) return found
    const gte = keys.changeKey(this.#number, after + 1)
    const lt = keys.prefixEnd(keys.kindPrefix(keys.kind.change, this.#number))
    for await (const entries of this.#reader.scan({ gte, lt }, Math.min(limit, 100))) {
      for (const [key, row] of entries) {
        const entry = values.unpackChange(keys.revisionIn(key), row)
        found.push(entry)
        tuples += entry.tuples.length
        bytes += row.length
        if (found.length === limit) return found
        if (enough !== undefined && (tuples >= enough.tuples || bytes >= enough.bytes)) return found
      }
    }
    return found
  }

  model(id: string): StoredModel | undefined {
    const { models } = this.#sight
    const known = models.get(id)
    if (known !== undefined) return known.revision <= this.revision ? known : undefined
    const bytes = this.#reader.get(keys.modelKey(this.#number, id))
    if (bytes === undefined) return undefined
    const model = modelIn(id, bytes)
    // A staged model may still be refused; only what is applied is remembered.
    if (model.revision <= this.revision) models.put(model, bytes.length)
    return model
  }

  latestModel(): StoredModel | undefined {
    const { latestModel } = this.#sight
    return latestModel === undefined ? undefined : this.model(latestModel)
  }

  async models(limit: number, after?: Uint8Array): Promise<Page<StoredModel>> {
    const prefix = keys.kindPrefix(keys.kind.modelOrder, this.#number)
    const lt = after === undefined ? keys.prefixEnd(prefix) : Buffer.concat([prefix, after])
    const rows: StoredModel[] = []
    const held = this.#reader.hold()
    try {
      for await (const entries of held.scan({ gte: prefix, lt, reverse: true }, Math.min(limit + 1, 100))) {
        for (const [, id] of entries) rows.push(this.#modelFrom(held, values.unpack<string>(id)))
        if (rows.length > limit) break
      }
    } finally {
      held.release()
    }
    const last = rows[limit - 1]
    if (rows.length <= limit || last === undefined) return { rows, next: undefined }
    const next = keys.modelOrderKey(this.#number, last.revision).subarray(keys.prefixBytes)
    return { rows: rows.slice(0, limit), next }
  }

  assertions(model: string): Assertions | undefined {
    const bytes = this.#reader.get(keys.assertionsKey(this.#number, model))
    if (bytes === undefined) return undefined
    return { model, assertions: JSON.parse(values.unpack<string>(bytes)) as JsonObject[] }
  }

  entity(type: string, id: string): Entity | undefined {
    const bytes = this.#reader.get(keys.entityKey(this.#number, type, id))
    return bytes === undefined ? undefined : entityIn(type, id, bytes)
  }

  async entities(type: string, limit: number, after?: Uint8Array, idPrefix = ''): Promise<Page<Entity>> {
    const prefix = Buffer.from(keys.entityKey(this.#number, type, ''))
    const begin = Buffer.from(keys.entityKey(this.#number, type, idPrefix))
    const gte = after === undefined ? begin : keys.keyAfter(Buffer.concat([prefix, after]))
    const rows: Entity[] = []
    for await (const entries of this.#reader.scan(
      { gte, lt: keys.prefixEnd(begin) },
      Math.min(limit + 1, 500),
    )) {
      for (const [key, bytes] of entries) rows.push(entityIn(type, keys.lastText(key, prefix.length), bytes))
      if (rows.length > limit) break
    }
    const last = rows[limit - 1]
    if (rows.length <= limit || last === undefined) return { rows, next: undefined }
    return {
      rows: rows.slice(0, limit),
      next: keys.entityKey(this.#number, type, last.id).subarray(prefix.length),
    }
  }

  pin(): PinnedView {
    return new PinnedStoreView(this.#sight, this.#reader.hold())
  }

  #scan(prefix: Buffer, gte = prefix): AsyncGenerator<Entry[]> {
    return this.#reader.scan({ gte, lt: keys.prefixEnd(prefix) }, chunkRows)
  }

  /** Unexpired tuples under a prefix of the tuple rows, in key order. */
  async *#tupleRows(
    prefix: Buffer,
    matches: (key: ReturnType<typeof keys.readTupleKey>) => boolean,
    gte = prefix,
  ): AsyncGenerator<StoredTuple[]> {
    for await (const entries of this.#scan(prefix, gte)) {
      const rows: StoredTuple[] = []
      for (const [keyBytes, bytes] of entries) {
        const key = keys.readTupleKey(keyBytes)
        if (!matches(key)) continue
        const tuple = values.unpackTuple(key, bytes)
        if (!values.isExpired(tuple, this.now)) rows.push(tuple)
      }
      yield rows
    }
  }

  #tuplesUnder(filter: TupleFilter, after: Uint8Array | undefined): AsyncGenerator<StoredTuple[]> {
    const prefix = keys.tuplePrefix(this.#number, filter)
    const { relation, subject } = filter
    return this.#tupleRows(
      prefix,
      (key) =>
        (relation === undefined || key.relation === relation) &&
        (subject === undefined || key.subject === subject),
      after === undefined ? prefix : keys.keyAfter(tupleKeyAt(this.#number, after)),
    )
  }

  /** Tuples of one subject, found by its placements; these have the order of tuple keys. */
  async *#tuplesOf(
    subject: string,
    { type, relation }: TupleFilter,
    after: Uint8Array | undefined,
  ): AsyncGenerator<StoredTuple[]> {
    const held = this.#reader.hold()
    try {
      const from = after === undefined ? undefined : keys.readTupleKey(tupleKeyAt(this.#number, after))
      for await (const placements of this.#placementsAfter(held, subject, type, from)) {
        const rows: StoredTuple[] = []
        for (const { object, relation: at } of placements) {
          if ((type !== undefined && typeOf(object) !== type) || (relation ?? at) !== at) continue
          const bytes = held.get(keys.tupleKey(this.#number, object, at, subject))
          if (bytes === undefined) continue
          const tuple = values.unpackTuple({ object, relation: at, subject }, bytes)
          if (!values.isExpired(tuple, this.now)) rows.push(tuple)
        }
        yield rows
      }
    } finally {
      held.release()
    }
  }

  async *#placementsAfter(
    reader: Reader,
    subject: string,
    type: string | undefined,
    from: Placement | undefined,
  ): AsyncGenerator<readonly Placed[]> {
    const listed = readReverse(reader, this.#number, subject)
    if (listed !== undefined) {
      yield from === undefined ? listed : listed.filter((one) => keys.comparePlacement(one, from) > 0)
      return
    }
    const prefix = keys.placementPrefix(this.#number, subject, type)
    const gte =
      from === undefined
        ? prefix
        : keys.keyAfter(keys.placementKey(this.#number, subject, from.object, from.relation))
    for await (const entries of reader.scan({ gte, lt: keys.prefixEnd(prefix) }, chunkRows)) {
      yield entries.map(placedIn)
    }
  }

  /** A step of the walk over objects: small objects in one chunk, the rest of a large one jumped over. */
  async #nextObjects(
    held: HeldReader,
    type: string,
    gte: Buffer,
  ): Promise<{ readonly objects: readonly string[]; readonly next: Buffer | undefined }> {
    const lt = keys.prefixEnd(keys.tuplePrefix(this.#number, { type }))
    const objects: string[] = []
    for await (const entries of held.scan({ gte, lt }, objectChunkRows)) {
      for (const [keyBytes, bytes] of entries) {
        const key = keys.readTupleKey(keyBytes)
        if (objects.at(-1) === key.object) continue
        if (!values.isExpired(values.unpackTuple(key, bytes), this.now)) objects.push(key.object)
      }
      const lastKey = entries.at(-1)?.[0]
      if (lastKey === undefined) break
      const last = keys.readTupleKey(lastKey)
      const isListed = objects.at(-1) === last.object
      const next = isListed
        ? keys.tuplesAfterObject(this.#number, type, last.object.slice(type.length + 1))
        : keys.keyAfter(lastKey)
      return { objects, next }
    }
    return { objects, next: undefined }
  }

  #modelFrom(reader: Reader, id: string): StoredModel {
    const known = this.#sight.models.get(id)
    if (known !== undefined) return known
    const bytes = reader.get(keys.modelKey(this.#number, id))
    if (bytes === undefined) throw new Fault('internal_error', `model ${id} is listed and missing`)
    return modelIn(id, bytes)
  }
}

class PinnedStoreView extends StoreView implements PinnedView {
  readonly #held: HeldReader

  constructor(sight: Sight, held: HeldReader) {
    super(sight, held)
    this.#held = held
  }

  release(): void {
    this.#held.release()
  }
}

function placedIn([key, bytes]: Entry): Placed {
  const { object, relation } = keys.readPlacementKey(key)
  return { object, relation, qualified: isQualifiedValue(bytes) }
}

function modelIn(id: string, bytes: Buffer): StoredModel {
  const { revision, document } = values.unpackDocument<ModelJson>(bytes)
  return { id, revision, json: document }
}

function entityIn(type: string, id: string, bytes: Buffer): Entity {
  const { revision, document } = values.unpackDocument<JsonObject>(bytes)
  return { type, id, attributes: document, revision }
}

/** A position among tuples: the tuple row's key without kind and store, so that it names no other store's row. */
function positionOf(store: number, { object, relation, subject }: StoredTuple): Buffer {
  return keys.tupleKey(store, object, relation, subject).subarray(keys.prefixBytes)
}

function tupleKeyAt(store: number, position: Uint8Array): Buffer {
  return Buffer.concat([keys.tuplePrefix(store, {}), position])
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
