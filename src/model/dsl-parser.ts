/**
 * The library that reads the model's language, on a thread of its own: a page of blank lines keeps it busy for seconds,
 * a large honest model for one, and nothing can interrupt it. Not a pool: texts are read one after the other, rarely.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { Fault } from '../lib/fault.ts'

/** What the library can be asked to do, by its own names. */
type Verb = 'transformDSLToJSONObject' | 'transformModuleFilesToModel'

/** What the library threw: one error a fault of the text where it says so, a sentence in any case. */
export class ParseFailure extends Error {
  readonly errors: unknown

  constructor(message: string, errors: unknown) {
    super(message)
    this.errors = errors
  }
}

export interface ParserOptions {
  /** Milliseconds for one text, the thread's start apart. The largest honest models take one second. */
  readonly timeoutMs?: number
  /** Texts that may wait for their turn; holds the memory and the delay that a flood of them can cause. */
  readonly waitingMax?: number
}

/** Milliseconds the thread, some 40 MB, is kept for the next text. */
const idleMs = 2_000

/** Megabytes of the thread's heap: the largest texts need a third of it. */
const heapMax = 192

/** Results and errors cross as JSON: the library's own classes do not survive a copy. */
const script = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { transformer } = require(workerData)
  parentPort.on('message', ({ verb, args }) => {
    try {
      parentPort.postMessage({ json: JSON.stringify(transformer[verb](...args)) })
    } catch (thrown) {
      const errors = JSON.stringify(thrown?.errors ?? [])
      parentPort.postMessage({ message: String(thrown?.message ?? thrown), errors })
    }
  })
  parentPort.postMessage('ready')
`

type Reply = { readonly json: string } | { readonly message: string; readonly errors: string }

export class DslParser {
  readonly #timeoutMs: number
  readonly #waitingMax: number
  #worker: Worker | undefined
  /** Ends when the thread has read the library: 0.3 s, on a busy machine two and more. */
  #ready: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  /** Ends when the texts before have been read. Never rejects. */
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor({ timeoutMs = 5_000, waitingMax = 16 }: ParserOptions = {}) {
    this.#timeoutMs = timeoutMs
    this.#waitingMax = waitingMax
  }

  /**
   * What the library answers, as plain JSON.
   * @throws ParseFailure, or Fault: invalid_authorization_model when it takes too long, unavailable when too many wait
   */
  async parse(verb: Verb, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#waiting >= this.#waitingMax) {
      throw new Fault('unavailable', 'too many models are being read as text; try again, or send JSON')
    }
    this.#waiting += 1
    const reply = this.#turn.then(() => this.#ask({ verb, args }))
    this.#turn = reply.catch(() => undefined)
    try {
      return readReply(await reply)
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) this.#rest()
    }
  }

  async #ask(message: { readonly verb: Verb; readonly args: readonly unknown[] }): Promise<Reply> {
    const worker = this.#wake()
    try {
      await this.#ready
      worker.postMessage(message)
      const [reply] = await once(worker, 'message', { signal: AbortSignal.timeout(this.#timeoutMs) })
      return reply
    } catch (cause) {
      this.#end()
      const why = cause instanceof Error && cause.name === 'AbortError' ? 'takes too long' : 'is too much'
      throw new Fault('invalid_authorization_model', `the model's text ${why} to read: send it as JSON`, {
        cause,
      })
    }
  }

  #wake(): Worker {
    clearTimeout(this.#idle)
    if (this.#worker !== undefined) {
      this.#worker.ref()
      return this.#worker
    }
    const worker = start()
    this.#worker = worker
    this.#ready = once(worker, 'message')
    return worker
  }

  /** Keeps neither the process nor, for long, the memory. */
  #rest(): void {
    this.#worker?.unref()
    this.#idle = setTimeout(() => this.#end(), idleMs).unref()
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
  }
}

function start(): Worker {
  const library = createRequire(import.meta.url).resolve('@openfga/syntax-transformer')
  const worker = new Worker(script, {
    eval: true,
    workerData: library,
    resourceLimits: { maxOldGenerationSizeMb: heapMax },
  })
  // Who asked is told by `once`; an error that comes after nobody asks must not end the process.
  worker.on('error', () => {})
  return worker
}

/** @throws ParseFailure */
function readReply(reply: Reply): unknown {
  if ('json' in reply) return JSON.parse(reply.json)
  throw new ParseFailure(reply.message, JSON.parse(reply.errors))
}
