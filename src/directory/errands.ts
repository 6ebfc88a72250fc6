/**
 * Errands: work that a commit leaves to be done, put by that very commit, and so never lost. The runner finds those that
 * are there when it starts, is told of others by the log, and runs each at its time. An errand is done when a commit of
 * its handler removes it; one that is put again meanwhile is run again.
 *
 * INVARIANT: no two runs of one errand at a time. A handler is cut off anywhere by a kill, and then runs again: what it
 * does has to be safe to repeat, step by step.
 */
import type { JsonObject } from '../lib/json.ts'
import type { ChangeEntry, Storage, View } from '../storage/storage.ts'
import type { Draft } from './draft.ts'
import { ErrandLine } from './errand-line.ts'
import { ErrandRuns, GivesWay, runsMax } from './errand-runs.ts'

export interface Errand {
  readonly org: string
  /** `KIND/...`. */
  readonly id: string
  /** As they are when the run begins. */
  readonly attributes: JsonObject
}

/**
 * Does some or all of it, by commits of its own. What it throws is told, and tried again later, ever more slowly; not what the signal
 * says: then others have their turn first.
 */
type Handler = (errand: Errand, signal: AbortSignal) => Promise<void>

/** Leaves an errand, in place of one of that id. @param due - milliseconds since the epoch */
export function leaveErrand(draft: Draft, id: string, attributes: JsonObject, due = draft.view.now): void {
  draft.put(errandEntity, id, { ...attributes, due })
}

export function endErrand(draft: Draft, id: string): void {
  draft.remove(errandEntity, id)
}

/** What is left of one; undefined: it is done. */
export function errandOf(draft: Pick<Draft, 'entity'>, id: string): JsonObject | undefined {
  return draft.entity(errandEntity, id)
}

/** Ids of those that begin so, up to `most`. */
export async function errandsBegun(view: View, begin: string, most: number): Promise<readonly string[]> {
  const { rows } = await view.entities(errandEntity, most, undefined, begin)
  return rows.map(({ id }) => id)
}

const errandEntity = '@errand'
/** Milliseconds to the first repetition, doubled up to the last. */
const repeatMinMs = 200
const repeatMaxMs = 60_000
/** Timers take no longer. */
const timerMaxMs = 2 ** 31 - 1
/** What no longer waits and is queued still, beyond as many as do. */
const leftMax = 1_000
/** Read in one step at the start. */
const scanStep = 1000

export interface ErrandsOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly onFailure?: (errand: Errand, failure: unknown) => void
}

/** How a kind is run. */
interface Manner {
  /** Runs of it at a time: those that wait for another machine leave room for the others. */
  readonly most?: number
  /** Whether a run goes on to its end, whoever waits: what it does is not to be done again. */
  readonly isWhole?: boolean
}

export class Errands {
  readonly #storage: Pick<Storage, 'view' | 'store' | 'stores' | 'onApplied'>
  readonly #handlers = new Map<string, { readonly handler: Handler } & Required<Manner>>()
  readonly #options: ErrandsOptions
  /** By organization and id: when it is due, and how often it failed since it last did not. */
  readonly #waiting = new Map<string, Waiting>()
  /** The same by kind; and what no longer waits, until it is met or is too much. */
  readonly #lines = new Map<string, ErrandLine<Waiting>>()
  #queued = 0
  readonly #runs = new ErrandRuns(() => this.#wake())
  #timer: NodeJS.Timeout | undefined
  #isStarted = false
  #isStopping = false
  #stopListening: (() => void) | undefined

  constructor(
    storage: Pick<Storage, 'view' | 'store' | 'stores' | 'onApplied'>,
    options: ErrandsOptions = {},
  ) {
    this.#storage = storage
    this.#options = options
  }

  /** @param kind - what ids begin with, before the first `/` */
  handle(kind: string, handler: Handler, { most = runsMax, isWhole = false }: Manner = {}): void {
    this.#handlers.set(kind, { handler, most, isWhole })
  }

  /** Finds what was left over and begins. Resolves when it was looked for everywhere. */
  async start(): Promise<void> {
    this.#stopListening = this.#storage.onApplied((store, entry) => this.#follow(store, entry))
    this.#isStarted = true
    for (let after: string | undefined, more = true; more && !this.#isStopping; ) {
      const { rows, next } = await this.#storage.stores(scanStep, after)
      for (const { id } of rows) await this.#find(id)
      after = next === undefined ? undefined : Buffer.from(next).toString()
      more = after !== undefined
    }
    this.#wake()
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#runs.endAll()
    clearTimeout(this.#timer)
    this.#stopListening?.()
    await this.settled()
  }

  /** Resolves when nothing runs and nothing is due. */
  async settled(): Promise<void> {
    for (let runs = this.#runs.ended; runs.length > 0; runs = this.#runs.ended) await Promise.allSettled(runs)
  }

  async #find(store: string): Promise<void> {
    let after: Uint8Array | undefined
    do {
      if (this.#isStopping || this.#storage.store(store) === undefined) return
      const page = await this.#storage.view(store).entities(errandEntity, scanStep, after)
      for (const { id, attributes } of page.rows) this.#await(store, id, attributes)
      after = page.next
    } while (after !== undefined)
  }

  #follow(store: string, { entities = [] }: ChangeEntry): void {
    let isTold = false
    for (const { operation, entity } of entities) {
      if (!entity.startsWith(`${errandEntity}:`)) continue
      isTold = true
      const id = entity.slice(errandEntity.length + 1)
      const found = operation === 'put' ? this.#attributes(store, id) : undefined
      if (found === undefined) this.#waiting.delete(keyOf(store, id))
      else this.#await(store, id, found)
    }
    if (isTold) this.#wake()
  }

  #await(org: string, id: string, attributes: JsonObject): void {
    this.#put({ org, id, due: dueOf(attributes), failures: 0 })
  }

  /** In place of what waits by that id. */
  #put(waiting: Waiting): void {
    this.#waiting.set(keyOf(waiting.org, waiting.id), waiting)
    this.#enqueue(waiting)
    if (this.#queued < 2 * this.#waiting.size + leftMax) return
    this.#lines.clear()
    this.#queued = 0
    for (const each of this.#waiting.values()) this.#enqueue(each)
  }

  #enqueue(waiting: Waiting): void {
    const kind = kindOf(waiting.id)
    const line = this.#lines.get(kind) ?? new ErrandLine<Waiting>()
    line.push(waiting)
    this.#lines.set(kind, line)
    this.#queued++
  }

  #attributes(store: string, id: string): JsonObject | undefined {
    if (this.#storage.store(store) === undefined) return undefined
    return this.#storage.view(store).entity(errandEntity, id)?.attributes
  }

  /**
   * Runs what is due, each kind in its turn and each organization in its kind's, whoever has no run before whoever has one, and sets
   * the clock for what is next. Costs as much as there are kinds.
   */
  #wake(): void {
    if (!this.#isStarted || this.#isStopping) return
    const now = this.#now()
    const waits = this.#begin(now, (org) => this.#runs.isOf(org))
    if (waits) this.#runs.makeRoom()
    else this.#begin(now, () => false)
    let next = Number.POSITIVE_INFINITY
    for (const [kind, line] of this.#lines) {
      if (line.isEmpty) this.#lines.delete(kind)
      else next = Math.min(next, line.next ?? next)
    }
    clearTimeout(this.#timer)
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#wake(), Math.min(next - now, timerMaxMs)).unref()
  }

  /** @param isPassedOver - of an organization. @returns whether some that are due wait for another to give way */
  #begin(now: number, isPassedOver: (org: string) => boolean): boolean {
    let waits = false
    for (const [kind, line] of this.#lines) {
      const due = this.#dueOf(line, now, isPassedOver)
      if (due === undefined) continue
      const { most = runsMax } = this.#handlers.get(kind) ?? {}
      if (this.#runs.hasAllOf(kind, most)) continue
      if (this.#runs.isFull) {
        waits = true
        continue
      }
      line.take(due)
      this.#queued--
      // To the end, where this loop meets it again: no kind is behind all of another.
      this.#lines.delete(kind)
      this.#lines.set(kind, line)
      this.#run(keyOf(due.org, due.id), due)
    }
    return waits
  }

  /** Drops what no longer waits, and what is put again while it runs: its run's end sees to that. */
  #dueOf(
    line: ErrandLine<Waiting>,
    now: number,
    isPassedOver: (org: string) => boolean,
  ): Waiting | undefined {
    for (;;) {
      const due = line.due(now, isPassedOver)
      if (due === undefined) return undefined
      const key = keyOf(due.org, due.id)
      if (this.#waiting.get(key) === due && !this.#runs.has(key)) return due
      line.drop(due)
      this.#queued--
    }
  }

  #run(key: string, waiting: Waiting): void {
    const attributes = this.#attributes(waiting.org, waiting.id)
    const kind = kindOf(waiting.id)
    const handled = this.#handlers.get(kind)
    if (attributes === undefined || handled === undefined) {
      this.#waiting.delete(key)
      return
    }
    if (dueOf(attributes) > this.#now()) {
      // Put off between the scan that found it and now.
      this.#await(waiting.org, waiting.id, attributes)
      return
    }
    const errand = { org: waiting.org, id: waiting.id, attributes }
    const { handler, isWhole } = handled
    this.#runs.begin(key, { org: waiting.org, kind, isWhole }, async (signal) => {
      try {
        await handler(errand, signal)
        this.#again(key, waiting, 0)
      } catch (failure) {
        this.#failed(key, waiting, errand, failure)
      }
    })
  }

  #failed(key: string, waiting: Waiting, errand: Errand, failure: unknown): void {
    const left = this.#waiting.get(key)
    if (failure instanceof GivesWay) {
      if (left !== undefined) this.#put({ ...left })
      return
    }
    if (!this.#isStopping) this.#options.onFailure?.(errand, failure)
    this.#again(key, waiting, waiting.failures + 1)
  }

  /** What was put again while it ran waits for its own time; what is still the same, for its repetition. */
  #again(key: string, before: Waiting, failures: number): void {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    if (waiting !== before && failures === 0) {
      this.#put(waiting)
      return
    }
    const pause = Math.min(repeatMinMs * 2 ** Math.max(0, failures - 1), repeatMaxMs)
    this.#put({ ...waiting, failures, due: Math.max(waiting.due, this.#now() + pause) })
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }
}

interface Waiting {
  readonly org: string
  readonly id: string
  readonly due: number
  readonly failures: number
}

function dueOf({ due }: JsonObject): number {
  return typeof due === 'number' ? due : 0
}

function kindOf(id: string): string {
  return id.split('/', 1)[0] ?? ''
}

/** Ids of stores hold no `/`. */
function keyOf(org: string, id: string): string {
  return `${org}/${id}`
}
