/** The models of a store that were read lately. Knows nothing of rows or revisions. */
import type { StoredModel } from './storage.ts'

/** Models as read, the last few of a store: a request names its model again and again, and parsing it takes a millisecond. */
export class ModelCache {
  readonly #models = new Map<string, StoredModel>()

  get(id: string): StoredModel | undefined {
    return this.#models.get(id)
  }

  put(model: StoredModel): void {
    const oldest = this.#models.keys().next()
    if (this.#models.size >= 16 && oldest.value !== undefined) this.#models.delete(oldest.value)
    this.#models.set(model.id, model)
  }

  /** After a batch was lost: a judge may have read models that it brought. */
  clear(): void {
    this.#models.clear()
  }
}
