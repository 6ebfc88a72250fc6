/**
 * Places in a store's log, as text that clients keep: the zookie of the last revision seen whole, and within a revision
 * how many of its tuples were seen. Of the log, not of a question: any filter may go on from any place.
 *
 *   zookie           after that revision
 *   zookie~COUNT     and after so many tuples of the next one
 */
import { Fault } from '../lib/fault.ts'
import type { Storage } from '../storage/storage.ts'

export interface Place {
  readonly revision: number
  /** Tuples of the revision after it. */
  readonly skip: number
}

export function printPlace(storage: Storage, store: string, { revision, skip }: Place): string {
  const zookie = storage.zookie(store, revision)
  return skip === 0 ? zookie : `${zookie}~${skip}`
}

/** @throws Fault invalid_zookie, log_forked, store_id_not_found, invalid_continuation_token */
export function parsePlace(storage: Storage, store: string, text: string): Place {
  const [zookie = '', count, ...rest] = text.split('~')
  const revision = storage.revisionOf(store, zookie)
  if (count === undefined) return { revision, skip: 0 }
  if (rest.length > 0 || !/^[1-9]\d{0,8}$/.test(count)) {
    throw new Fault('invalid_continuation_token', 'Invalid continuation token')
  }
  return { revision, skip: Number(count) }
}
