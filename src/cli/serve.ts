/** `kith serve`: runs the sidecar until it is told to stop. Its options are the table of config.ts. */
import { getHeapStatistics } from 'node:v8'
import { Command, Option } from 'commander'
import { type Config, configOptions, type Overrides, readConfig } from '../config.ts'
import type { Log } from '../lib/log.ts'
import { memoryLimit } from '../lib/memory-limit.ts'
import { version } from '../lib/version.ts'
import type { Sidecar } from '../sidecar.ts'
import { exitCodes, Failure } from './failure.ts'
import { growHeapInSteps } from './heap-growth.ts'
import { scavengeAloneOnOneCore, standHelpersBehind } from './helper-threads.ts'
import { note, onOneLine, outliveReaders, print } from './terminal.ts'

export function serveCommand(): Command {
  const command = new Command('serve').description(
    'run the sidecar; every option is an environment variable too, and flags win',
  )
  for (const flag of configOptions.flatMap(flagsOf)) command.addOption(flag)
  return command.action(async (given: Readonly<Record<string, string | boolean | string[]>>) => {
    const overrides: Overrides = Object.fromEntries(
      configOptions.map(({ name }) => [name, given[new Option(`--${name}`).attributeName()]]),
    )
    outliveReaders()
    const memoryMax = memoryLimit()
    const config = readConfig(overrides, process.env, memoryMax)
    const { logToStderr } = await import('../lib/log-lines.ts')
    const { startSidecar } = await import('../sidecar.ts')
    const log = logToStderr(config.logLevel)
    // It ends all the same; its line is among the others, with what a log must not hold struck out.
    process.on('uncaughtExceptionMonitor', ({ stack }, origin) =>
      log('error', 'dying', { origin, cause: stack }),
    )
    const sidecar = await startSidecar(config, log).catch((error: unknown) => {
      throw explained(error)
    })
    growHeapInSteps()
    scavengeAloneOnOneCore()
    standHelpersBehind()
    tellMemory(log, config, memoryMax)
    const line = await banner(sidecar, config.data)
    // Signals are heard before anybody is told that it serves: who waits for the line may send one at once.
    const stopped = untilStopped(sidecar)
    print(line)
    await stopped
  })
}

/**
 * What memory it may take, and what it means to. V8's heap is bounded when the process starts and by nothing after that:
 * a bound above the limit is worth a warning, as the kernel's kill is the only other one.
 */
function tellMemory(log: Log, { cacheBytesMax, decisionBytesMax }: Config, limit: number | undefined): void {
  const heap = getHeapStatistics().heap_size_limit
  const fields = { limit: limit ?? 'none', cache: cacheBytesMax, decisions: decisionBytesMax, heap }
  if (limit === undefined || heap + outsideHeapBytes <= limit) log('info', 'memory, in bytes', fields)
  else {
    const mib = Math.floor(Math.max(limit - outsideHeapBytes, limit / 2) / 2 ** 20)
    log(
      'warn',
      `memory, in bytes: the heap may outgrow the limit; NODE_OPTIONS=--max-old-space-size=${mib}`,
      fields,
    )
  }
}

/** What the process takes beside V8's heap: its code, LevelDB's caches and files, buffers of sockets. */
const outsideHeapBytes = 96 * 2 ** 20

type ConfigOption = (typeof configOptions)[number]

/** What is on by default is turned off by `--no-`; the flag itself is taken too, so that scripts can spell it out. */
function flagsOf(option: ConfigOption): Option[] {
  if (option.kind !== 'switch' || option.default !== 'true') return [flagOf(option)]
  const { name } = option
  // INVARIANT: the flag comes first, or commander would make `true` its default, and it would win over the variable.
  return [new Option(`--${name}`).hideHelp(), flagOf({ ...option, name: `no-${name}` })]
}

function flagOf(option: ConfigOption): Option {
  const { name, kind, help, unit, variable } = option
  const value = kind === 'switch' ? '' : ` <${placeholders[kind] ?? unit?.replace(' ', '-') ?? kind}>`
  const given = option.default === '' ? '' : `; default ${option.default}`
  const flag = new Option(
    `--${name}${value}`,
    `${help} (${unit === undefined ? '' : `${unit}; `}${variable}${given})`,
  )
  if (kind !== 'files') return flag
  return flag.argParser((path: string, before: readonly string[] | undefined) => [...(before ?? []), path])
}

const placeholders: Partial<Record<ConfigOption['kind'], string>> = {
  text: 'path',
  address: 'address',
  file: 'file',
  files: 'file',
  mode: 'mode',
  choice: 'choice',
  level: 'level',
  some: 'kinds',
  word: 'text',
  words: 'words',
}

/** One line, on standard output: what a script waits for, and the port where 0 was asked for. */
async function banner({ address, kith }: Sidecar, data: string): Promise<string> {
  const { stores, continuationToken } = await kith.stores({ pageSize: 5 })
  const names = stores.map(({ name }) => onOneLine(name)).join(', ')
  const named = names === '' ? 'no stores yet' : `stores: ${names}${continuationToken === '' ? '' : ', ...'}`
  return `kith ${version()} serving on ${address}, data in ${data}, ${named}`
}

/**
 * Milliseconds in which signals are one wish: Ctrl-C under `npm start` arrives twice, from the terminal and from npm.
 */
const sameWishMs = 1_000

/** The first SIGTERM or SIGINT stops gently and resolves this when all is closed; a later one ends the process. */
function untilStopped(sidecar: Sidecar): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked: number | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now()
      if (asked === undefined) {
        asked = now
        note(`${signal}: stopping; requests under way may end; send it again to force`)
        sidecar.stop().then(resolve, reject)
      } else if (now - asked > sameWishMs) {
        note(`${signal} again: ending at once`)
        process.exit(exitCodes.failed)
      }
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    // At a terminal it is the terminal that has gone.
    if (process.stdout.isTTY !== true) process.on('SIGHUP', () => void sidecar.reload())
  })
}

interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string
  /** -1 for a unix socket. */
  readonly port?: number
  readonly hostname?: string
}

/** Errors of the system in the words of the options. */
function explained(error: unknown): unknown {
  const message = error instanceof Error ? wordsFor(error) : undefined
  return message === undefined ? error : new Failure(message, { cause: error })
}

function wordsFor({ code, syscall, address, port = -1, path, hostname }: SystemError): string | undefined {
  const listens = syscall === 'listen'
  const isSocket = listens && port < 0
  const place = address === undefined || port < 0 ? (address ?? path) : `${address}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is in use; is Kith running there? --listen takes another${isSocket ? '' : '; port 0 a free one'}`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address}; see --listen`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${hostname} has no address; see --listen`
    case 'EACCES':
      // The system's answer to a missing folder too.
      return isSocket
        ? `${place}: there is no such folder, or this user may not make a socket in it; see --listen`
        : `${place}: this user may not; see ${listens ? '--listen' : '--data'}`
    default:
      return undefined
  }
}
