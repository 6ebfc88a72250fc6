/**
 * Looks at some of the checks that were allowed, asks why, and notes the day for each tuple behind the answer. Beside what it
 * watches: what waits is bounded, what is too much is left out, and it rests fifty times as long as it works.
 */
import type { JsonObject } from '../../lib/json.ts'
import { explain } from '../../service/explain.ts'
import type { Sampled, Sampling } from '../../service/sampled.ts'
import { actForPlatform } from '../act.ts'
import type { Ground } from '../ground.ts'
import { organizationEntity } from '../sight.ts'
import { dayOf } from './calendar.ts'
import { noteSampling } from './sampling.ts'
import { leaveTidying } from './tidy.ts'
import { noteUse, useId } from './use.ts'

/** Checks that wait to be asked about. */
const waitingMax = 1_000
/** Checks, and tuples, known to have been noted today; then they are forgotten, and noted once more. */
const knownMax = 20_000
/** Characters of a check, with what it supposes: a longer one is left out. */
const nameMax = 1_024
/** Tuples noted at once, and milliseconds after which they are, however few. */
const notedMax = 500
const flushMs = 10_000
/** Of the time that an answer's reasons took. */
const rests = 50

export class UseSampler implements Sampling {
  readonly every: number
  readonly #ground: Ground
  readonly #waiting: Sampled[] = []
  /** Of the day: checks that were taken, and tuples that were noted. */
  readonly #known = new Set<string>()
  #day = ''
  /** By organization: ids of tuples. */
  readonly #noted = new Map<string, Set<string>>()
  #count = 0
  #timer: NodeJS.Timeout | undefined
  /** Of performance.now(). */
  #wakesAt = Number.POSITIVE_INFINITY
  #restsUntil = 0
  #flushedAt = performance.now()
  #working: Promise<void> | undefined
  #isOver = false

  constructor(ground: Ground) {
    this.#ground = ground
    this.every = ground.analytics.sampleEvery
  }

  readonly take = (sampled: Sampled): void => {
    if (this.#isOver || this.#waiting.length >= waitingMax) return
    const name = JSON.stringify(sampled)
    if (name.length > nameMax || !this.#isNew(name)) return
    this.#waiting.push(sampled)
    this.#wakeAt(this.#restsUntil)
  }

  /** Notes what it has found so far, and takes nothing more. */
  async stop(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#working
    await this.#flush()
  }

  /** Resolves when all that waited was looked at and noted. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0 || this.#working !== undefined) await this.#step()
    await this.#flush()
  }

  /** @param instant - of performance.now(); whichever comes first counts */
  #wakeAt(instant: number): void {
    if (this.#isOver || instant >= this.#wakesAt) return
    clearTimeout(this.#timer)
    this.#wakesAt = instant
    const wake = () => {
      this.#wakesAt = Number.POSITIVE_INFINITY
      void this.#step()
    }
    this.#timer = setTimeout(wake, Math.max(0, instant - performance.now())).unref()
  }

  /** One after the other, whoever asks for it. */
  #step(): Promise<void> {
    this.#working ??= this.#lookAtOne().finally(() => {
      this.#working = undefined
    })
    return this.#working
  }

  async #lookAtOne(): Promise<void> {
    const began = performance.now()
    const sampled = this.#waiting.shift()
    if (sampled !== undefined) await this.#lookAt(sampled)
    if (this.#count >= notedMax || performance.now() - this.#flushedAt >= flushMs) await this.#flush()
    const ended = performance.now()
    this.#restsUntil = ended + (ended - began) * rests
    if (this.#waiting.length > 0) this.#wakeAt(this.#restsUntil)
    else if (this.#count > 0) this.#wakeAt(ended + flushMs)
  }

  /** Nothing where there is no telling any more. */
  async #lookAt(sampled: Sampled): Promise<void> {
    const { store } = sampled
    const { storage } = this.#ground.service
    if (storage.store(store) === undefined) return
    if (storage.view(store).entity(organizationEntity, store) === undefined) return
    const question = { ...sampled, depthMax: Number.POSITIVE_INFINITY }
    const told = await explain(this.#ground.service, question).catch(() => undefined)
    if (told?.allowed !== true) return
    const noted = this.#noted.get(store) ?? new Set<string>()
    this.#noted.set(store, noted)
    for (const { tuple: behind, contextual } of pathOf(told.explanation)) {
      if (!isTuple(behind) || contextual === true) continue
      const id = useId({ object: behind.object, relation: behind.relation, subject: behind.user })
      if (!this.#isNew(`${store} ${id}`)) continue
      noted.add(id)
      this.#count++
    }
  }

  /** Whether it is met for the first time today. */
  #isNew(name: string): boolean {
    const day = this.#today()
    if (day !== this.#day || this.#known.size >= knownMax) this.#known.clear()
    this.#day = day
    if (this.#known.has(name)) return false
    this.#known.add(name)
    return true
  }

  async #flush(): Promise<void> {
    this.#flushedAt = performance.now()
    const day = this.#today()
    const all = [...this.#noted]
    this.#noted.clear()
    this.#count = 0
    for (const [org, ids] of all) {
      if (ids.size === 0) continue
      const request = { org, provenance: { source: 'analytics' } }
      await actForPlatform(this.#ground, request, (draft) => {
        for (const id of ids) noteUse(draft, id, day)
        noteSampling(this.#ground, draft)
        leaveTidying(draft)
        // A sample that is lost is one that was not taken.
      }).catch(() => {})
    }
  }

  #today(): string {
    return dayOf(this.#ground.analytics.now())
  }
}

function pathOf({ path }: JsonObject): readonly JsonObject[] {
  // As engine/explain.ts says.
  return Array.isArray(path) ? path : []
}

interface ShownTuple {
  readonly object: string
  readonly relation: string
  readonly user: string
}

function isTuple(value: unknown): value is ShownTuple {
  return typeof value === 'object' && value !== null && 'user' in value
}
