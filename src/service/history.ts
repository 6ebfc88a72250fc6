/**
 * The log of a store as its owners see it: every revision, of models, assertions and entities too, with who made it.
 * What OpenFGA's clients see of it is changes.ts; what comes next is watch.ts.
 */
import { Fault } from '../lib/fault.ts'
import type { Storage } from '../storage/storage.ts'
import { lastBefore } from './changes.ts'
import { freshEnough, type Ground, pinned, viewOf } from './ground.ts'
import { pageSizeOf } from './page.ts'
import { type Place, parsePlace, printPlace } from './place.ts'
import type {
  HistoryAnswer,
  HistoryRequest,
  LoggedChange,
  StoreChangesAnswer,
  StoreChangesRequest,
  WatchRequest,
} from './requests.ts'
import { type Part, stretchOf } from './stretch.ts'

/** Oldest first. @throws Fault invalid_zookie, log_forked, invalid_continuation_token, invalid_start_time, page_size_invalid */
export async function history(ground: Ground, request: HistoryRequest): Promise<HistoryAnswer> {
  const { store, endTime, continuationToken: token = '' } = request
  await freshEnough(ground, request)
  const max = pageSizeOf(request.pageSize)
  const place = token === '' ? await placeAt(ground, request, 0) : await placeAfter(ground, store, token)
  return pinned(viewOf(ground, store), async (view) => {
    const terms = { filter: request, max, ...(endTime === undefined ? {} : { endTime }) }
    const { parts, next } = await stretchOf(view, ground.log, place, terms)
    return {
      zookie: ground.storage.zookie(store, view.revision),
      changes: parts.map((part) => loggedChange(ground.storage, store, part)),
      continuationToken: printPlace(ground.storage, store, next),
    }
  })
}

/** What happened to stores themselves, deleted ones too; oldest first. */
export async function storeChanges(
  ground: Ground,
  request: StoreChangesRequest,
): Promise<StoreChangesAnswer> {
  const limit = pageSizeOf(request.pageSize)
  const cursor = ground.cursors.for('store-changes', '', {})
  const { rows, next } = await ground.storage.storeChanges(limit, cursor.open(request.continuationToken))
  return { changes: rows, continuationToken: cursor.seal(next) }
}

/** A place that a client kept, once this storage has come as far. @throws Fault not_yet_fresh, those of parsePlace */
export async function placeAfter(ground: Ground, store: string, text: string): Promise<Place> {
  const place = parsePlace(ground.storage, store, text)
  await ground.storage.waitFor(store, place.revision, ground.options.zookieWaitMs)
  return place
}

/** Before the first change from an instant on; after revision `otherwise` where none is named. @throws Fault invalid_start_time */
export async function placeAt(
  ground: Ground,
  { store, startTime }: WatchRequest,
  otherwise: number,
): Promise<Place> {
  if (startTime === undefined) return { revision: otherwise, skip: 0 }
  const view = viewOf(ground, store)
  if (startTime > view.now) throw new Fault('invalid_start_time', 'Invalid start time')
  return { revision: await pinned(view, (pin) => lastBefore(pin, startTime)), skip: 0 }
}

export function loggedChange(
  storage: Storage,
  store: string,
  { entry, tuples, documents, after }: Part,
): LoggedChange {
  const { revision, timestamp, provenance, model, entities, assertions } = entry
  return {
    revision,
    timestamp,
    ...(provenance === undefined ? {} : { provenance }),
    tuples,
    ...(documents && model !== undefined ? { model } : {}),
    ...(documents && entities !== undefined ? { entities } : {}),
    ...(documents && assertions !== undefined ? { assertions } : {}),
    more: after.revision < revision,
    cursor: printPlace(storage, store, after),
  }
}
