/**
 * The scrub: compares every table of an open folder with its checksums, on a thread of its own, because LevelDB does
 * not when it reads. Damage ends the serving: what is read from there may be wrong. It writes nothing but the hold.
 */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../lib/thread.ts'
import type { Disk } from './disk.ts'
import { holdDamaged } from './hold.ts'
import type { ScrubAnswer, ScrubOrder } from './scrub-thread.ts'

/** After each 256 KiB, which take some 1 ms: 50 MB/s. */
const pauseMs = 5
/** From the opening on: whoever starts reads the folder himself, and is to be ready soon. */
const firstMs = 5_000
const everyMs = 24 * 60 * 60_000
/** After a round that could not be ended. */
const againMs = 60_000
/** MiB. The thread holds one window of a table and its index. */
const heapMax = 64

export class Scrub {
  readonly #disk: Disk
  readonly #path: string
  readonly #onDamage: (error: Error) => void
  readonly #ending = new AbortController()
  #thread: Worker | undefined
  #first: Promise<void> | undefined
  #rounds: Promise<void>

  /** Begins soon, and again every day. @param onDamage - told once: damage, after the folder was put on hold, or why nothing can be compared */
  constructor(disk: Disk, path: string, onDamage: (error: Error) => void) {
    this.#disk = disk
    this.#path = path
    this.#onDamage = onDamage
    this.#rounds = this.#rest(firstMs).then(() => this.begin())
  }

  /** Begins the first round at once; resolves when that has ended, or was stopped. */
  begin(): Promise<void> {
    this.#first ??= this.#round()
    return this.#first
  }

  /** Resolves when no file is read any more. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#thread?.terminate()
    await this.#first
    await this.#rounds
  }

  async #round(): Promise<void> {
    const { signal } = this.#ending
    if (signal.aborted) return
    try {
      const damage = await this.#damage()
      if (signal.aborted) return
      if (damage === undefined) this.#later(everyMs)
      else this.#onDamage(holdDamaged(this.#path, damage))
    } catch (error) {
      if (signal.aborted) return
      if (isPassing(error)) this.#later(againMs)
      else this.#onDamage(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #later(ms: number): void {
    this.#rounds = this.#rest(ms).then(() => this.#round())
  }

  /** Ends early when the scrub does. */
  async #rest(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {})
  }

  /** What is wrong with the tables in use, in words; undefined for whole ones. O(bytes on disk), none of it here */
  async #damage(): Promise<string | undefined> {
    const order: ScrubOrder = { level: join(this.#path, 'level'), names: this.#disk.tables(), pauseMs }
    this.#thread = startThread('scrub-thread', import.meta.url, order, heapMax)
    this.#thread.unref()
    const found = await answerOf(this.#thread)
    this.#thread = undefined
    if ('failure' in found) throw Object.assign(new Error(found.failure), { code: found.code })
    if (found.damage !== undefined || found.gone.length === 0) return found.damage
    // Compacted away since the list was made; of those that are still in use none may be missing.
    const used = new Set(this.#disk.tables())
    const missing = found.gone.find((name) => used.has(name))
    return missing === undefined ? undefined : `the file level/${missing} is missing`
  }
}

/** When the thread has ended, and gave its files back. @throws Error of the thread, or that it ended without an answer */
function answerOf(thread: Worker): Promise<ScrubAnswer> {
  return new Promise((resolve, reject) => {
    let found: ScrubAnswer | undefined
    thread.once('message', (answer: ScrubAnswer) => {
      found = answer
    })
    thread.once('error', reject)
    thread.once('exit', (code) => {
      if (found !== undefined) resolve(found)
      else reject(new Error(`the thread that compares tables ended without an answer (${code})`))
    })
  })
}

/** Whether it says nothing of the files: the process lacks something now, or the folder is being opened again. */
function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return passing.has(code)
}

const passing = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'ERR_WORKER_INIT_FAILED',
  'LEVEL_DATABASE_NOT_OPEN',
])
