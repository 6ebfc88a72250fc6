/** Stored tuples by filter, in key order, page by page. No model, no rewriting: that is what lists are for. */
import { filterOf } from './filter.ts'
import { freshEnough, type Ground, pinned, viewOf } from './ground.ts'
import { pageSizeOf } from './page.ts'
import type { ReadAnswer, ReadRequest } from './requests.ts'

/** Each page is exact at its own revision. @throws Fault validation_error, page_size_invalid, invalid_continuation_token */
export async function read(ground: Ground, request: ReadRequest): Promise<ReadAnswer> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const filter = request.filter === undefined ? {} : filterOf(request.filter)
  const limit = pageSizeOf(request.pageSize)
  const cursor = ground.cursors.for('read', request.store, { ...filter })
  const after = cursor.open(request.continuationToken)
  const { rows, next } = await pinned(view, (pin) => pin.tuples(filter, limit, after))
  return {
    zookie: ground.storage.zookie(request.store, view.revision),
    tuples: rows,
    continuationToken: cursor.seal(next),
  }
}
