/**
 * Who comes in when not everybody can: refusals early and cheap, before latency collapses, the least urgent first. Health
 * always comes in; checks last longest; lists and imports stand in a line of their own, so none of them is in the way
 * of a check. It never answers a question: who is refused is told so, with 503 or 429, and when to come again.
 */

import { anonymous } from '../../callers/caller.ts'
import { Fault } from '../../lib/fault.ts'
import { Bodies } from './bodies.ts'
import { Pressure } from './pressure.ts'
import { Rates } from './rates.ts'
import { overloaded, tooOften } from './refusals.ts'
import { Shares } from './shares.ts'
import { Slots, type Waiting } from './slots.ts'

/** What a request is to the process. `health` is never refused. */
export type Work = 'health' | 'check' | 'read' | 'write' | 'list' | 'bulk' | 'watch'
type Refusable = Exclude<Work, 'health'>

export interface AdmissionOptions {
  /** Lists under way at once; the others wait, for a second at most. */
  readonly listsMax: number
  /** Requests a second of one caller; 0: any number. */
  readonly ratePerSecond: number
  /** Watches of all callers together; none has more than half of them. */
  readonly watchesMax: number
  /** Of one body. */
  readonly bodyBytesMax: number
}

/** Where time comes from; tests bring their own. Milliseconds that never go back. */
export interface AdmissionTime {
  now(): number
  /** Calls `tick` after so long; the answer ends that. */
  after(ms: number, tick: () => void): () => void
  /** Calls `tick` once all that waits in sockets was read. */
  turn(tick: () => void): void
}

/** The standing delay of the event loop, milliseconds, past which a kind of work is refused: least urgent first. */
const delaysMax: Readonly<Record<Refusable, number>> = {
  bulk: 200,
  list: 200,
  write: 400,
  read: 400,
  watch: 400,
  check: 800,
}
/**
 * Requests that one turn of the loop may find before a kind of work is refused: so many connections waited. What takes
 * long steps back first, long before its callers notice the others: a list costs what tens of checks do.
 */
const atOnceMax: Readonly<Record<Refusable, number>> = {
  bulk: 64,
  list: 64,
  write: 1_024,
  read: 1_024,
  watch: 1_024,
  check: 4_096,
}
/** Requests that may be under way at once; what is answered within its turn never is. Bounds memory, not speed. */
const underWayMax: Readonly<Record<'check' | 'read' | 'write', number>> = {
  check: 4_096,
  read: 1_024,
  write: 1_024,
}
/** Lists begun in one turn of the loop: what waits in sockets is read between any two, as each may take milliseconds. */
const listsPerTurn = 1
/** Of reads and writes that outlive their turn: each may take a good part of a millisecond. */
const othersPerTurn = 1
/** Imports and exports at once: each holds a commit, or a state of the storage. */
const bulkMax = 4

const somebody: Waiting = { isHeard: true }

const realTime: AdmissionTime = {
  now: () => performance.now(),
  after(ms, tick) {
    const timer = setTimeout(tick, ms).unref()
    return () => clearTimeout(timer)
  },
  turn: setImmediate,
}

export class Admission {
  /** For want of room, by what they were; not who had gone before it was their turn. */
  readonly refused: Record<Refusable | 'rate', number> = {
    check: 0,
    read: 0,
    write: 0,
    list: 0,
    bulk: 0,
    watch: 0,
    rate: 0,
  }
  readonly #pressure: Pressure
  readonly #rates: Rates | undefined
  readonly #lines: Readonly<Record<'list' | 'bulk', Slots>>
  readonly #underWay = { check: 0, read: 0, write: 0 }
  /** Of reads and writes; how many are under way is bounded by `underWayMax`. */
  readonly #turns: Slots
  readonly #shares: Readonly<Record<'bulk' | 'watch', Shares>>
  /** Bodies that are read. */
  readonly bodies: Bodies

  constructor(options: AdmissionOptions, time: AdmissionTime = realTime) {
    const { listsMax, ratePerSecond, watchesMax, bodyBytesMax } = options
    this.#pressure = new Pressure(time)
    this.#rates = ratePerSecond === 0 ? undefined : new Rates(ratePerSecond)
    this.#lines = {
      list: new Slots(listsMax, listsPerTurn, time),
      bulk: new Slots(bulkMax, bulkMax, time),
    }
    this.#turns = new Slots(Number.POSITIVE_INFINITY, othersPerTurn, time)
    this.#shares = { bulk: new Shares(bulkMax), watch: new Shares(watchesMax) }
    this.bodies = new Bodies(bodyBytesMax)
  }

  /** The event loop's standing delay, milliseconds. */
  get delayMs(): number {
    return this.#pressure.standingMs
  }

  /** Lists and imports under way, and in line. */
  get lines() {
    const { list, bulk } = this.#lines
    return { lists: list.taken, listsWaiting: list.waiting, bulk: bulk.taken, bulkWaiting: bulk.waiting }
  }

  /**
   * At the door, before a body is read; a few comparisons. `now` is when the request came.
   * @throws Fault overloaded, rate_limited
   */
  demand(work: Work, caller: string, now: number): void {
    if (work === 'health') return
    const pressure = this.#pressure
    pressure.arrive()
    const isLate = pressure.exceeds(delaysMax[work])
    if (isLate || pressure.atOnce > atOnceMax[work] || this.#isFull(work)) this.#refuse(work)
    if (this.#rates === undefined || this.#rates.take(caller, now)) return
    this.refused.rate++
    throw tooOften
  }

  /**
   * Before work that outlives its turn; a promise where it has to wait for its turn in a line, which only lists and bulk
   * do. `leave` follows unless it throws or rejects. @throws Fault overloaded, rate_limited
   */
  enter(work: Work, caller: string, who = somebody): undefined | Promise<void> {
    if (work === 'health') return undefined
    if (work === 'bulk' || work === 'watch') this.#takeShare(work, caller)
    if (work === 'watch') return undefined
    if (work !== 'list' && work !== 'bulk') {
      this.#underWay[work]++
      return undefined
    }
    const refuse = (): never => {
      if (work === 'bulk') this.#giveShare(work, caller)
      return this.#refuse(work, who)
    }
    return placeIn(this.#lines[work], who, refuse)
  }

  /**
   * Once it has entered: a promise where it waits for a turn of the loop of its own. Of what takes a good part of a
   * millisecond one begins in each, lists in their own line; checks wait for nobody. There are never more in line than may be
   * under way. @throws Fault overloaded: it waited for a second; it has to leave all the same
   */
  begin(work: Work, who: Waiting): undefined | Promise<void> {
    if (work !== 'read' && work !== 'write') return undefined
    return placeIn(this.#turns, who, () => this.#refuse(work, who))
  }

  leave(work: Work, caller: string): void {
    if (work === 'health') return
    if (work === 'bulk' || work === 'watch') this.#giveShare(work, caller)
    if (work === 'list' || work === 'bulk') this.#lines[work].give()
    else if (work !== 'watch') this.#underWay[work]--
  }

  close(): void {
    this.#pressure.close()
  }

  #isFull(work: Refusable): boolean {
    if (work === 'watch') return false
    if (work === 'list' || work === 'bulk') return this.#lines[work].refuses()
    return this.#underWay[work] >= underWayMax[work]
  }

  /** Where nobody says who it is there is no telling whose share it is. @throws Fault rate_limited */
  #takeShare(work: 'bulk' | 'watch', caller: string): void {
    if (caller === anonymous.id || this.#shares[work].take(caller)) return
    this.refused[work]++
    const held = work === 'bulk' ? 'imports, exports and backups' : 'watches'
    throw new Fault(
      'rate_limited',
      `the caller has its share of ${held} under way: half of all there may be`,
      {
        retryAfter: 1,
      },
    )
  }

  #giveShare(work: 'bulk' | 'watch', caller: string): void {
    if (caller !== anonymous.id) this.#shares[work].give(caller)
  }

  #refuse(work: Refusable, who = somebody): never {
    if (who.isHeard) this.refused[work]++
    throw overloaded
  }
}

/** A promise where it has to wait for one. */
function placeIn(line: Slots, who: Waiting, refuse: () => never): undefined | Promise<void> {
  const place = line.take(who)
  if (place === 'full') return refuse()
  return place?.then((isIn) => {
    if (!isIn) refuse()
  })
}
