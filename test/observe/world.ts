/** A server with a lane over a store in memory, a witness of the test's, and questions over both ways. */
import { onTestFinished } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Lane } from '../../src/http/lane/lane.ts'
import { listen } from '../../src/http/listen.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { Metrics } from '../../src/observe/metrics.ts'
import type { Seen } from '../../src/observe/witness.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Storage } from '../../src/storage/storage.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type document
  relations
    define blocked: [user]
    define viewer: [user, group#member, user with small]
    define reader: viewer but not blocked
condition small(size: int) {
  size < 10
}
`

export interface Ground {
  readonly kith: Kith
  readonly storage: Storage
  readonly store: string
  readonly model: string
}

export async function ground(): Promise<Ground> {
  const storage = await openStorage({ memory: true })
  onTestFinished(() => storage.close())
  const kith = kithOver(storage)
  const { id: store } = await kith.createStore('one')
  const { id: model } = await kith.writeModel({ store, json: await parseDsl(dsl) })
  const tuple = (subject: string) => ({ object: 'document:1', relation: 'viewer', subject })
  const conditional = { ...tuple('user:cleo'), condition: { name: 'small' } }
  await kith.write({ store, writes: [tuple('user:anne'), tuple('group:eng#member'), conditional] })
  return { kith, storage, store, model }
}

export interface Doors extends Ground {
  readonly url: string
  readonly lane: Lane
  readonly metrics: Metrics
  /** Over a connection of the lane, or of the app where `headers` say something that the lane does not know. */
  post(path: string, body: object, headers?: Record<string, string>): Promise<Response>
  check(user: string, more?: object, headers?: Record<string, string>): Promise<Response>
}

/** The header that sends a request to the app. */
export const viaApp = { tracestate: 'a=b' }

export async function doors(
  given: Ground,
  listeners: readonly ((seen: Seen) => void)[] = [],
): Promise<Doors> {
  const metrics = new Metrics(listeners)
  const lane = new Lane(given.kith, { witness: metrics })
  const app = createApp(given.kith, { witness: metrics, lane: lane.counts })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 }, { lane })
  onTestFinished(() => listening.close(1_000))
  const url = listening.address
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const text = JSON.stringify(body)
    const init = { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } }
    return fetch(`${url}/stores/${given.store}${path}`, init)
  }
  const check = (user: string, more: object = {}, headers?: Record<string, string>) =>
    post('/check', { tuple_key: { user, relation: 'viewer', object: 'document:1' }, ...more }, headers)
  return { ...given, url, lane, metrics, post, check }
}
