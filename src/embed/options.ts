/** What `openKith` can be told, judged: the names and ranges are those of the sidecar's options, config.ts. */
import { configOptions } from '../config.ts'
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { StorageOptions } from '../storage/open.ts'
import type { Bounds } from './kith.ts'
import * as s from './shape.ts'

const read = s.object<Bounds & { readonly data?: string; readonly memory?: true }>({
  data: s.optional(s.id),
  memory: s.optional(s.yes),
  // In code, unlike on the command line, there is a way to say: none.
  resolveDepth: bound('resolveDepth', true),
  requestTimeoutMs: bound('requestTimeoutMs'),
  listDeadlineMs: bound('listDeadlineMs'),
  listMax: bound('listMax'),
  tuplesPerWriteMax: bound('tuplesPerWriteMax'),
  checksPerBatchMax: bound('checksPerBatchMax'),
  zookieWaitMs: bound('zookieWaitMs'),
  cacheBytesMax: bound('cacheBytesMax'),
  cacheWindowMs: bound('cacheWindowMs'),
  decisionBytesMax: bound('decisionBytesMax'),
  sampleEvery: bound('sampleEvery'),
})

/** @throws Fault validation_error */
export function settled(options: unknown): { readonly place: StorageOptions; readonly bounds: Bounds } {
  const { data, memory, ...bounds } = read(options, 'openKith')
  if (data !== undefined && memory === undefined) return { place: { path: data }, bounds }
  if (data === undefined && memory !== undefined) return { place: { memory }, bounds }
  throw new Fault('validation_error', 'openKith: give one place, `data` (a folder) or `memory: true`')
}

function bound(field: keyof Bounds, endless = false): { readonly optional: s.Decode<number> } {
  const range = configOptions.find((option) => option.field === field)?.range
  assert(range !== undefined, `no range is known for ${field}`)
  return s.optional(s.within(range[0], range[1], endless))
}
