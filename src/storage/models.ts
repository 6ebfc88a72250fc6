/** The models that were read lately. Knows nothing of rows or revisions. */
import { Lru } from '../lib/lru.ts'
import type { StoredModel } from './storage.ts'

const modelsMax = 1_000
/** Bytes of their rows; as objects they take some three times as much. */
const bytesMax = 8 << 20

interface Kept {
  readonly model: StoredModel
  readonly bytes: number
}

/** Of all stores together: their number is nobody's to bound, and neither is that of a tenant's models. */
const kept = new Lru<string, Kept>(modelsMax, { weightMax: bytesMax, weigh: ({ bytes }) => bytes })
let owners = 0

/** Models of one store as read: a request names its model again and again, and parsing it takes a millisecond. */
export class ModelCache {
  /** A number that no other has, nor this one before it was cleared. */
  #owner = ++owners

  get(id: string): StoredModel | undefined {
    return kept.get(`${this.#owner}/${id}`)?.model
  }

  /** @param bytes - of its row */
  put(model: StoredModel, bytes: number): void {
    kept.set(`${this.#owner}/${model.id}`, { model, bytes })
  }

  /** After a batch was lost: a judge may have read models that it brought. */
  clear(): void {
    this.#owner = ++owners
  }
}
