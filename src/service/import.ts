/**
 * Tuples by the million: validated like a write, committed in large batches as they arrive. Not atomic as a whole:
 * what came before a bad line stays, and the fault says so.
 */
import { Fault, faultOf } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import type { Change } from '../storage/storage.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { freshEnough, type Ground, viewOf } from './ground.ts'
import { guarded } from './guarded.ts'
import type { ImportAnswer, ImportRequest } from './requests.ts'
import { WritableShapes } from './writable.ts'
import { onDuplicateOf } from './write.ts'

/**
 * Tuples of one commit. A head that many of them change is written once, so few large commits cost half of many small
 * ones; other writers wait for one of them, some 300 ms.
 */
const commitTuplesMax = 16_000
/** The same where somebody watches over the store: what guards it asks about them all within one turn of the loop. */
const guardedTuplesMax = 4_000
/** A tuple with a condition counts as so many, */
const conditionWeight = 8
/** and so many characters of its context as one more: some 4 MiB of contexts make a commit too, and an entry of the log. */
const contextCharsPerWeight = 256

export type Progress = (sofar: { readonly written: number; readonly skipped: number }) => void

/**
 * Lines count from 1, one tuple each; they may come one by one, or as many together as there are.
 * @throws Fault of the first bad line, naming it; the lines before it are imported
 */
export async function importTuples(
  ground: Ground,
  request: ImportRequest,
  tuples: AsyncIterable<Tuple | readonly Tuple[]>,
  progress?: Progress,
): Promise<ImportAnswer> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const model = ground.models.resolve(view, request.model)
  const change = termsOf(request)
  const run = new Import(ground, { store: request.store, model, revision: view.revision, change, progress })
  await run.take(tuples)
  return {
    zookie: ground.storage.zookie(request.store, run.revision),
    model: model.id,
    written: run.written,
    skipped: run.skipped,
  }
}

/** What the commits of an import have in common. @throws Fault validation_error */
export function termsOf({ onDuplicate = '', provenance }: ImportRequest) {
  return {
    onDuplicate: onDuplicateOf(onDuplicate === '' ? 'ignore' : onDuplicate),
    provenance: { source: 'import', ...provenance },
  }
}

interface Terms {
  readonly store: string
  readonly model: Model
  readonly revision: number
  readonly change: Change
  readonly progress: Progress | undefined
}

class Import {
  written = 0
  skipped = 0
  revision: number
  readonly #ground: Ground
  readonly #terms: Terms
  /** Lines taken, and lines that are in for certain. */
  #lines = 0
  #done = 0
  #pending: Tuple[] = []
  /** Of `pending`, weighed. */
  #weight = 0
  /** Keys of `pending`, where one commit may take a key once: one that ignores duplicates judges the second by the first. */
  #keys: Set<string> | undefined
  readonly #shapes: WritableShapes
  readonly #tuplesMax: number
  #committing: Promise<void> = Promise.resolve()

  constructor(ground: Ground, terms: Terms) {
    this.#ground = ground
    this.#terms = terms
    this.revision = terms.revision
    this.#shapes = new WritableShapes(terms.model)
    const isGuarded = ground.depths.isGuarded(viewOf(ground, terms.store))
    this.#tuplesMax = isGuarded ? guardedTuplesMax : commitTuplesMax
    if (terms.change.onDuplicate !== 'ignore') this.#keys = new Set()
  }

  async take(tuples: AsyncIterable<Tuple | readonly Tuple[]>): Promise<void> {
    try {
      for await (const some of tuples) {
        for (const tuple of isPage(some) ? some : [some]) {
          const full = this.#add(tuple)
          if (full !== undefined) await full
        }
      }
    } catch (thrown) {
      // The source or the line was bad; what came before it was not.
      await this.#finish()
      throw thrown
    }
    await this.#finish()
  }

  /** A promise when there are as many as one commit takes. */
  #add(tuple: Tuple): Promise<void> | undefined {
    this.#lines++
    try {
      const now = tuple.expiresAt === undefined ? 0 : viewOf(this.#ground, this.#terms.store).now
      this.#shapes.demand(tuple, now)
    } catch (thrown) {
      throw atLine(this.#lines, thrown)
    }
    if (this.#keys !== undefined) {
      // What may be stored holds no control characters: the key is injective.
      const key = `${tuple.object}\0${tuple.relation}\0${tuple.subject}`
      if (this.#keys.has(key)) {
        return this.#flush().then(() => {
          this.#keys?.add(key)
          this.#push(tuple)
        })
      }
      this.#keys.add(key)
    }
    this.#push(tuple)
    return this.#weight < this.#tuplesMax ? undefined : this.#flush()
  }

  #push(tuple: Tuple): void {
    this.#pending.push(tuple)
    this.#weight += weightOf(tuple)
  }

  async #finish(): Promise<void> {
    if (this.#pending.length > 0) await this.#flush()
    await this.#committing
  }

  /**
   * Begins the next commit, under way while the lines after it are read. INVARIANT: not before the last one is in: what
   * is imported is always the first so many lines.
   */
  async #flush(): Promise<void> {
    await this.#committing
    const pending = this.#pending
    this.#pending = []
    this.#weight = 0
    this.#keys?.clear()
    this.#committing = this.#commit(pending)
    // Whoever waits for it is told; that may be later than it fails.
    this.#committing.catch(() => {})
  }

  /** A batch that is refused is halved until the bad line is alone: those before it are in, and it has a number. */
  async #commit(batch: readonly Tuple[]): Promise<void> {
    try {
      const { store, change, progress } = this.#terms
      const guardedBatch = guarded(this.#ground, viewOf(this.#ground, store), { ...change, writes: batch })
      const { revision, written } = await this.#ground.storage.commit(store, guardedBatch)
      this.revision = revision
      this.written += written
      this.skipped += batch.length - written
      this.#done += batch.length
      progress?.({ written: this.written, skipped: this.skipped })
    } catch (thrown) {
      if (!isRefusal(thrown)) throw afterLine(this.#done, thrown)
      if (batch.length === 1) throw atLine(this.#done + 1, thrown)
      const half = Math.ceil(batch.length / 2)
      await this.#commit(batch.slice(0, half))
      await this.#commit(batch.slice(half))
    }
  }
}

function weightOf({ condition }: Tuple): number {
  if (condition === undefined) return 1
  const chars = condition.context === undefined ? 0 : JSON.stringify(condition.context).length
  return conditionWeight + chars / contextCharsPerWeight
}

export function isPage(some: Tuple | readonly Tuple[]): some is readonly Tuple[] {
  return Array.isArray(some)
}

/** Faults of the storage, not of a tuple: the others are refusals, by the storage's rules or by the store's guard. */
const noRefusals: readonly string[] = [
  'unavailable',
  'internal_error',
  'deadline_exceeded',
  'store_id_not_found',
]

/** Whether one tuple of the batch is to blame: then, and only then, is it worth asking which. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof Fault && !noRefusals.includes(thrown.code)
}

/** @param last - the last line that is in */
export function atLine(line: number, thrown: unknown, last = line - 1): Fault {
  const { code, message } = faultOf(thrown)
  return new Fault(code, `line ${line}: ${message}; ${imported(last)}`, { cause: thrown })
}

/** For what no line is to blame for, and what may have left the lines after it written or not. */
function afterLine(line: number, thrown: unknown): Fault {
  const { code, message } = faultOf(thrown)
  return new Fault(code, `${message}; ${imported(line)} for certain`, { cause: thrown })
}

function imported(last: number): string {
  return last === 0 ? 'nothing was imported' : `lines 1 to ${last} were imported`
}
