/** The options of this room, as `kith serve --help` prints them: over what it is asked, and who comes in. */
import type { Option } from '../lib/option.ts'

export interface HttpOptions {
  /** Empty: any page that shows a bearer, no other. */
  readonly corsOrigins: readonly string[]
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly tlsClientCa: string | undefined
  readonly tlsClientAuth: 'require' | 'request'
  readonly connectionsMax: number
  readonly listsMax: number
  readonly ratePerSecond: number
  readonly drainNoticeMs: number
  readonly drainMs: number
  readonly fastLane: boolean
}

/** Milliseconds in ten minutes: a drain that may take longer is a mistake in the unit. */
const drainMsMax = 600_000

export const transportOptions: readonly Option<keyof HttpOptions>[] = Object.freeze([
  {
    name: 'cors-origins',
    variable: 'KITH_CORS_ORIGINS',
    field: 'corsOrigins',
    kind: 'words',
    default: '',
    help: 'origins whose pages may ask, or *; without it those that show a key or a token',
  },
  {
    name: 'tls-cert',
    variable: 'KITH_TLS_CERT',
    field: 'tlsCert',
    kind: 'file',
    default: '',
    help: 'certificate chain (PEM): every TCP address speaks TLS; read again when it changes, and on SIGHUP',
  },
  {
    name: 'tls-key',
    variable: 'KITH_TLS_KEY',
    field: 'tlsKey',
    kind: 'file',
    default: '',
    help: 'private key of --tls-cert (PEM)',
  },
  {
    name: 'tls-client-ca',
    variable: 'KITH_TLS_CLIENT_CA',
    field: 'tlsClientCa',
    kind: 'file',
    default: '',
    help: 'authorities (PEM) whose certificates callers are asked for',
  },
  {
    name: 'tls-client-auth',
    variable: 'KITH_TLS_CLIENT_AUTH',
    field: 'tlsClientAuth',
    kind: 'choice',
    choices: ['require', 'request'],
    default: 'require',
    help: 'with --tls-client-ca: whether callers must show a certificate (require; health checks of --ops-listen need none) or may (request)',
  },
] satisfies Option<keyof HttpOptions>[])

export const doorOptions: readonly Option<keyof HttpOptions>[] = Object.freeze([
  {
    name: 'connections-max',
    variable: 'KITH_CONNECTIONS_MAX',
    field: 'connectionsMax',
    kind: 'count',
    default: '10000',
    unit: 'connections',
    range: [1, 1_000_000],
    help: 'connections of --listen at once; one more is closed as it comes',
  },
  {
    name: 'lists-max',
    variable: 'KITH_LISTS_MAX',
    field: 'listsMax',
    kind: 'count',
    default: '3',
    unit: 'lists',
    range: [1, 1_000],
    help: 'lists and explanations under way at once; others wait a second at most, then are told to come again',
  },
  {
    name: 'rate-limit',
    variable: 'KITH_RATE_LIMIT',
    field: 'ratePerSecond',
    kind: 'count',
    default: '0',
    unit: 'requests a second',
    range: [0, 1_000_000],
    help: 'of each caller, a second of them at once; 0 sets no limit',
  },
  {
    name: 'drain-notice',
    variable: 'KITH_DRAIN_NOTICE',
    field: 'drainNoticeMs',
    kind: 'count',
    default: '0',
    unit: 'ms',
    range: [0, drainMsMax],
    help: 'how long it goes on serving after the signal to stop, not ready: what load balancers need to notice',
  },
  {
    name: 'drain',
    variable: 'KITH_DRAIN',
    field: 'drainMs',
    kind: 'count',
    default: '10000',
    unit: 'ms',
    range: [0, drainMsMax],
    help: 'how long requests under way may go on after that',
  },
  {
    name: 'fast-lane',
    variable: 'KITH_FAST_LANE',
    field: 'fastLane',
    kind: 'switch',
    default: 'true',
    help: 'whether small checks are answered straight off the socket; the answers are the same without, only slower',
  },
] satisfies Option<keyof HttpOptions>[])
