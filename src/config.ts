/**
 * Every option of the sidecar: read once, from flags and then the environment, into one frozen Config. The table is
 * the documentation too: `kith serve --help` prints it. It opens nothing and starts nothing.
 */
import { type LogLevel, logLevels } from './lib/log.ts'

/** Where the sidecar can be reached: a TCP port or a Unix socket. */
type Address = { readonly host: string; readonly port: number } | { readonly path: string }

/** Kinds of credentials a caller can show. */
const credentialKinds = ['keys'] as const
type CredentialKind = (typeof credentialKinds)[number]

export interface Config {
  readonly data: string
  readonly listen: Address
  readonly insecure: boolean
  /** The kinds of credentials that callers show; none: nobody has to. */
  readonly auth: readonly CredentialKind[]
  readonly bootstrap: readonly string[]
  readonly resolveDepth: number
  readonly requestTimeoutMs: number
  readonly listDeadlineMs: number
  readonly listMax: number
  readonly tuplesPerWriteMax: number
  readonly checksPerBatchMax: number
  readonly bodyBytesMax: number
  readonly zookieWaitMs: number
  readonly cacheBytesMax: number
  readonly cacheWindowMs: number
  readonly decisionBytesMax: number
  readonly sampleEvery: number
  readonly drainMs: number
  readonly fastLane: boolean
  readonly logLevel: LogLevel
}

/** A value that cannot be used: which option, what was given, what to give. */
class ConfigError extends Error {
  constructor(option: Option, given: string, fix: string) {
    super(`--${option.name} (${option.variable}): \`${given}\` cannot be used: ${fix}`)
    this.name = 'ConfigError'
  }
}

export interface Option {
  /** As a flag, without the dashes. */
  readonly name: string
  readonly variable: `KITH_${string}`
  readonly field: keyof Config
  readonly kind: 'text' | 'address' | 'switch' | 'files' | 'count' | 'level' | 'credentials'
  /** As it would be typed. */
  readonly default: string
  readonly unit?: string
  /** The least and greatest that can be meant; for counts. */
  readonly range?: readonly [number, number]
  readonly help: string
}

/** Milliseconds in ten minutes: a request that may take longer is a mistake in the unit. */
const msMax = 600_000

export const configOptions: readonly Option[] = Object.freeze([
  {
    name: 'data',
    variable: 'KITH_DATA',
    field: 'data',
    kind: 'text',
    default: './data',
    help: 'folder of the tuples; created when it is missing',
  },
  {
    name: 'listen',
    variable: 'KITH_LISTEN',
    field: 'listen',
    kind: 'address',
    default: '127.0.0.1:8080',
    help: 'HOST:PORT or unix:PATH; port 0 takes a free one',
  },
  {
    name: 'insecure',
    variable: 'KITH_INSECURE',
    field: 'insecure',
    kind: 'switch',
    default: 'false',
    help: 'listen beyond this machine although no caller has to say who it is',
  },
  {
    name: 'auth',
    variable: 'KITH_AUTH',
    field: 'auth',
    kind: 'credentials',
    default: 'none',
    help: `what callers show of who they are: none, or any of ${credentialKinds.join(', ')}, comma-separated`,
  },
  {
    name: 'bootstrap',
    variable: 'KITH_BOOTSTRAP',
    field: 'bootstrap',
    kind: 'files',
    default: '',
    help: 'store files (.fga.yaml) to have in place before serving; several: comma-separated, or the flag again',
  },
  {
    name: 'resolve-depth',
    variable: 'KITH_RESOLVE_DEPTH',
    field: 'resolveDepth',
    kind: 'count',
    default: '25',
    unit: 'tuple hops',
    range: [1, 10_000],
    help: 'how deep a question may go before it is refused as too complex',
  },
  {
    name: 'request-timeout',
    variable: 'KITH_REQUEST_TIMEOUT',
    field: 'requestTimeoutMs',
    kind: 'count',
    default: '3000',
    unit: 'ms',
    range: [1, msMax],
    help: 'how long a question may take before it is refused',
  },
  {
    name: 'list-deadline',
    variable: 'KITH_LIST_DEADLINE',
    field: 'listDeadlineMs',
    kind: 'count',
    default: '3000',
    unit: 'ms',
    range: [1, msMax],
    help: 'how long a list may take before it is answered as far as it got, marked truncated',
  },
  {
    name: 'list-max',
    variable: 'KITH_LIST_MAX',
    field: 'listMax',
    kind: 'count',
    default: '1000',
    unit: 'names',
    range: [1, 1_000_000],
    help: 'how much a list without paging may hold before it is cut, marked truncated',
  },
  {
    name: 'max-tuples-per-write',
    variable: 'KITH_MAX_TUPLES_PER_WRITE',
    field: 'tuplesPerWriteMax',
    kind: 'count',
    default: '100',
    unit: 'tuples',
    range: [1, 10_000],
    help: 'writes and deletes of one request',
  },
  {
    name: 'max-checks-per-batch',
    variable: 'KITH_MAX_CHECKS_PER_BATCH',
    field: 'checksPerBatchMax',
    kind: 'count',
    default: '50',
    unit: 'checks',
    range: [1, 10_000],
    help: 'checks of one batch-check',
  },
  {
    name: 'body-bytes-max',
    variable: 'KITH_BODY_BYTES_MAX',
    field: 'bodyBytesMax',
    kind: 'count',
    default: '616448',
    unit: 'bytes',
    range: [1_024, 1_073_741_824],
    help: 'size of a request body; streams (import) are not bound by it',
  },
  {
    name: 'zookie-wait',
    variable: 'KITH_ZOOKIE_WAIT',
    field: 'zookieWaitMs',
    kind: 'count',
    default: '50',
    unit: 'ms',
    range: [0, msMax],
    help: 'how long a request waits for the revision of its zookie before it is refused as not yet fresh',
  },
  {
    name: 'cache-bytes',
    variable: 'KITH_CACHE_BYTES',
    field: 'cacheBytesMax',
    kind: 'count',
    default: '134217728',
    unit: 'bytes',
    range: [0, 68_719_476_736],
    help: 'about how much memory the tuples of recent questions may take; 0 reads every tuple afresh',
  },
  {
    name: 'cache-window',
    variable: 'KITH_CACHE_WINDOW',
    field: 'cacheWindowMs',
    kind: 'count',
    default: '300000',
    unit: 'ms',
    range: [1, 300_000],
    help: 'nothing kept in memory is used for longer, however valid; a commit is heard of at once',
  },
  {
    name: 'decision-cache-bytes',
    variable: 'KITH_DECISION_CACHE_BYTES',
    field: 'decisionBytesMax',
    kind: 'count',
    default: '16777216',
    unit: 'bytes',
    range: [0, 1_073_741_824],
    help: 'about how much memory the answers that took a walk may take; 0 keeps none of them',
  },
  {
    name: 'cache-sample',
    variable: 'KITH_CACHE_SAMPLE',
    field: 'sampleEvery',
    kind: 'count',
    default: '10000',
    unit: 'answers from memory',
    range: [0, 1_000_000_000],
    help: 'of so many answers from memory one is decided again without it, to be sure; 0 trusts it blindly',
  },
  {
    name: 'drain',
    variable: 'KITH_DRAIN',
    field: 'drainMs',
    kind: 'count',
    default: '10000',
    unit: 'ms',
    range: [0, msMax],
    help: 'how long requests under way may go on after the signal to stop',
  },
  {
    name: 'fast-lane',
    variable: 'KITH_FAST_LANE',
    field: 'fastLane',
    kind: 'switch',
    default: 'true',
    help: 'whether small checks are answered straight off the socket; the answers are the same without, only slower',
  },
  {
    name: 'log-level',
    variable: 'KITH_LOG_LEVEL',
    field: 'logLevel',
    kind: 'level',
    default: 'info',
    help: `what is logged: ${logLevels.join(', ')}`,
  },
] satisfies Option[])

/** By option name; what the command line gave. Several values where a flag was repeated. */
export type Overrides = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** Flags win over the environment, the environment over defaults. @throws ConfigError */
export function readConfig(
  overrides: Overrides = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const values = configOptions.map((option) => [
    option.field,
    settingOf(option, textOf(option, overrides, env)),
  ])
  // The table names every field of Config once, each with the reader of its type; the test holds it to that.
  return Object.freeze(Object.fromEntries(values)) as Config
}

function textOf(
  option: Option,
  overrides: Overrides,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const flag = overrides[option.name]
  if (typeof flag === 'object') return flag.join(',')
  if (flag !== undefined) return String(flag)
  const variable = env[option.variable]
  // An empty variable is how shells and compose files spell an absent one.
  return variable === undefined || variable === '' ? option.default : variable
}

function settingOf(option: Option, text: string): Config[keyof Config] {
  switch (option.kind) {
    case 'text':
      if (text === '') throw new ConfigError(option, text, 'give a path')
      return text
    case 'address':
      return addressOf(option, text)
    case 'switch':
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      throw new ConfigError(option, text, 'give true or false')
    case 'files':
      return Object.freeze(text.split(',').flatMap((file) => (file.trim() === '' ? [] : [file.trim()])))
    case 'count':
      return countOf(option, text)
    case 'level':
      return levelOf(option, text)
    case 'credentials':
      return credentialsOf(option, text)
  }
}

function countOf(option: Option, text: string): number {
  const [least, greatest] = option.range ?? [0, Number.MAX_SAFE_INTEGER]
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= least && count <= greatest) return count
  throw new ConfigError(option, text, `give a whole number of ${option.unit} from ${least} to ${greatest}`)
}

function levelOf(option: Option, text: string): LogLevel {
  const level = logLevels.find((known) => known === text)
  if (level === undefined) throw new ConfigError(option, text, `give one of ${logLevels.join(', ')}`)
  return level
}

function credentialsOf(option: Option, text: string): readonly CredentialKind[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.length === 1 && words[0] === 'none') return Object.freeze([])
  const kinds = credentialKinds.filter((kind) => words.includes(kind))
  if (kinds.length === words.length) return Object.freeze(kinds)
  throw new ConfigError(option, text, `give none, or any of ${credentialKinds.join(', ')}, each once`)
}

function addressOf(option: Option, text: string): Address {
  const fix = 'give HOST:PORT such as 127.0.0.1:8080, [::1]:8080 for IPv6, or unix:PATH'
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (path === '') throw new ConfigError(option, text, fix)
    return Object.freeze({ path })
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) throw new ConfigError(option, text, fix)
  return Object.freeze({ host, port })
}
