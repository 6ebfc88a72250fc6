/**
 * One socket in the fast lane: requests off its bytes, one at a time and in order, and answers back. It ends by
 * closing, or by handing the socket and every byte that was not answered to node:http.
 */
import type { Socket } from 'node:net'
import { certificateOf } from '../../callers/certificate.ts'
import { requestIdFor } from '../before/request-id.ts'
import { readAhead } from './ahead.ts'
import type { AnswerPrinter } from './answer.ts'
import { type Head, HeadReader } from './head.ts'
import type { Rests, Road } from './lane.ts'
import type { Owner } from './reply.ts'
import { Turn } from './turn.ts'

const nothing = Buffer.alloc(0)

export class Connection implements Owner {
  readonly #socket: Socket
  readonly #road: Road
  readonly #heads: HeadReader
  /** From now on chunks go through the stream. */
  readonly #readBehind: () => void

  /** A chunk; what lies before `#at` is answered or being answered. */
  #bytes: Buffer = nothing
  #at = 0

  #turn: Turn
  #busy = false
  /** The client does not take its answers: none is made until it does. */
  #full = false
  #paused = false
  #isSettling = false
  #isCorked = false
  /** The client has said all it will say. */
  #ended = false
  /** Closed, closing, or no longer in the lane. */
  #over = false
  #started = false
  /** When the socket came, or its last answer was printed. */
  #restsSince: number

  constructor(socket: Socket, road: Road) {
    this.#socket = socket
    this.#road = road
    this.#heads = new HeadReader(road.gate, certificateOf(socket))
    this.#turn = new Turn(this, road)
    this.#restsSince = road.now()
    this.#readBehind = readAhead(socket, this.#take)
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /** Ahead of the stream, where nothing has to wait. */
  readonly #take = (chunk: Buffer): boolean => {
    if (this.#busy || this.#full) return false
    this.#started = true
    this.#bytes = chunk
    this.#at = 0
    this.go()
    return true
  }

  /** Through the stream. */
  readonly #onData = (chunk: Buffer): void => {
    if (this.#take(chunk)) return
    this.#started = true
    this.#pause()
    this.#socket.unshift(chunk)
  }

  readonly #onDrain = (): void => {
    if (!this.#full) return
    this.#full = false
    this.go()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    if (this.#isIdle()) this.#finish()
  }

  readonly #onError = (): void => {
    this.#socket.destroy()
  }

  readonly #onClose = (): void => {
    this.#over = true
    this.#turn.giveUp()
    this.#road.leave(this)
  }

  /** Answers what can be answered now. */
  go(): void {
    while (!this.#busy && !this.#full && !this.#over) {
      if (!this.#hasMore()) {
        this.#rest()
        return
      }
      const head = this.#heads.read(this.#bytes, this.#at)
      if (head === undefined || !this.#isTakeable()) {
        this.#handOver()
        return
      }
      this.#ask(head)
    }
  }

  /** Small, and all of it here. */
  #isTakeable(): boolean {
    const { bodyStart, bodyEnd } = this.#heads
    return bodyEnd - bodyStart <= this.#road.bodyBytesMax && bodyEnd <= this.#bytes.length
  }

  #ask(head: Head): void {
    const { bodyStart, bodyEnd } = this.#heads
    this.#busy = true
    this.#at = bodyEnd
    if (this.#hasMore()) this.#settleSoon()
    this.#turn.ask(head, requestIdFor(head.requestId), this.#bytes, bodyStart, bodyEnd)
    // What waits keeps no chunk alive either: each is a piece of memory that the collector has to follow.
    if (!this.#hasMore()) this.#forget()
  }

  #forget(): void {
    this.#bytes = nothing
    this.#at = 0
  }

  get isEnding(): boolean {
    return this.#road.draining && !this.#hasMore() && this.#socket.readableLength === 0
  }

  answered(text: string, encoding: 'latin1' | 'utf8', now: number): void {
    const isEnding = this.isEnding
    this.#begins(now)
    this.#wrote(this.#socket.write(text, encoding), isEnding)
  }

  answeredBytes(bytes: Buffer, printer: Pick<AnswerPrinter<string>, 'giveAway'>, now: number): void {
    const isEnding = this.isEnding
    this.#begins(now)
    const isTaken = this.#socket.write(bytes)
    // INVARIANT: what waits in the socket is not printed over.
    if (this.#socket.writableLength > 0) printer.giveAway()
    this.#wrote(isTaken, isEnding)
  }

  #begins(now: number): void {
    this.#road.counts.answered++
    this.#busy = false
    this.#restsSince = now
    // Pipelined answers leave together: those that can be given without waiting.
    if (this.#isSettling && !this.#isCorked) {
      this.#isCorked = true
      this.#socket.cork()
    }
  }

  #wrote(isTaken: boolean, isEnding: boolean): void {
    if (!isTaken) {
      this.#full = true
      this.#pause()
    }
    if (isEnding) this.#finish()
  }

  /** Everything that came is answered. */
  #rest(): void {
    // A resting connection keeps no chunk alive.
    this.#forget()
    if (this.#ended && this.#socket.readableLength === 0) this.#finish()
    else if (this.#paused) {
      this.#paused = false
      this.#socket.resume()
    }
  }

  #finish(): void {
    this.#over = true
    this.#socket.destroySoon()
  }

  #handOver(): void {
    const socket = this.#socket
    if (socket.destroyed) return
    this.#over = true
    this.#uncork()
    this.#readBehind()
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    this.#road.leave(this)
    // Paused, so that the bytes put back reach the listener that comes, before any that are read later.
    socket.pause()
    socket.unshift(this.#bytes.subarray(this.#at))
    this.#road.handOver(socket)
    socket.resume()
  }

  /** To be called every now and then: ends what rests too long, answers what is overdue. */
  sweep(now: number, rests: Rests): void {
    if (this.#busy) {
      const asked = now - this.#turn.arrivedAt
      if (!this.#turn.isBounded) {
        if (asked >= rests.idleMs) this.cut()
        return
      }
      if (asked < this.#road.requestTimeoutMs) return
      const turn = this.#turn
      this.#turn = new Turn(this, this.#road)
      turn.late()
      this.go()
      return
    }
    const rested = now - this.#restsSince
    if (this.#full) {
      if (rested >= rests.idleMs) this.cut()
    } else if (rested >= (this.#started ? rests.keepAliveMs : rests.firstByteMs)) this.#finish()
  }

  /** It ends now if it has rested since `before`, else with an answer. */
  drain(before: number): void {
    if (this.#isIdle() && (!this.#started || this.#restsSince <= before)) this.#finish()
  }

  cut(): void {
    this.#socket.destroy()
  }

  #isIdle(): boolean {
    return !this.#busy && !this.#full && !this.#hasMore()
  }

  #hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket.pause()
  }

  /** Settles once everything is answered that need not be waited for: after this job and all that it brings about. */
  #settleSoon(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    queueMicrotask(this.#settleAfterJobs)
  }

  readonly #settleAfterJobs = (): void => {
    process.nextTick(this.#settle)
  }

  readonly #settle = (): void => {
    this.#isSettling = false
    this.#uncork()
    if (this.#over || !this.#hasMore()) return
    // INVARIANT: what waits longer than a job waits in the stream. Here the end would overtake it, and after the end no
    // byte can be put back for node:http.
    this.#pause()
    this.#socket.unshift(this.#bytes.subarray(this.#at))
    this.#forget()
  }

  #uncork(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#socket.uncork()
  }
}
