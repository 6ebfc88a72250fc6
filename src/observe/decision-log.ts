/**
 * The decision log: who asked what and was answered how, a line each. Items of a batch are lines of their own, a list is
 * one line with its count. It holds names unless they are masked, and never credentials.
 */
import type { Kith } from '../service/kith.ts'
import { revisionIn } from '../tuple/zookie.ts'
import type { Mask, ObserveOptions } from './options.ts'
import type { BatchTold, CheckTold, Seen, Told } from './witness.ts'

/** Where lines go. */
interface Sink {
  write(line: string): void
}

type Settings = Pick<
  ObserveOptions,
  'decisionLogAllows' | 'decisionLogDenies' | 'decisionLogPaths' | 'decisionLogMasks'
>

type Line = Record<string, unknown>

const masked = '***'

export class DecisionLog {
  readonly #kith: Pick<Kith, 'explain'>
  readonly #sink: Sink
  readonly #settings: Settings
  readonly #masks: ReadonlySet<Mask>
  /** Seen so far, for sampling. */
  #allows = 0
  #denies = 0
  #checks = 0
  /** One explanation at a time: the log must not become the load. */
  #explaining = false

  constructor(kith: Pick<Kith, 'explain'>, sink: Sink, settings: Settings) {
    this.#kith = kith
    this.#sink = sink
    this.#settings = settings
    this.#masks = new Set(settings.decisionLogMasks)
  }

  readonly see = (seen: Seen): void => {
    const { told } = seen
    if (told === undefined) return
    if (told.verb === 'check') this.#check(seen, told)
    else if (told.verb === 'batch-check') this.#batch(seen, told)
    else this.#list(seen, told)
  }

  #check(seen: Seen, told: CheckTold): void {
    const { request, answer } = told
    if (!this.#isSampled(answer?.allowed)) return
    const line = {
      ...this.#head(seen, told),
      ...this.#names(request.tuple.object, request.tuple.relation, request.tuple.subject),
      ...this.#supposed(request),
      ...outcomeOf(answer?.allowed, seen.fault),
      source: answer?.source,
    }
    if (answer !== undefined && this.#wantsPath()) this.#explain(line, told, answer.zookie)
    else this.#write(line)
  }

  #batch(seen: Seen, told: BatchTold): void {
    const head = this.#head(seen, told)
    for (const item of told.request.checks) {
      const result = told.answer?.results.get(item.correlationId)
      if (!this.#isSampled(result)) continue
      const { object, relation, subject } = item.tuple
      const code = result instanceof Error && 'code' in result ? String(result.code) : seen.fault
      this.#write({
        ...head,
        item: item.correlationId,
        ...this.#names(object, relation, subject),
        ...this.#supposed(item),
        ...outcomeOf(result, code),
      })
    }
  }

  #list(seen: Seen, told: Extract<Told, { count?: number }>): void {
    if (!this.#isSampled(told.count === undefined ? undefined : told.count > 0)) return
    const { request } = told
    const asked =
      told.verb === 'list-objects'
        ? { type: told.request.type, ...this.#names(undefined, told.request.relation, told.request.subject) }
        : {
            ...this.#names(told.request.object, told.request.relation, undefined),
            filter: told.request.filter,
          }
    this.#write({
      ...this.#head(seen, told),
      ...asked,
      ...this.#supposed(request),
      count: told.count,
      error: seen.fault,
    })
  }

  #head(seen: Seen, { verb }: Told): Line {
    const { at, requestId, caller, store, model, zookie, elapsedMs, lane } = seen
    return {
      time: new Date(at).toISOString(),
      id: requestId,
      caller: this.#masks.has('caller') ? masked : caller.id,
      verb,
      store,
      model,
      revision: zookie === undefined ? undefined : revisionIn(zookie),
      elapsed_ms: Math.round(elapsedMs * 1_000) / 1_000,
      lane: lane ? 'fast' : 'app',
    }
  }

  #names(object: string | undefined, relation: string, subject: string | undefined): Line {
    return {
      object: object !== undefined && this.#masks.has('object') ? masked : object,
      relation,
      subject: subject !== undefined && this.#masks.has('subject') ? masked : subject,
    }
  }

  /** What the question brought along: contextual tuples by their number only. */
  #supposed({
    context,
    contextual = [],
  }: {
    readonly context?: object
    readonly contextual?: readonly unknown[]
  }): Line {
    return {
      contextual_tuples: contextual.length === 0 ? undefined : contextual.length,
      context: context !== undefined && this.#masks.has('context') ? masked : context,
    }
  }

  /** @param result - of a refusal: no boolean */
  #isSampled(result: unknown): boolean {
    const { decisionLogAllows, decisionLogDenies } = this.#settings
    if (result === true) return decisionLogAllows > 0 && this.#allows++ % decisionLogAllows === 0
    return decisionLogDenies > 0 && this.#denies++ % decisionLogDenies === 0
  }

  #wantsPath(): boolean {
    const every = this.#settings.decisionLogPaths
    if (every === 0 || this.#explaining || this.#masks.has('subject') || this.#masks.has('object'))
      return false
    return this.#checks++ % every === 0
  }

  /** The line waits for its path; the answer has left already. Of a later state where there is one: it says which. */
  #explain(line: Line, { request }: CheckTold, zookie: string): void {
    this.#explaining = true
    void this.#pathOf(request, zookie).then((path) => {
      this.#explaining = false
      this.#write({ ...line, ...path })
    })
  }

  /** Nothing where there is no telling. */
  async #pathOf(request: CheckTold['request'], zookie: string): Promise<Line> {
    const { trace: _, ...question } = request
    try {
      const told = await this.#kith.explain({ ...question, atLeastAsFresh: zookie })
      const { resolution: path } = told.explanation
      return { path, path_allowed: told.allowed, path_revision: revisionIn(told.zookie) }
    } catch {
      return {}
    }
  }

  #write(line: Line): void {
    this.#sink.write(JSON.stringify(line))
  }
}

function outcomeOf(result: boolean | Error | undefined, fault: string | undefined): Line {
  return typeof result === 'boolean' ? { allowed: result } : { allowed: false, error: fault }
}
