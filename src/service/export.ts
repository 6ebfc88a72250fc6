/** All tuples of a store at one revision, however long it takes to read them. */

import type { PinnedView } from '../storage/storage.ts'
import type { StoredTuple } from '../tuple/tuple.ts'
import { freshEnough, type Ground, viewOf } from './ground.ts'
import { releasing } from './release.ts'
import type { Answer, StoreRequest } from './requests.ts'

const tuplesPerRead = 1_000

/** In key order. End the iteration, if only by its `return`, to release the state it reads. */
export async function exportTuples(
  ground: Ground,
  request: StoreRequest,
): Promise<Answer & { readonly tuples: AsyncIterable<StoredTuple> }> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store).pin()
  return {
    zookie: ground.storage.zookie(request.store, view.revision),
    tuples: releasing(all(view), () => view.release()),
  }
}

async function* all(view: PinnedView): AsyncGenerator<StoredTuple, undefined> {
  for (let after: Uint8Array | undefined; ; ) {
    const { rows, next } = await view.tuples({}, tuplesPerRead, after)
    yield* rows
    if (next === undefined) return
    after = next
  }
}
