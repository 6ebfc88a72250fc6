/**
 * The composition root: the only file that wires the rooms. Storage, then the service, then what has to be in place,
 * then the door; and back in the other order. It decides nothing that a room could decide.
 */
import { openCallers } from './callers/open.ts'
import type { Config } from './config.ts'
import { UseSampler } from './directory/analytics/sampler.ts'
import { beginSampling } from './directory/analytics/sampling.ts'
import type { Ground as Directory } from './directory/ground.ts'
import { directoryOver } from './directory/open.ts'
import { readPresetsInUse } from './directory/preset/in-use.ts'
import { type Presets, presetsOf } from './directory/preset/presets.ts'
import { rawGuardOf } from './directory/raw.ts'
import { Admission } from './http/admission/admission.ts'
import { type AppOptions, createApp } from './http/app.ts'
import { Certificates } from './http/certificates.ts'
import { Lane } from './http/lane/lane.ts'
import { type Listening, type ListenOptions, listen } from './http/listen.ts'
import type { Log } from './lib/log.ts'
import { openPost, type Post } from './mail/post.ts'
import { mailSettings } from './mail/settings.ts'
import { type Observing, openObserving } from './observe/open.ts'
import type { Ground } from './service/ground.ts'
import type { Kith } from './service/kith.ts'
import { groundOver, kithOn, kithOver } from './service/open.ts'
import { openStorage } from './storage/open.ts'
import type { Storage } from './storage/storage.ts'
import { printTuple } from './tuple/tuple.ts'

export interface Sidecar {
  /** `http://host:port`, `https://host:port`, or `unix:path`. */
  readonly address: string
  /** Of the second address, where there is one. */
  readonly opsAddress: string | undefined
  readonly kith: Kith
  /** Reads again what files may have changed: certificates, the callers file. What cannot be used is logged, and changes nothing. */
  reload(): Promise<void>
  /**
   * In this order: not ready; served on for the notice; no new connections, what is under way ends; logs flushed; data
   * closed; and the second address last, so that all of it can be watched. Safe to call again.
   */
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
  let phase: 'starting' | 'serving' | 'stopping' = 'starting'
  const ground = groundOver(storage, {
    ...config,
    unready: () => (phase === 'serving' ? undefined : `the sidecar is ${phase}`),
    guardOf: (view) => rawGuardOf(directory, view),
    onMismatch: ({ tuple, ...found }) => log('error', mismatch, { ...found, tuple: printTuple(tuple) }),
  })
  const presets = presetsOf(config.presets)
  // Those of the package are right; reading them would cost every start what only organizations need.
  if (config.presets.length > 0) await presets.list()
  const post = await openPost(mailSettings(config))
  const directory = organizationsOver(ground, presets, post, config, log)
  await beginSampling(directory)
  const sampler = config.usageSample === 0 ? undefined : new UseSampler(directory)
  const kith = kithOn(ground, sampler)
  const callers = await openGate(config, storage, log)
  const observing = await openObserving(config, kith, storage, log)
  const admission = new Admission(config)
  const door: AppOptions = {
    witness: observing.witness,
    admission,
    gate: callers.gate,
    keys: callers.keys,
    directory,
    corsOrigins: pagesOf(config),
    bodyBytesMax: config.bodyBytesMax,
    // Later than the lists' own deadline, whose end is an answer.
    requestTimeoutMs: Math.max(config.requestTimeoutMs, config.listDeadlineMs) + doorGraceMs,
    hasStarted: () => phase !== 'starting',
    onInternalFault: ({ message, cause }, { id, method, path }) =>
      log('error', message, {
        id,
        method,
        path,
        cause: cause instanceof Error ? cause.stack : String(cause),
      }),
  }
  const doors = await openDoors(kith, door, observing, config, log)
  try {
    await bootstrapAll(kith, config.bootstrap, log)
    await doors.open()
  } catch (thrown) {
    callers.close()
    await observing.close()
    await doors.close(0)
    await doors.closeOps()
    admission.close()
    throw thrown
  }
  const carrier: Beside = { stop: async () => post.close() }
  const beside = [directory.errands, carrier, ...(sampler === undefined ? [] : [sampler])]
  phase = 'serving'
  readPresetsInUse(directory).catch((thrown: unknown) => {
    if (phase === 'serving') log('error', 'presets could not be read ahead', { reason: String(thrown) })
  })
  directory.errands.start().catch((thrown: unknown) => {
    log('error', 'errands that were left over could not be looked for', { reason: String(thrown) })
  })
  log('info', 'serving', { address: doors.address, ops: doors.opsAddress, data: config.data })
  let stopping: Promise<void> | undefined
  return {
    address: doors.address,
    opsAddress: doors.opsAddress,
    kith,
    async reload() {
      await Promise.all([doors.reload(), callers.reload(), observing.reload()])
    },
    stop() {
      phase = 'stopping'
      stopping ??= stop(kith, beside, doors, observing, storage, config, log).finally(() => {
        // Not before: while the notice lasts, a caller that is taken out of the file is still turned away.
        callers.close()
        admission.close()
      })
      return stopping
    },
  }
}

const mismatch =
  'memory gave a wrong answer: a bug in Kith, please report it; everything in memory is forgotten'

function organizationsOver(
  ground: Ground,
  presets: Presets,
  post: Post,
  config: Config,
  log: Log,
): Directory {
  return directoryOver(ground, presets, {
    usageDays: config.usageDays,
    post,
    onUndelivered: ({ org, invitation, code }) =>
      log('warn', 'an invitation was not mailed', { org, invitation, code }),
    usageSample: config.usageSample,
    onFailure: ({ org, id }, failure) =>
      log('warn', 'an errand failed, and is tried again', {
        org,
        errand: id,
        reason: failure instanceof Error ? failure.message : String(failure),
      }),
    onRepair: ({ org, group, added, removed }) =>
      log('warn', 'members by a rule were not what it says, and are now', { org, group, added, removed }),
  })
}

function openGate(config: Config, storage: Storage, log: Log): ReturnType<typeof openCallers> {
  return openCallers(config, storage, {
    onKey: ({ what, key, by }) =>
      log('info', `key ${what}`, {
        key: key.id,
        name: key.name,
        scopes: key.scopes.words,
        actor: key.actor,
        by,
      }),
    onRoll: (problem) => {
      if (problem === undefined) log('info', 'the callers file was read again')
      else log('error', 'the callers file cannot be used, the one before holds', { reason: problem.message })
    },
    onKeySetFailure: ({ message, cause }) =>
      log('warn', 'the keys of the token issuer cannot be read; those of before are believed for an hour', {
        reason: message,
        cause: cause instanceof Error ? cause.message : undefined,
      }),
  })
}

/** Where a bearer has to be shown, a page that has one may; else every page in a browser on this machine could ask. */
function pagesOf({ corsOrigins, auth }: Config): readonly string[] {
  return corsOrigins.length === 0 && auth.length > 0 ? ['*'] : corsOrigins
}

/** Milliseconds that a question may overrun its own deadline before the door gives up on it. */
const doorGraceMs = 2_000

/** What works on beside the requests; it ends after them, and before the data is closed. */
interface Beside {
  stop(): Promise<void>
}

async function stop(
  kith: Kith,
  beside: readonly Beside[],
  doors: Doors,
  observing: Observing,
  storage: Storage,
  config: Config,
  log: Log,
): Promise<void> {
  log('info', 'stopping')
  await new Promise((resolve) => setTimeout(resolve, config.drainNoticeMs))
  // They would last until they are cut.
  kith.endWatches('the sidecar is stopping')
  try {
    await doors.close(config.drainMs)
    for (const each of beside) await each.stop()
    await observing.close()
    await log.flush?.()
  } finally {
    await storage.close()
    await doors.closeOps()
  }
  log('info', 'stopped')
}

/** Where it is asked, and where operators look. */
interface Doors {
  readonly address: string
  readonly opsAddress: string | undefined
  /** Takes callers; operators are served before that. */
  open(): Promise<void>
  reload(): Promise<void>
  close(drainMs: number): Promise<void>
  closeOps(): Promise<void>
}

async function openDoors(
  kith: Kith,
  door: AppOptions,
  observing: Observing,
  config: Config,
  log: Log,
): Promise<Doors> {
  const { opsListen, tlsCert, tlsKey, tlsClientCa, socketMode } = config
  const certificates =
    tlsCert === undefined || tlsKey === undefined
      ? undefined
      : await Certificates.open({ cert: tlsCert, key: tlsKey, clientCa: tlsClientCa }, log)
  /** Over TLS a name that is bent has no certificate, and no page reaches a unix socket. */
  const isLocalAt = (place: Config['listen']): boolean =>
    config.auth.length === 0 && !config.insecure && certificates === undefined && !('path' in place)
  const optionsOf = (demandsClients: boolean): ListenOptions => ({
    socketMode,
    tls: certificates && { certificates, demandsClients },
  })
  const lane = config.fastLane ? new Lane(kith, door) : undefined
  const exposition = observing.exposition({ lane: lane?.counts, refused: door.admission?.refused ?? {} })
  const shown: AppOptions = { ...door, exposition, ...(lane !== undefined && { lane: lane.counts }) }
  // Probes have no certificates.
  const ops =
    opsListen &&
    (await listen(
      createApp(kith, { ...shown, audience: 'operators', isLocal: isLocalAt(opsListen) }),
      opsListen,
      optionsOf(false),
    ))
  let main: Listening | undefined
  return {
    get address() {
      return main?.address ?? ''
    },
    opsAddress: ops?.address,
    async open() {
      const mine: AppOptions = { ...shown, isLocal: isLocalAt(config.listen) }
      const app = createApp(kith, ops === undefined ? mine : { ...mine, audience: 'callers' })
      const { connectionsMax, tlsClientAuth } = config
      const demandsClients = certificates?.asksClients === true && tlsClientAuth === 'require'
      main = await listen(app, config.listen, { ...optionsOf(demandsClients), lane, connectionsMax })
    },
    async reload() {
      await certificates?.reload()
    },
    async close(drainMs) {
      await main?.close(drainMs)
    },
    async closeOps() {
      certificates?.close()
      await ops?.close(opsDrainMs)
    },
  }
}

/** Milliseconds for an answer to a probe that is under way at the very end. */
const opsDrainMs = 500

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
function demandSafeAddress({ listen: address, opsListen, insecure, auth }: Config): void {
  if (insecure || auth.length > 0) return
  demandLocal('listen', address)
  if (opsListen !== undefined) demandLocal('ops-listen', opsListen)
}

function demandLocal(option: string, address: Config['listen']): void {
  if ('path' in address || isLoopback(address.host)) return
  const { host, port } = address
  throw new Error(
    `--${option} ${host}:${port} can be reached from other machines, and no caller has to say who it is: ` +
      `give --auth keys (KITH_AUTH=keys), listen on 127.0.0.1:${port} or unix:PATH, or spell out --insecure (KITH_INSECURE=true)`,
  )
}

function isLoopback(host: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host)
}
