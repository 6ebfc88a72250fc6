/** Two servers over the same Kith, one with the fast lane and one without: whatever is sent, they must answer alike. */
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Gate } from '../../../src/callers/gate.ts'
import { createApp } from '../../../src/http/app.ts'
import { Lane, type LaneCounts } from '../../../src/http/lane/lane.ts'
import { listen } from '../../../src/http/listen.ts'
import { Fault } from '../../../src/lib/fault.ts'
import type { Kith } from '../../../src/service/kith.ts'
import { fake, modelId, storeId, zookie } from '../fake.ts'
import { farEndOf, hasRead } from '../far-end.ts'

/** The first object decides: `allowed`, `denied`, `later` (two turns on), a fault code, `boom` (not a fault), `told` (a trace). */
const answers: Pick<Kith, 'check' | 'batchCheck' | 'listObjects' | 'write' | 'isGuarded'> = {
  isGuarded: () => guarded.now,
  async check({ tuple, trace }) {
    const [, id = ''] = tuple.object.split(':')
    if (id === 'later') await turn()
    if (id === 'boom') throw new Error('not a fault')
    if (id === 'unavailable') throw new Fault('unavailable', 'try again, ☃')
    if (id === 'complex') throw new Fault('authorization_model_resolution_too_complex', `too deep: ${id}`)
    const told = trace ? { resolution: `weil ${id} – ja`, trace: { path: [id] } } : { resolution: '' }
    return { zookie, model: modelId, allowed: id !== 'denied', ...told }
  },
  async batchCheck({ checks }) {
    if (checks.length > 3) throw new Fault('validation_error', `batchCheck received ${checks.length} checks`)
    const results = checks.map(({ correlationId, tuple }): [string, boolean | Fault] => [
      correlationId,
      tuple.object.endsWith('boom')
        ? new Fault('validation_error', `ü: ${tuple.object}`)
        : !tuple.object.endsWith('denied'),
    ])
    return { zookie, model: modelId, results: new Map(results) }
  },
  /** The subject's id decides. */
  async listObjects({ type, subject, pageSize, continuationToken }) {
    const [, id = ''] = subject.split(':')
    if (id === 'later') await turn()
    if (id === 'boom') throw new Error('not a fault')
    if (id === 'unavailable') throw new Fault('unavailable', 'try again, ☃')
    const objects =
      id === 'nobody' ? [] : [`${type}:1`, `${type}:ünü`, `${type}:${continuationToken ?? pageSize}`]
    return {
      zookie,
      model: modelId,
      objects,
      continuationToken: pageSize ? 'c1' : '',
      truncated: id === 'cut',
    }
  },
  async write({ writes = [], deletes = [] }) {
    const [, id = ''] = (writes[0] ?? deletes[0])?.object.split(':') ?? []
    if (id === 'later') await turn()
    if (id === 'boom') throw new Error('not a fault')
    if (id === 'unavailable') throw new Fault('unavailable', 'the outcome of the write is unknown')
    if (id === '') throw new Fault('invalid_write_input', 'Invalid input. ☃')
    return { zookie, model: modelId, written: writes.length, deleted: deletes.length }
  },
}

/** Whether the store is an organization, as both are told. */
export const guarded = { now: false }

/** What a server did with what it was sent. */
interface Done {
  /** All it answered, until it hung up; ids, dates and durations taken out. */
  readonly text: string
  /** What it asked of Kith. */
  readonly calls: readonly unknown[][]
  /** Faults it reported as its own. */
  readonly reports: readonly unknown[]
}

/** What is sent; or what happens between two things that are. */
export type Part = string | Uint8Array | (() => unknown)

export interface Twins {
  /** Sends the parts to both, each once the one before has been read, and then the end of the stream. */
  ask(...parts: Part[]): Promise<{ readonly lane: Done; readonly app: Done }>
  /** The same, of the one with the lane alone: for parts that can happen once only. */
  askLane(...parts: Part[]): Promise<Done>
  readonly counts: LaneCounts
  close(): Promise<void>
}

/** Both let in whom the gate knows; without one, everybody. */
export async function startTwins(gate = new Gate()): Promise<Twins> {
  const one = await start(true, gate)
  const other = await start(false, gate)
  return {
    counts: one.counts,
    async ask(...parts) {
      return { lane: await one.ask(parts), app: await other.ask(parts) }
    },
    askLane: (...parts) => one.ask(parts),
    async close() {
      await Promise.all([one.close(), other.close()])
    },
  }
}

async function start(fast: boolean, gate: Gate) {
  const { kith, calls } = fake(answers)
  const reports: unknown[] = []
  const door = {
    gate,
    onInternalFault: (fault: Fault, request: object) =>
      reports.push([fault.code, String(fault.cause), plain(JSON.stringify(request))]),
  }
  const lane = new Lane(kith, door)
  const listening = await listen(createApp(kith, door), { host: '127.0.0.1', port: 0 }, fast ? { lane } : {})
  const port = Number(new URL(listening.address).port)
  return {
    counts: lane.counts,
    async ask(parts: readonly Part[]): Promise<Done> {
      calls.length = 0
      reports.length = 0
      const text = plain(await exchange(port, parts))
      return { text, calls: calls.map(withoutId), reports: [...reports] }
    },
    close: () => listening.close(0),
  }
}

function exchange(port: number, parts: readonly Part[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += chunk
    })
    // A server that refuses may hang up while the rest is being sent.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(text))
    /** Until nothing has come for so many turns of the event loop: what was read is answered within a few. */
    const quiet = async (turns: number) => {
      for (let seen = -1, calm = 0; calm < turns; calm = seen === text.length ? calm + 1 : 0) {
        seen = text.length
        await turn()
      }
    }
    socket.on('connect', async () => {
      const end = await farEndOf(socket)
      let sent = 0
      for (const part of parts) {
        if (socket.destroyed) return
        if (typeof part === 'function') {
          await part()
          continue
        }
        socket.write(part)
        sent += Buffer.byteLength(part)
        await hasRead(end, sent)
        await quiet(6)
      }
      // node:http forgets the answers it still owes to a client that says it is done: they are waited for.
      await quiet(12)
      socket.end()
    })
  })
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g

/** A call without the id that a change is noted with, where it is one of ours. */
function withoutId(call: readonly unknown[]): unknown[] {
  return call.map((argument) => {
    const { provenance } = (argument ?? {}) as { readonly provenance?: { readonly requestId?: string } }
    if (provenance?.requestId === undefined) return argument
    return { ...(argument as object), provenance: { ...provenance, requestId: plain(provenance.requestId) } }
  })
}

/** Without what differs between any two answers. */
function plain(text: string): string {
  return text
    .replace(uuid, '<id>')
    .replace(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/gm, 'Date: <date>')
    .replace(/^fga-query-duration-ms: \d+/gm, 'fga-query-duration-ms: <ms>')
}

export const key = (id: string) => ({ user: 'user:anne', relation: 'viewer', object: `document:${id}` })
/** A write of these, each with its own id. */
export const writing = (...ids: string[]) => JSON.stringify({ writes: { tuple_keys: ids.map(key) } })
export const body = (id: string, more: object = {}) => JSON.stringify({ tuple_key: key(id), ...more })

/** A question for the objects that `user:id` may view. */
export const listing = (id: string, more: object = {}) =>
  JSON.stringify({ type: 'document', relation: 'viewer', user: `user:${id}`, ...more })

/** A request as a plain client would send it. */
export function post(
  content: string | Uint8Array,
  { headers = [], verb = 'check' }: { headers?: readonly string[]; verb?: string } = {},
): Buffer {
  const bytes = Buffer.from(content)
  const lines = ['Host: localhost:8080', ...headers, `Content-Length: ${bytes.length}`]
  return Buffer.concat([
    Buffer.from(`POST /stores/${storeId}/${verb} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    bytes,
  ])
}
