/** A Kith in memory, served on a port of its own as the sidecar does, with organizations: asked as a client would. */
import { afterAll, onTestFinished } from 'vitest'
import type { Gate } from '../../src/callers/gate.ts'
import { UseSampler } from '../../src/directory/analytics/sampler.ts'
import type { Ground } from '../../src/directory/ground.ts'
import { type DirectoryOptions, directoryOver } from '../../src/directory/open.ts'
import { presetsOf } from '../../src/directory/preset/presets.ts'
import { rawGuardOf } from '../../src/directory/raw.ts'
import { createApp } from '../../src/http/app.ts'
import { Lane } from '../../src/http/lane/lane.ts'
import { listen } from '../../src/http/listen.ts'
import { SteadyClock } from '../../src/lib/clock.ts'
import { groundOver, kithOn } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openRing, type Ring } from '../callers/ring.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: bodies are judged by the tests.
  readonly body: any
  readonly headers: Headers
}

/** One organization, asked as one of its people. */
export interface Organization {
  readonly id: string
  /** @param actor - id of a user */
  as(actor: string): Client
}

export type Client = (method: string, path: string, body?: unknown) => Promise<Answer>

export interface Directory {
  /** What it stands on, for what no route does. */
  readonly ground: Ground
  /** Where checks are looked at. */
  readonly sampler: UseSampler | undefined
  /** Where it is served: `http://127.0.0.1:PORT`. */
  readonly address: string
  /** Any request at all. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  /** With a user `boss` of the highest role. */
  organization(preset: string, name?: string): Promise<Organization>
}

/** Who is let in, and the key of all requests that show no other. */
export interface Closed {
  readonly gate: Gate
  readonly key: string
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> | ReadableStream {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
}

export interface Opening extends DirectoryOptions {
  /** Of presets, beside those of the package. */
  readonly folders?: readonly string[]
  readonly closed?: Closed
  /** Milliseconds since the epoch, where a test sets the clock. */
  readonly now?: () => number
}

/** For all tests of a file: closed after them. */
export async function sharedDirectory(opening: Opening = {}): Promise<Directory> {
  const { directory, close } = await serve(opening)
  afterAll(close)
  return directory
}

/** For one test: closed when it ends. */
export async function openDirectory(opening: Opening = {}): Promise<Directory> {
  const { directory, close } = await serve(opening)
  onTestFinished(close)
  return directory
}

/** One for all tests of a file that lets nobody in without a key, and is asked with one for everything. */
export async function sharedGuarded(
  opening: Opening = {},
): Promise<{ readonly ring: Ring; readonly directory: Directory }> {
  const ring = await openRing()
  return { ring, directory: await sharedDirectory({ ...opening, closed: await closedBy(ring) }) }
}

/** Whoever shows no key of their own shows one for everything. */
export async function closedBy(ring: Ring): Promise<Closed> {
  return { gate: ring.gate, key: await ring.key('*') }
}

async function serve({
  folders = [],
  closed,
  now = Date.now,
  ...options
}: Opening): Promise<{ directory: Directory; close(): Promise<void> }> {
  const storage = await openStorage({ memory: true }, { clock: new SteadyClock(now) })
  const ground = groundOver(storage, { guardOf: (view) => rawGuardOf(organizations, view) })
  const organizations: Ground = directoryOver(ground, presetsOf(folders), { now, ...options })
  const sampler = options.usageSample === undefined ? undefined : new UseSampler(organizations)
  const kith = kithOn(ground, sampler)
  await organizations.errands.start()
  const door = { directory: organizations, ...(closed && { gate: closed.gate }) }
  const place = { host: '127.0.0.1', port: 0 }
  const app = createApp(kith, door)
  const served = await listen(app, place, { lane: new Lane(kith, door) })
  const mine = closed === undefined ? {} : { authorization: `Bearer ${closed.key}` }
  const ask: Directory['ask'] = async (method, path, body, headers = {}) => {
    // How much of a stream is asked for shows without sockets between, which take more.
    const isPulled = body instanceof ReadableStream
    const init = {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...mine, ...headers },
      ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
      ...(isPulled ? { duplex: 'half' as const } : {}),
    }
    const response = await (isPulled ? app.request(path, init) : fetch(`${served.address}${path}`, init))
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }
  const directory: Directory = {
    ground: organizations,
    sampler,
    address: served.address,
    ask,
    async organization(preset, name = preset) {
      const made = await ask('POST', '/v1/orgs', {
        name,
        preset,
        owner: { id: 'boss', email: 'boss@example.com', name: 'Boss' },
      })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      const { id } = made.body as { id: string }
      return {
        id,
        as: (actor) => (method, path, body) =>
          ask(method, `/v1/orgs/${id}${path}`, body, { 'kith-actor': `user:${actor}` }),
      }
    },
  }
  const close = async () => {
    await served.close(0)
    await organizations.errands.stop()
    await sampler?.stop()
    await storage.close()
  }
  return { directory, close }
}
