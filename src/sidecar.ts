/**
 * The composition root: the only file that wires the rooms. Storage, then the service, then what has to be in place,
 * then the door; and back in the other order. It decides nothing that a room could decide.
 */
import { openCallers } from './callers/open.ts'
import type { Config } from './config.ts'
import { type AppOptions, createApp } from './http/app.ts'
import { Lane } from './http/lane/lane.ts'
import { type Listening, listen } from './http/listen.ts'
import type { Log } from './lib/log.ts'
import type { Kith } from './service/kith.ts'
import { kithOver } from './service/open.ts'
import { openStorage } from './storage/open.ts'
import type { Storage } from './storage/storage.ts'
import { printTuple } from './tuple/tuple.ts'

export interface Sidecar {
  /** `http://host:port`, or `unix:path`. */
  readonly address: string
  readonly kith: Kith
  /** Not ready at once, then drained, then closed. Safe to call again. */
  stop(): Promise<void>
}

/** Resolves when it serves. @throws Error naming what is wrong: the address, a store file, the data folder */
export async function startSidecar(config: Config, log: Log): Promise<Sidecar> {
  demandSafeAddress(config)
  const storage = await openStorage({ path: config.data })
  try {
    return await serve(config, storage, log)
  } catch (thrown) {
    await storage.close()
    throw thrown
  }
}

/** A Kith that keeps nothing and listens nowhere: for tests of store files. */
export async function openInMemory(): Promise<{ readonly kith: Kith; readonly close: () => Promise<void> }> {
  const storage = await openStorage({ memory: true })
  return { kith: kithOver(storage), close: () => storage.close() }
}

async function serve(config: Config, storage: Storage, log: Log): Promise<Sidecar> {
  let stopping: Promise<void> | undefined
  const kith = kithOver(storage, {
    ...config,
    unready: () => (stopping === undefined ? undefined : 'the sidecar is stopping'),
    onMismatch: ({ tuple, ...found }) =>
      log(
        'error',
        'memory gave a wrong answer: a bug in Kith, please report it; everything in memory is forgotten',
        {
          ...found,
          tuple: printTuple(tuple),
        },
      ),
  })
  await bootstrapAll(kith, config.bootstrap, log)
  const callers = await openCallers(config, storage, {
    onKey: ({ what, key, by }) =>
      log('info', `key ${what}`, { key: key.id, name: key.name, scopes: key.scopes.words, by }),
  })
  const door: AppOptions = {
    ...callers,
    bodyBytesMax: config.bodyBytesMax,
    // Later than the lists' own deadline, whose end is an answer.
    requestTimeoutMs: Math.max(config.requestTimeoutMs, config.listDeadlineMs) + doorGraceMs,
    onInternalFault: ({ message, cause }, { id, method, path }) =>
      log('error', message, {
        id,
        method,
        path,
        cause: cause instanceof Error ? cause.stack : String(cause),
      }),
  }
  const lane = config.fastLane ? new Lane(kith, door) : undefined
  const app = createApp(kith, { ...door, ...(lane !== undefined && { lane: lane.counts }) })
  const listening = await listen(app, config.listen, { lane })
  log('info', 'serving', { address: listening.address, data: config.data })
  return {
    address: listening.address,
    kith,
    stop() {
      stopping ??= stop(listening, storage, config.drainMs, log)
      return stopping
    },
  }
}

/** Milliseconds that a question may overrun its own deadline before the door gives up on it. */
const doorGraceMs = 2_000

async function stop(listening: Listening, storage: Storage, drainMs: number, log: Log): Promise<void> {
  try {
    await listening.close(drainMs)
    await log.flush?.()
  } finally {
    await storage.close()
  }
  log('info', 'stopped')
}

/** In the order given; loaded only when asked for, because YAML is a heavy thing to start with. */
async function bootstrapAll(kith: Kith, paths: readonly string[], log: Log): Promise<void> {
  if (paths.length === 0) return
  const { parseStoreFile } = await import('./storefile/parse.ts')
  const { bootstrap } = await import('./storefile/bootstrap.ts')
  for (const path of paths) {
    await bootstrap(kith, await parseStoreFile(path), (line) => log('info', line, { bootstrap: path }))
  }
}

/** Where callers need not say who they are, whoever reaches the port may do everything. */
function demandSafeAddress({ listen: address, insecure, auth }: Config): void {
  if (insecure || auth.length > 0 || 'path' in address || isLoopback(address.host)) return
  const { host, port } = address
  throw new Error(
    `--listen ${host}:${port} can be reached from other machines, and no caller has to say who it is: ` +
      `give --auth keys (KITH_AUTH=keys), listen on 127.0.0.1:${port} or unix:PATH, or spell out --insecure (KITH_INSECURE=true)`,
  )
}

function isLoopback(host: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)
}
