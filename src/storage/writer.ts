/**
 * The folder's one writer: a queue of jobs, gathered into groups, one batch in flight. Whoever writes waits for the
 * fsync that carries it; those who come meanwhile form the next group.
 *
 *   queue -> build each over the group's stage -> hand over (reads go through a snapshot) -> landed:
 *   in one synchronous step drop the snapshot, advance the stores, tell the listeners -> then acknowledge, some in a turn
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Fault } from '../lib/fault.ts'
import { Histogram } from '../lib/histogram.ts'
import type { Disk } from './disk.ts'
import { Group, type StoreState } from './group.ts'
import { Heads } from './heads.ts'
import * as keys from './keys.ts'
import type { Applied } from './reader.ts'
import { drive } from './slice.ts'
import type { ChangeEntry } from './storage.ts'
import { pack, packHead, unpack } from './values.ts'

/** Rows after which a group takes no further commit: about 2 MiB, 20 ms of LevelDB's time. */
const groupRowsMax = 20_000
/** Between two attempts to open the folder again after a failed write. */
const retryMs = 1000

/** Builds one commit into the group; what it answers is what its caller gets once the group has landed. */
export type Build<Outcome> = (group: Group) => Outcome | Promise<Outcome>

interface Job {
  /** Builds within the turn where it can. */
  run(group: Group): undefined | Promise<void>
  /** Answers with what `run` came to. */
  settle(): void
  fail(fault: Fault): void
}

export type Listener = (store: string, entry: ChangeEntry) => void

/** What the writer tells its owner. */
export interface WriterHooks {
  /** Called for each store that a batch touched, within the step that applies it. */
  readonly onState: (state: StoreState) => void
  readonly onFatal: (error: unknown) => void
}

/** Milliseconds of a synced batch; commits in one. */
const batchBoundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]
const commitBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

export class Writer {
  readonly listeners = new Set<Listener>()
  readonly batchMs = new Histogram(batchBoundsMs)
  readonly commitsPerBatch = new Histogram(commitBounds)
  revisions = 0
  failures = 0
  /** Why nothing can be written now. */
  unready: string | undefined
  readonly #disk: Disk
  readonly #applied: Applied
  readonly #hooks: WriterHooks
  readonly #heads = new Heads()
  /** Number of the last batch, over all stores. */
  #sequence: number
  /** What that was when it last rested. */
  #restedAt: number | undefined
  readonly #queue: Job[] = []
  #working: Promise<void> | undefined
  #closed = false
  /** Something that cannot be mended happened; nothing more is written. */
  #halted = false

  constructor(disk: Disk, applied: Applied, sequence: number, hooks: WriterHooks) {
    this.#disk = disk
    this.#applied = applied
    this.#sequence = sequence
    this.#hooks = hooks
  }

  get queued(): number {
    return this.#queue.length
  }

  /** @throws Fault of the build, or `unavailable` when the outcome is unknown */
  submit<Outcome>(build: Build<Outcome>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.unready !== undefined) {
        reject(new Fault('unavailable', this.unready))
        return
      }
      this.#queue.push(new Submitted(build, resolve, reject))
      this.#working ??= this.#work()
    })
  }

  /** To be called now and then: what is kept for the next commits is let go of, where none came since the last call. */
  rest(): void {
    if (this.#working === undefined && this.#sequence === this.#restedAt) this.#heads.forget()
    this.#restedAt = this.#sequence
  }

  /** Finishes what is queued and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    this.unready ??= 'the data folder is being closed'
    await this.#working
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      // To the end of the turn: sockets are read one after the other, and the first of 256 must not have an fsync alone.
      await setImmediate()
      // And past the next reading of them: a check that came meanwhile has waited for the call, and not for its commit too.
      await setImmediate()
      const group = new Group(this.#applied.reader, this.#heads)
      const jobs: Job[] = []
      while (this.#queue.length > 0 && group.stage.size < groupRowsMax) {
        const job = this.#queue.shift() as Job
        const running = job.run(group)
        if (running !== undefined) await running
        jobs.push(job)
        if (group.slice.hasEnded) await group.slice.rest()
      }
      if (group.stage.size === 0) await this.#settle(group, jobs)
      else await this.#land(group, jobs)
      if (this.#halted) this.#failQueue()
    }
    this.#working = undefined
  }

  async #land(group: Group, jobs: readonly Job[]): Promise<void> {
    try {
      await this.#write(group)
    } catch (error) {
      this.failures++
      const cause = { cause: error }
      for (const job of jobs) job.fail(new Fault('unavailable', 'the outcome of the write is unknown', cause))
      await this.#recover(group)
      return
    }
    this.#apply(group)
    await this.#settle(group, jobs)
  }

  /** Whoever is told goes on at once, in the same turn of the loop: so some are told in each, and checks go between. */
  async #settle({ slice }: Group, jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      job.settle()
      // What it does next is behind this.
      await undefined
      if (slice.hasEnded) await slice.rest()
    }
  }

  async #write(group: Group): Promise<void> {
    group.close()
    group.stage.put(keys.sequenceKey, pack(this.#sequence + 1))
    const batch = this.#disk.batch()
    await drive(group.stage.gather(batch, group.slice), group.slice)
    this.#applied.begin()
    const began = performance.now()
    await batch.write()
    this.batchMs.observe(performance.now() - began)
    this.commitsPerBatch.observe(group.accepted.length)
  }

  /** INVARIANT: synchronous from end to end; nobody sees a part of it. */
  #apply(group: Group): void {
    this.#applied.land()
    this.#sequence++
    for (const { state, facts } of group.accepted) {
      state.facts = facts
      this.#hooks.onState(state)
    }
    this.#mark()
    for (const { facts, entry } of group.accepted) {
      if (entry === undefined) continue
      this.revisions++
      this.#tell(facts.row.id, entry)
    }
    for (const { state } of group.accepted) {
      for (const waiter of state.waiters) if (waiter.revision <= state.facts.head.revision) waiter.resolve()
    }
  }

  #mark(): void {
    try {
      this.#disk.mark(this.#sequence)
    } catch (error) {
      this.halt('the mark of the data folder cannot be written', error)
    }
  }

  /** Nothing more is written: something happened that cannot be mended here. */
  halt(why: string, error: unknown): void {
    this.#halted = true
    this.unready = why
    this.#hooks.onFatal(error)
  }

  #tell(store: string, entry: ChangeEntry): void {
    for (const listener of this.listeners) {
      try {
        listener(store, entry)
      } catch (error) {
        // A listener that missed a change would answer wrongly from now on.
        this.halt('a follower of the changelog failed; restart', error)
      }
    }
  }

  #failQueue(): void {
    const why = this.unready ?? 'the data folder takes no writes'
    for (const job of this.#queue.splice(0)) job.fail(new Fault('unavailable', why))
  }

  /** Opens the folder again until it can tell whether the batch is there; until then nothing is read or written. */
  async #recover(group: Group): Promise<void> {
    this.unready = 'a write failed; the data folder is being opened again'
    this.#heads.forget()
    this.#failQueue()
    for (;;) {
      try {
        await this.#disk.reopen()
        const landed = this.#verify(group)
        this.#applied.forget()
        for (const { state } of group.accepted) state.models.clear()
        if (landed) this.#apply(group)
        if (!this.#halted) this.unready = this.#closed ? 'the data folder is being closed' : undefined
        return
      } catch (error) {
        if (this.#closed) return
        this.unready = `a write failed, and the data folder cannot be opened again: ${String(error)}`
        await setTimeout(retryMs, undefined, { ref: false })
      }
    }
  }

  /** Whether the group is on disk, wholly; every store it touched must be where memory says. */
  #verify(group: Group): boolean {
    const bytes = this.#disk.get(keys.sequenceKey)
    const sequence = bytes === undefined ? 0 : unpack<number>(bytes)
    const landed = sequence === this.#sequence + 1
    if (!landed && sequence !== this.#sequence) {
      throw new Error(`batch ${sequence} is on disk, ${this.#sequence} was the last acknowledged`)
    }
    for (const { state } of group.accepted) {
      const { row, head } = landed ? group.factsOf(state) : state.facts
      // Of one that is being purged the end of the log may be gone, as all else.
      if (row.deleted !== 'no') continue
      const stored = this.#disk.get(keys.headKey(state.number))
      if (head.revision > 0 && stored?.equals(packHead(head)) !== true) {
        throw new Error(`the log of store ${row.id} does not end at revision ${head.revision}`)
      }
    }
    return landed
  }
}

class Submitted<Outcome> implements Job {
  readonly #build: Build<Outcome>
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (error: unknown) => void
  /** What it came to; undefined until it is built. */
  #end: { readonly outcome: Outcome } | { readonly error: unknown } | undefined

  constructor(build: Build<Outcome>, resolve: (outcome: Outcome) => void, reject: (error: unknown) => void) {
    this.#build = build
    this.#resolve = resolve
    this.#reject = reject
  }

  run(group: Group): undefined | Promise<void> {
    try {
      const building = this.#build(group)
      if (building instanceof Promise) return this.#wait(building)
      this.#end = { outcome: building }
    } catch (error) {
      this.#end = { error }
    }
    return undefined
  }

  async #wait(building: Promise<Outcome>): Promise<void> {
    try {
      this.#end = { outcome: await building }
    } catch (error) {
      this.#end = { error }
    }
  }

  /** A refusal may rest on commits that have not landed yet, so it waits for them, too. */
  settle(): void {
    const end = this.#end
    if (end === undefined) return
    if ('error' in end) this.#reject(end.error)
    else this.#resolve(end.outcome)
  }

  fail(fault: Fault): void {
    this.#reject(fault)
  }
}
