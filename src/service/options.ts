/** The bounds of a Kith, each with its unit and its reason. Where they are read from is config.ts's affair. */
import type { Mismatch } from '../engine/resident/sampler.ts'
import type { View } from '../storage/storage.ts'
import type { Guard } from './guarded.ts'

export interface KithOptions {
  /**
   * Tuple hops a walk may take where the request does not say, in stores that nobody watches over. 25 is what OpenFGA clients
   * expect.
   */
  readonly resolveDepth?: number
  /** Milliseconds a question may take; past it the answer is deadline_exceeded, never a guess. */
  readonly requestTimeoutMs?: number
  /** Milliseconds a list may take; past it the answer is what was found, marked truncated. */
  readonly listDeadlineMs?: number
  /** Names a list without paging may hold. */
  readonly listMax?: number
  /** Writes and deletes of one request; bounds the work of one commit. */
  readonly tuplesPerWriteMax?: number
  readonly checksPerBatchMax?: number
  /** Milliseconds a request waits for the revision of its zookie before it is refused with not_yet_fresh. */
  readonly zookieWaitMs?: number
  /** Compiled models kept in memory, over all stores; one takes from a few KiB to a few MiB. */
  readonly modelsCachedMax?: number
  /** Bytes of tuples kept in memory for the walks, over all stores; about. 0: none are. */
  readonly cacheBytesMax?: number
  /** Bytes of decisions kept because they took a walk; about. 0, or nothing else in memory: none are. */
  readonly decisionBytesMax?: number
  /** Answers from memory to one that is decided again without memory, to be sure. 0: none is. */
  readonly sampleEvery?: number
  /** Told when that came out otherwise: a bug in Kith. Memory is forgotten by then, and the answer given is the other one. */
  readonly onMismatch?: (mismatch: Mismatch) => void
  /** Milliseconds after which nothing kept in memory is used any more, however valid. */
  readonly cacheWindowMs?: number
  /** Watches open at once: each holds a connection, and reads the log at every commit of its store. */
  readonly watchesMax?: number
  /** Milliseconds after which a watch without news says so. Below the idle limits of common proxies. */
  readonly heartbeatMs?: number
  /** Why requests should go elsewhere although storage is well (draining, a follower too far behind). */
  readonly unready?: () => string | undefined
  /** Who watches over the tuples and models of a store, beside its model; undefined: nobody. That hangs on entities with the store's own id alone. */
  readonly guardOf?: (view: View) => Guard | undefined
}

export const defaults: Required<KithOptions> = Object.freeze({
  resolveDepth: 25,
  requestTimeoutMs: 3_000,
  listDeadlineMs: 3_000,
  listMax: 1_000,
  tuplesPerWriteMax: 100,
  checksPerBatchMax: 50,
  zookieWaitMs: 50,
  modelsCachedMax: 1_000,
  cacheBytesMax: 128 << 20,
  decisionBytesMax: 16 << 20,
  sampleEvery: 10_000,
  onMismatch: () => {},
  cacheWindowMs: 300_000,
  watchesMax: 100,
  heartbeatMs: 15_000,
  unready: () => undefined,
  guardOf: () => undefined,
})
