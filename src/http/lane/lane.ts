/**
 * The fast lane: small canonical requests answered straight off the socket, by the service functions that the app's
 * routes call. Not a second HTTP server: at the first sign of anything else the socket, with every byte that was not
 * answered, goes to node:http, and stays there. It holds the lane's sockets and their one timer; connection.ts is one
 * of them.
 */
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { Gate } from '../../callers/gate.ts'
import type { Fault } from '../../lib/fault.ts'
import { type Meter, nobody, type Witness } from '../../observe/witness.ts'
import type { Kith } from '../../service/kith.ts'
import type { Admission } from '../admission/admission.ts'
import type { AppOptions } from '../app.ts'
import { AnswerPrinter, DateHeader } from './answer.ts'
import { BodyReader } from './body.ts'
import { Connection } from './connection.ts'
import { commonAnswers, commonRefusals, names } from './reply.ts'

export interface LaneOptions
  extends Pick<
    AppOptions,
    'bodyBytesMax' | 'requestTimeoutMs' | 'gate' | 'witness' | 'onInternalFault' | 'admission'
  > {
  readonly time?: LaneTime
}

/** Where a lane's time comes from; tests bring their own. */
export interface LaneTime {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** Calls `tick` again and again; the answer ends that. */
  every(ms: number, tick: () => void): () => void
}

/** How long a socket of the lane may rest, milliseconds; the same meanings as in node:http. */
export interface Rests {
  readonly firstByteMs: number
  readonly keepAliveMs: number
  readonly idleMs: number
}

/** What the connections of a lane share. */
export interface Road {
  readonly kith: Kith
  /** Who is let in. */
  readonly gate: Gate
  readonly witness: Witness
  readonly meters: Readonly<Record<keyof typeof names, Meter>>
  readonly bodyBytesMax: number
  readonly requestTimeoutMs: number
  readonly keepAliveSeconds: number
  readonly date: DateHeader
  readonly printer: AnswerPrinter<keyof typeof commonAnswers>
  readonly refusals: AnswerPrinter<keyof typeof commonRefusals>
  readonly bodies: BodyReader
  readonly counts: LaneCounts
  readonly admission: Admission | undefined
  readonly draining: boolean
  now(): number
  report(fault: Fault, id: string, path: string): void
  /** The connection is gone, or node:http's. */
  leave(connection: Connection): void
  handOver(socket: Socket): void
}

export interface LaneCounts {
  answered: number
  handedOver: number
}

/** The largest body that can arrive with its head in one chunk of 64 KiB, with room to spare. */
const bodyBytesMax = 32_768
/** How long a connection that was answered may take to ask once more while draining, milliseconds. */
const lastAskMs = 200
/** How often resting sockets and overdue answers are looked for; how late either may be noticed. */
const sweepMs = 500

const realTime: LaneTime = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref()
    return () => clearInterval(timer)
  },
}

export class Lane {
  readonly counts: LaneCounts = { answered: 0, handedOver: 0 }
  readonly #kith: Kith
  readonly #options: LaneOptions
  readonly #time: LaneTime
  readonly #connections = new Set<Connection>()
  #draining = false

  constructor(kith: Kith, options: LaneOptions = {}) {
    this.#kith = kith
    this.#options = options
    this.#time = options.time ?? realTime
  }

  /** Takes the server's new connections, ahead of its own listener. To be called before it listens. */
  attach(server: Server | TlsServer, rests: Rests): void {
    // Over TLS a connection is one once its handshake is done.
    const arrival = 'setSecureContext' in server ? 'secureConnection' : 'connection'
    const listeners = server.listeners(arrival)
    server.removeAllListeners(arrival)
    const road = this.#road(rests, (socket) => {
      for (const listener of listeners) listener.call(server, socket)
    })
    server.on(arrival, (socket: Socket) => this.#connections.add(new Connection(socket, road)))
    const stop = this.#time.every(sweepMs, () => {
      const now = this.#time.now()
      for (const connection of this.#connections) connection.sweep(now, rests)
    })
    server.once('close', stop)
  }

  /**
   * From now on a connection ends with the answers to what it has sent, the last of which says so. One that rests has
   * a moment to ask once more: a client that is busy has often asked already. To be called again and again.
   */
  drain(): void {
    this.#draining = true
    const now = this.#time.now()
    for (const connection of this.#connections) connection.drain(now - lastAskMs)
  }

  /** Ends what is left. */
  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  #road(rests: Rests, handOver: (socket: Socket) => void): Road {
    const lane = this
    const {
      bodyBytesMax: allowed = 616_448,
      requestTimeoutMs = 5_000,
      gate = new Gate(),
      witness = nobody,
      onInternalFault,
    } = this.#options
    const keepAliveSeconds = Math.floor(rests.keepAliveMs / 1_000)
    return {
      kith: this.#kith,
      gate,
      witness,
      // By the names that the app's routes have.
      meters: {
        check: witness.meter(names.check, true),
        'batch-check': witness.meter(names['batch-check'], true),
        'list-objects': witness.meter(names['list-objects'], true),
        write: witness.meter(names.write, true),
      },
      bodyBytesMax: Math.min(bodyBytesMax, allowed),
      requestTimeoutMs,
      keepAliveSeconds,
      date: new DateHeader(),
      printer: new AnswerPrinter(keepAliveSeconds, commonAnswers),
      refusals: new AnswerPrinter(keepAliveSeconds, commonRefusals),
      bodies: new BodyReader(),
      counts: this.counts,
      admission: this.#options.admission,
      get draining() {
        return lane.#draining
      },
      now: () => this.#time.now(),
      report: (fault, id, path) => onInternalFault?.(fault, { id, method: 'POST', path }),
      leave: (connection) => this.#connections.delete(connection),
      handOver: (socket) => {
        this.counts.handedOver++
        handOver(socket)
      },
    }
  }
}
