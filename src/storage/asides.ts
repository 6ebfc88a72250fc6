/** Documents beside the log as rows, each sealed: nothing else vouches for them. What is in them is the callers' business. */
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Disk } from './disk.ts'
import * as keys from './keys.ts'
import { packText, unpackText } from './sealed.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Change } from './storage.ts'

export function* stageAsides(stage: Stage, store: number, { asides = [] }: Change, slice: Slice): Work<void> {
  for (const { type, id, attributes } of asides) {
    const key = keys.asideKey(store, type, id)
    if (attributes === undefined) stage.delete(key)
    else stage.put(key, packText(key, JSON.stringify(attributes)))
    if (slice.isOver) yield
  }
}

/** @throws Fault internal_error where the row is not what was written */
export function readAside(key: Buffer, bytes: Buffer): JsonObject {
  const attributes = believed(key, bytes)
  if (attributes !== undefined) return attributes
  throw new Fault('internal_error', `${nameOf(key)} is damaged; stop Kith and see \`kith doctor\``)
}

/** Keys of those that are not what was written. O(documents beside the log of the store) */
export async function* damagedAsides(
  disk: Pick<Disk, 'scan'>,
  store: number,
): AsyncGenerator<{ readonly key: Buffer; readonly name: string }> {
  const prefix = keys.kindPrefix(keys.kind.aside, store)
  for await (const rows of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
    for (const [key, bytes] of rows) {
      if (believed(key, bytes) === undefined) yield { key, name: nameOf(key) }
    }
  }
}

function believed(key: Buffer, bytes: Buffer): JsonObject | undefined {
  const text = unpackText(key, bytes)
  try {
    return text === undefined ? undefined : (JSON.parse(text) as JsonObject)
  } catch {
    return undefined
  }
}

function nameOf(key: Buffer): string {
  const { type, id } = keys.readEntityKey(key)
  return `the document ${type}:${id}, which is beside the log,`
}
