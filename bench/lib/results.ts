/** Everything one run of the benches found out. */
import type { FreshnessResult } from '../freshness.ts'
import type { HttpResult } from '../http.ts'
import type { ImportResult } from '../import.ts'
import type { InProcessResult } from '../in-process.ts'
import type { ListResult } from '../lists.ts'
import type { NestedResult } from '../nested.ts'
import type { PeerResult } from '../peers.ts'
import type { WritesResult } from '../writes.ts'
import type { Prepared } from './dataset.ts'

export interface Results {
  readonly date: string
  readonly commit: string
  readonly machine: string
  readonly node: string
  readonly scale: string
  readonly rounds: number
  readonly minutes: number
  /** Seconds, by part of the run. */
  readonly took: Readonly<Record<string, number>>
  /** W2 into an empty folder, in process. */
  readonly prepared: Prepared
  readonly import: ImportResult
  readonly http: HttpResult
  /** By case and scenario: `warm W2`. */
  readonly inProcess: Readonly<Record<string, InProcessResult>>
  readonly lists: ListResult
  readonly writes: WritesResult
  readonly peers: Readonly<Record<string, PeerResult>>
  readonly nested: NestedResult
  readonly freshness: FreshnessResult
}
