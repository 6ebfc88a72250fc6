/**
 * Pages of stored tuples: those that match one filter, then those of the next, each in key order. The rows of a resource
 * or of a group, level by level. Exact at the sight's revision.
 */
import type { JsonObject } from '../../lib/json.ts'
import type { TupleFilter } from '../../storage/storage.ts'
import type { StoredTuple } from '../../tuple/tuple.ts'
import type { Ground } from '../ground.ts'
import type { Sight } from '../sight.ts'
import { type Page, type PageRequest, pageSizeOf } from './page.ts'

export interface Segment<Of> {
  readonly filter: TupleFilter
  /** What its tuples mean. */
  readonly of: Of
}

/**
 * A page may be the last and say that there is another, which is empty then.
 * @param question - all that decides which rows there are: a token is of one question
 * @param row - what is shown of a tuple; undefined leaves it out
 * @param patienceMs - after which a page ends, however short
 * @throws Fault invalid_continuation_token, invalid_field
 */
export async function pageOfSegments<Of, Row>(
  ground: Ground,
  { view }: Sight,
  segments: readonly Segment<Of>[],
  request: Omit<PageRequest, 'q'>,
  question: JsonObject,
  row: (tuple: StoredTuple, of: Of) => Row | undefined | Promise<Row | undefined>,
  patienceMs = Number.POSITIVE_INFINITY,
): Promise<Page<Row>> {
  const until = performance.now() + patienceMs
  const limit = pageSizeOf(request.pageSize)
  const cursor = ground.service.cursors.for('page of tuples', view.store, question)
  const position = cursor.open(request.continuationToken)
  let at = position?.[0] ?? 0
  let after = position === undefined || position.length === 1 ? undefined : position.subarray(1)
  const rows: Row[] = []
  for (; at < segments.length; at++, after = undefined) {
    const segment = segments[at]
    if (segment === undefined) break
    do {
      if (rows.length === limit || performance.now() > until)
        return { rows, continuationToken: cursor.seal(positionOf(at, after)) }
      const found = await view.tuples(segment.filter, limit - rows.length, after)
      for (const tuple of found.rows) {
        const shown = await row(tuple, segment.of)
        if (shown !== undefined) rows.push(shown)
      }
      after = found.next
    } while (after !== undefined)
  }
  return { rows, continuationToken: '' }
}

function positionOf(segment: number, after: Uint8Array | undefined): Uint8Array {
  return Buffer.concat([Buffer.from([segment]), after ?? Buffer.alloc(0)])
}
