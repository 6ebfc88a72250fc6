/**
 * What the doors tell of every answer they give, Hono and fast lane alike: the one hook for metrics, decision log and
 * traces. Types, and the witness that listens to nobody.
 */
import type { Caller } from '../callers/caller.ts'
import type { FaultCode } from '../lib/fault.ts'
import type {
  BatchCheckAnswer,
  BatchCheckRequest,
  CheckAnswer,
  CheckRequest,
  ListObjectsRequest,
  ListUsersRequest,
} from '../service/requests.ts'

/** What an answer decided, and about what. */
export type Told =
  | CheckTold
  | BatchTold
  | { readonly verb: 'list-objects'; readonly request: ListObjectsRequest; count?: number }
  | { readonly verb: 'list-users'; readonly request: ListUsersRequest; count?: number }
export interface CheckTold {
  readonly verb: 'check'
  readonly request: CheckRequest
  answer?: CheckAnswer
}
export interface BatchTold {
  readonly verb: 'batch-check'
  readonly request: BatchCheckRequest
  answer?: BatchCheckAnswer
}

/** One answer, whole. */
export interface Seen {
  /** The route, by the name of its verb. */
  readonly name: string
  readonly lane: boolean
  readonly status: number
  /** Milliseconds since the epoch, of the end; and how long it took. */
  readonly at: number
  readonly elapsedMs: number
  readonly requestId: string
  readonly caller: Caller
  readonly store: string | undefined
  readonly zookie: string | undefined
  readonly model: string | undefined
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
  /** Why it was refused. */
  readonly fault: FaultCode | undefined
  readonly told: Told | undefined
}

/** The numbers of one verb on one of the ways to it. */
export interface Meter {
  add(status: number, elapsedMs: number): void
}

export interface Witness {
  /** To be asked for once, when a door opens. */
  meter(name: string, lane: boolean): Meter
  /** A check, or an item of a batch. */
  decided(result: boolean | Error | undefined): void
  /** Who wants to know all of it; undefined: nobody, and nothing is put together. */
  readonly detail: ((seen: Seen) => void) | undefined
}

export function countDecisions(witness: Witness, told: Told): void {
  if (told.verb === 'check') witness.decided(told.answer?.allowed)
  else if (told.verb === 'batch-check' && told.answer !== undefined) {
    for (const result of told.answer.results.values()) witness.decided(result)
  }
}

export const nobody: Witness = Object.freeze({
  meter: () => ({ add() {} }),
  decided() {},
  detail: undefined,
})
