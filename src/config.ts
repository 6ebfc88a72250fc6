/**
 * Every option of the sidecar: read once, from flags and then the environment, into one frozen Config. The table is
 * the documentation too: `kith serve --help` prints it. It opens nothing and starts nothing.
 */
import { callerOptions } from './callers/options.ts'
import type { CallerOptions } from './callers/settings.ts'
import { doorOptions, type HttpOptions, transportOptions } from './http/options.ts'
import { type LogLevel, logLevels } from './lib/log.ts'
import { type Address, ConfigError, type Option, parseOption } from './lib/option.ts'
import { type MailOptions, mailOptions } from './mail/options.ts'
import { type ObserveOptions, observeOptions } from './observe/options.ts'

export interface Config extends CallerOptions, HttpOptions, MailOptions, ObserveOptions {
  readonly data: string
  readonly listen: Address
  readonly opsListen: Address | undefined
  readonly socketMode: number
  readonly insecure: boolean
  readonly bootstrap: readonly string[]
  readonly presets: readonly string[]
  readonly usageDays: number
  readonly usageSample: number
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
  readonly logLevel: LogLevel
}

/** Milliseconds in ten minutes: a request that may take longer is a mistake in the unit. */
const msMax = 600_000

export const configOptions: readonly Option<keyof Config>[] = Object.freeze([
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
    name: 'ops-listen',
    variable: 'KITH_OPS_LISTEN',
    field: 'opsListen',
    kind: 'address',
    default: '',
    help: 'a second address for what operators read; --listen then answers 404 for it, and health answers on both',
  },
  {
    name: 'socket-mode',
    variable: 'KITH_SOCKET_MODE',
    field: 'socketMode',
    kind: 'mode',
    default: '660',
    help: 'who may connect to a unix socket: its file mode, octal',
  },
  {
    name: 'insecure',
    variable: 'KITH_INSECURE',
    field: 'insecure',
    kind: 'switch',
    default: 'false',
    help: 'listen beyond this machine although no caller has to say who it is',
  },
  ...callerOptions,
  ...observeOptions,
  ...transportOptions,
  {
    name: 'bootstrap',
    variable: 'KITH_BOOTSTRAP',
    field: 'bootstrap',
    kind: 'files',
    default: '',
    help: 'store files (.fga.yaml) to have in place before serving; several: comma-separated, or the flag again',
  },
  {
    name: 'presets',
    variable: 'KITH_PRESETS',
    field: 'presets',
    kind: 'files',
    default: '',
    help: 'folders of presets for organizations, beside those of the package; several: comma-separated, or the flag again',
  },
  ...mailOptions,
  {
    name: 'usage-days',
    variable: 'KITH_USAGE_DAYS',
    field: 'usageDays',
    kind: 'count',
    default: '400',
    unit: 'days',
    range: [31, 3_650],
    help: 'how long the use of organizations is kept day by day; of older months, up to 10 years, the sum is',
  },
  {
    name: 'usage-sample',
    variable: 'KITH_USAGE_SAMPLE',
    field: 'usageSample',
    kind: 'count',
    default: '0',
    unit: 'checks',
    range: [0, 1_000_000_000],
    help: 'of so many checks one is looked at for which grants were used, for reports of those that were not; 0: none',
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
    memoryShare: 1 / 4,
    help: 'about how much memory the tuples of recent questions may take, by default a quarter of a limit at most; 0 reads every tuple afresh',
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
    memoryShare: 1 / 32,
    help: 'about how much memory the answers that took a walk may take, by default a 32nd of a limit at most; 0 keeps none of them',
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
  ...doorOptions,
  {
    name: 'log-level',
    variable: 'KITH_LOG_LEVEL',
    field: 'logLevel',
    kind: 'level',
    default: 'info',
    help: `what is logged: ${logLevels.join(', ')}`,
  },
] satisfies Option<keyof Config>[])

/** By option name; what the command line gave. Several values where a flag was repeated. */
export type Overrides = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/**
 * Flags win over the environment, the environment over defaults. `memoryMax` is the limit of the process, bytes, which some
 * defaults keep to. @throws ConfigError
 */
export function readConfig(
  overrides: Overrides = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
  memoryMax?: number,
): Config {
  const values = configOptions.map((option) => [
    option.field,
    parseOption(option, textOf(option, overrides, { env, memoryMax })),
  ])
  // The table names every field of Config once, each with the reader of its type; the test holds it to that.
  const config = Object.freeze(Object.fromEntries(values)) as Config
  demandWhole(config)
  return config
}

/** Half of a protection is none: it refuses to start. */
function demandWhole({ listen, opsListen, tlsCert, tlsKey, tlsClientCa }: Config): void {
  const refuse = (name: string, variable: `KITH_${string}`, given: string, fix: string) => {
    throw new ConfigError({ name, variable }, given, fix)
  }
  if (tlsCert !== undefined && tlsKey === undefined) {
    refuse('tls-cert', 'KITH_TLS_CERT', tlsCert, 'give its key too: --tls-key (KITH_TLS_KEY)')
  }
  if (tlsKey !== undefined && tlsCert === undefined) {
    refuse('tls-key', 'KITH_TLS_KEY', tlsKey, 'give its certificate too: --tls-cert (KITH_TLS_CERT)')
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    refuse(
      'tls-client-ca',
      'KITH_TLS_CLIENT_CA',
      tlsClientCa,
      'certificates need TLS: give --tls-cert and --tls-key',
    )
  }
  if (tlsCert !== undefined && 'path' in listen && (opsListen === undefined || 'path' in opsListen)) {
    refuse('tls-cert', 'KITH_TLS_CERT', tlsCert, 'unix sockets speak no TLS, and no address is of TCP')
  }
}

function textOf(
  option: Option,
  overrides: Overrides,
  { env, memoryMax }: { env: Readonly<Record<string, string | undefined>>; memoryMax: number | undefined },
): string {
  const flag = overrides[option.name]
  if (typeof flag === 'object') return flag.join(',')
  if (flag !== undefined) return String(flag)
  const variable = env[option.variable]
  // An empty variable is how shells and compose files spell an absent one.
  if (variable !== undefined && variable !== '') return variable
  if (option.memoryShare === undefined || memoryMax === undefined) return option.default
  return String(Math.min(Number(option.default), Math.floor(memoryMax * option.memoryShare)))
}
