/**
 * A group: commits that share one batch and one fsync. Each is built over what the earlier ones leave; what comes out
 * is rows (stage) and the next state of every store touched (pending), applied together when the batch has landed.
 */
import { Fault } from '../lib/fault.ts'
import type { Heads } from './heads.ts'
import { ModelCache } from './models.ts'
import { logEndName } from './names.ts'
import type { Reader } from './reader.ts'
import type { StoreRow } from './sealed.ts'
import { Slice } from './slice.ts'
import { Stage } from './stage.ts'
import type { ChangeEntry } from './storage.ts'
import { packHead, type StoreHead } from './values.ts'
import type { StoreView } from './view.ts'

/** What memory knows of a store: the applied state, replaced as a whole when a batch lands. */
export interface StoreFacts {
  readonly row: StoreRow
  readonly head: StoreHead
  /** Every `type#relation` that some model of the store has used as a tupleset. */
  readonly tuplesets: ReadonlySet<string>
  /** Those of them whose spread heads may still wait to be laid on pages. */
  readonly relaying: readonly string[]
}

export interface Waiter {
  readonly revision: number
  readonly resolve: () => void
}

export class StoreState {
  /** Given once, in keys. */
  readonly number: number
  facts: StoreFacts
  readonly models = new ModelCache()
  readonly waiters = new Set<Waiter>()
  /** The zookie of the head: every answer carries it. */
  zookie: { readonly revision: number; readonly text: string } | undefined
  /** The view that was given out last. */
  view: StoreView | undefined

  constructor(number: number, facts: StoreFacts) {
    this.number = number
    this.facts = facts
  }

  /** Resolves when the revision is applied. @throws Fault not_yet_fresh after `waitMs` */
  async reached(revision: number, waitMs: number): Promise<void> {
    if (this.facts.head.revision >= revision) return
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        revision,
        resolve: () => {
          clearTimeout(timer)
          this.waiters.delete(waiter)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        this.waiters.delete(waiter)
        reject(new Fault('not_yet_fresh', `revision ${revision} is not there yet; try again`))
      }, waitMs)
      this.waiters.add(waiter)
    })
  }
}

/** One accepted commit's next state and, where it made a revision, its entry. */
interface Accepted {
  readonly state: StoreState
  readonly facts: StoreFacts
  readonly entry: ChangeEntry | undefined
}

export class Group {
  readonly stage: Stage
  /** Of whoever builds the group, one commit after the other. */
  readonly slice = new Slice()
  readonly accepted: Accepted[] = []
  readonly #pending = new Map<StoreState, StoreFacts>()
  readonly #heads: Heads | undefined

  /** @param heads - of the state that `reader` reads; none are kept of a group that never lands */
  constructor(reader: Reader, heads?: Heads) {
    this.#heads = heads
    this.stage = new Stage(reader, heads)
  }

  /** The state of a store after the commits accepted so far. */
  factsOf(state: StoreState): StoreFacts {
    return this.#pending.get(state) ?? state.facts
  }

  /** A store is being made, with a number that none has. */
  begin(store: number): void {
    this.#heads?.begin(store)
  }

  /** Stages where the logs end that it made longer: once, however many commits came to each. When all are built. */
  close(): void {
    for (const [{ number, facts }, { head }] of this.#pending) {
      if (head !== facts.head) this.stage.put(logEndName(number), packHead(head))
    }
  }

  /** Takes the rows of one commit over; from here on it stands or falls with the group. */
  accept(state: StoreState, stage: Stage, facts: StoreFacts, entry?: ChangeEntry): void {
    this.stage.absorb(stage)
    this.#pending.set(state, facts)
    this.accepted.push({ state, facts, entry })
  }
}
