/** What memory does for checks and what it takes, for operators: numbers over all stores, naming none of them. A shape. */

export interface MemoryReport {
  /** Checks since the start that might be answered from memory, by what answered them. */
  readonly checks: {
    /** The graph of tuples. */
    readonly graph: number
    /** A decision that had taken a walk before. */
    readonly decisions: number
    /** A walk. */
    readonly walked: number
  }
  /** Answers from memory that were decided again without it, and how many came out otherwise: each a bug in Kith. */
  readonly samples: { readonly taken: number; readonly mismatches: number }
  /** About. */
  readonly bytes: {
    readonly graph: number
    readonly graphMax: number
    readonly decisions: number
    readonly decisionsMax: number
    /** The table that tells whether a decision still holds; of fixed size. */
    readonly stripes: number
  }
  /** Times that what was not used lately was let go, for room. */
  readonly forgotten: number
  /** Milliseconds after which nothing in memory is used any more. */
  readonly windowMs: number
}
