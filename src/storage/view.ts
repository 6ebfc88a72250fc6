/**
 * A View over any reader: rows become edges, tuples, models, entities. Reads one revision only; what is applied and
 * what is not is the reader's business (reader.ts).
 */
import { ahead } from '../lib/ahead.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type { Provenance, StoredTuple } from '../tuple/tuple.ts'
import { readAside } from './asides.ts'
import { lastText } from './components.ts'
import type { Entry } from './disk.ts'
import { readEdges } from './edges.ts'
import { unpackChange, unpackChangeOrigin } from './entries.ts'
import { isPlain } from './forward.ts'
import * as keys from './keys.ts'
import type { ModelCache } from './models.ts'
import type { HeldReader, Reader } from './reader.ts'
import { readPlacements, readReverse } from './reverse.ts'
import { type Ground, nextObjects, searchTuples, tuplesUnder } from './search.ts'
import type {
  Aside,
  Assertions,
  ChangeEntry,
  Edges,
  Enough,
  Entity,
  EntityRow,
  Page,
  PinnedView,
  Placed,
  StoredModel,
  TupleFilter,
  View,
} from './storage.ts'
import * as values from './values.ts'

/** Rows in one step of a scan. */
const chunkRows = 1000

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
    for await (const rows of tuplesUnder(this.#ground, prefix, (key) => isPlain(key.subject))) {
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
    return searchTuples(this.#ground, filter, limit, after)
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
        const step = await nextObjects({ ...this.#ground, reader: held }, type, gte)
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

  madeBy(revision: number): Provenance | undefined {
    const row = this.#reader.get(keys.changeKey(this.#number, revision))
    return row === undefined ? undefined : unpackChangeOrigin(row)
  }

  async changes(after: number, limit: number, enough?: Enough): Promise<readonly ChangeEntry[]> {
    const found: ChangeEntry[] = []
    let [tuples, bytes] = [0, 0]
    if (limit <= 0) return found
    const gte = keys.changeKey(this.#number, after + 1)
    const lt = keys.prefixEnd(keys.kindPrefix(keys.kind.change, this.#number))
    for await (const entries of this.#reader.scan({ gte, lt }, Math.min(limit, 100))) {
      for (const [key, row] of entries) {
        const entry = unpackChange(keys.revisionIn(key), row)
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

  entities(type: string, limit: number, after?: Uint8Array, idPrefix = ''): Promise<Page<Entity>> {
    return this.#documents(keys.entityKey, { type, limit, after, idPrefix }, ([_, bytes], id) =>
      entityIn(type, id, bytes),
    )
  }

  async *allEntities(type: string): AsyncGenerator<readonly EntityRow[]> {
    const gte = keys.entityKey(this.#number, type, '')
    const start = keys.textStart(gte)
    for await (const entries of ahead(this.#reader.scanText({ gte, lt: keys.prefixEnd(gte) }, chunkRows))) {
      yield entries.map(([key, row]) => ({
        id: keys.lastInText(key, start),
        attributes: values.documentInText(row),
      }))
    }
  }

  aside(type: string, id: string): JsonObject | undefined {
    const key = keys.asideKey(this.#number, type, id)
    const bytes = this.#reader.get(key)
    return bytes === undefined ? undefined : readAside(key, bytes)
  }

  asides(type: string, limit: number, after?: Uint8Array, idPrefix = ''): Promise<Page<Aside>> {
    return this.#documents(keys.asideKey, { type, limit, after, idPrefix }, ([key, bytes], id) => ({
      type,
      id,
      attributes: readAside(key, bytes),
    }))
  }

  pin(): PinnedView {
    return new PinnedStoreView(this.#sight, this.#reader.hold())
  }

  get #ground(): Ground {
    return { reader: this.#reader, store: this.#number, now: this.now }
  }

  /** @param keyOf - of rows whose key is store, type, id */
  async #documents<Row extends { readonly id: string }>(
    keyOf: (store: number, type: string, id: string) => Buffer,
    { type, limit, after, idPrefix }: DocumentsAsked,
    read: (entry: Entry, id: string) => Row,
  ): Promise<Page<Row>> {
    const prefix = keyOf(this.#number, type, '')
    const begin = keyOf(this.#number, type, idPrefix)
    const gte = after === undefined ? begin : keys.keyAfter(Buffer.concat([prefix, after]))
    const range = { gte, lt: keys.prefixEnd(begin) }
    const rows: Row[] = []
    // In equal parts: the last of them brings no rows that nobody asked for.
    const parts = Math.ceil((limit + 1) / chunkRows)
    for await (const entries of this.#reader.scan(range, Math.ceil((limit + 1) / parts))) {
      for (const entry of entries) rows.push(read(entry, lastText(entry[0], prefix.length)))
      if (rows.length > limit) break
    }
    const last = rows[limit - 1]
    if (rows.length <= limit || last === undefined) return { rows, next: undefined }
    const next = keyOf(this.#number, type, last.id).subarray(prefix.length)
    return { rows: rows.slice(0, limit), next }
  }

  #scan(prefix: Buffer, gte = prefix): AsyncGenerator<Entry[]> {
    return this.#reader.scan({ gte, lt: keys.prefixEnd(prefix) }, chunkRows)
  }

  #modelFrom(reader: Reader, id: string): StoredModel {
    const known = this.#sight.models.get(id)
    if (known !== undefined) return known
    const bytes = reader.get(keys.modelKey(this.#number, id))
    if (bytes === undefined) throw new Fault('internal_error', `model ${id} is listed and missing`)
    return modelIn(id, bytes)
  }
}

/** A page of documents of one type. */
interface DocumentsAsked {
  readonly type: string
  readonly limit: number
  readonly after: Uint8Array | undefined
  readonly idPrefix: string
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

function modelIn(id: string, bytes: Buffer): StoredModel {
  const { revision, document } = values.unpackDocument<ModelJson>(bytes)
  return { id, revision, json: document }
}

function entityIn(type: string, id: string, bytes: Buffer): Entity {
  const { revision, document } = values.unpackDocument<JsonObject>(bytes)
  return { type, id, attributes: document, revision }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
