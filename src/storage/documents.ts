/** The documents of a commit as rows: models, assertions, entities. What tuples become is in layout.ts. */
import { isDeepStrictEqual } from 'node:util'
import { assert } from '../lib/assert.ts'
import * as keys from './keys.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Change, ChangeEntry } from './storage.ts'
import * as values from './values.ts'

interface Documents {
  readonly told: Pick<ChangeEntry, 'model' | 'entities' | 'assertions'>
  /** Of the rows written: the model's, of each entity put, the assertions'. */
  readonly digests: string
}

/** Whether `stageDocuments` has anything to do. */
export function hasDocuments({ model, assertions, putEntities, deleteEntities }: Change): boolean {
  return (model ?? assertions ?? putEntities ?? deleteEntities) !== undefined
}

/** Stages models, assertions and entities; undefined when none of them changes. */
export function* stageDocuments(
  stage: Stage,
  store: number,
  change: Change,
  revision: number,
  slice: Slice,
): Work<Documents | undefined> {
  const { model, assertions } = change
  let digests = ''
  const put = (key: Buffer, row: Buffer): void => {
    stage.put(key, row)
    digests += values.digestOf(row)
  }
  if (model !== undefined) {
    const key = keys.modelKey(store, model.id)
    assert(stage.get(key) === undefined, `model ${model.id} exists`)
    put(key, values.packDocument(revision, JSON.stringify(model.json)))
    stage.put(keys.modelOrderKey(store, revision), values.pack(model.id))
  }
  const entities = yield* stageEntities({ stage, put }, store, change, revision, slice)
  const asserted = assertions !== undefined && stageAssertions({ stage, put }, store, assertions)
  if (model === undefined && !asserted && entities.length === 0) return undefined
  const told = {
    ...(model === undefined ? {} : { model: model.id }),
    ...(entities.length === 0 ? {} : { entities }),
    ...(asserted ? { assertions: assertions.model } : {}),
  }
  return { told, digests }
}

interface Sink {
  readonly stage: Stage
  readonly put: (key: Buffer, row: Buffer) => void
}

function stageAssertions(
  { stage, put }: Sink,
  store: number,
  { model, assertions }: NonNullable<Change['assertions']>,
): boolean {
  const key = keys.assertionsKey(store, model)
  const bytes = values.pack(JSON.stringify(assertions))
  if (stage.get(key)?.equals(bytes) === true) return false
  put(key, bytes)
  return true
}

function* stageEntities(
  { stage, put }: Sink,
  store: number,
  { putEntities = [], deleteEntities = [] }: Change,
  revision: number,
  slice: Slice,
): Work<NonNullable<ChangeEntry['entities']>> {
  const changed: { operation: 'put' | 'delete'; entity: string }[] = []
  for (const { type, id } of deleteEntities) {
    if (slice.isOver) yield
    const key = keys.entityKey(store, type, id)
    if (stage.get(key) === undefined) continue
    stage.delete(key)
    changed.push({ operation: 'delete', entity: `${type}:${id}` })
  }
  for (const { type, id, attributes } of putEntities) {
    if (slice.isOver) yield
    const key = keys.entityKey(store, type, id)
    const bytes = stage.get(key)
    const text = JSON.stringify(attributes)
    if (bytes !== undefined && isSameDocument(bytes, text)) continue
    put(key, values.packDocument(revision, text))
    changed.push({ operation: 'put', entity: `${type}:${id}` })
  }
  return changed
}

/** The fields of one may be in another order. */
function isSameDocument(bytes: Buffer, text: string): boolean {
  const [, stored] = values.unpack<[number, string]>(bytes)
  // In another order it is as long.
  if (stored === text || stored.length !== text.length) return stored === text
  return isDeepStrictEqual(JSON.parse(stored), JSON.parse(text))
}
