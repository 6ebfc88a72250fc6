/** The options of this room, as `kith serve --help` prints them. OpenTelemetry's are its own: tracing.ts. */
import type { Option } from '../lib/option.ts'

const masks = ['context', 'subject', 'object', 'caller'] as const
/** What is not to be read in the decision log. */
export type Mask = (typeof masks)[number]

export interface ObserveOptions {
  /** `stdout` or a file. */
  readonly decisionLog: string | undefined
  /** One in so many is written; 0: none. */
  readonly decisionLogAllows: number
  readonly decisionLogDenies: number
  readonly decisionLogPaths: number
  readonly decisionLogMasks: readonly Mask[]
  readonly watchesMax: number
}

export const observeOptions: readonly Option<keyof ObserveOptions>[] = Object.freeze([
  {
    name: 'decision-log',
    variable: 'KITH_DECISION_LOG',
    field: 'decisionLog',
    kind: 'word',
    default: '',
    help: 'every decision as a JSON object a line, to this FILE or to stdout; the file is opened again on SIGHUP',
  },
  {
    name: 'decision-log-allows',
    variable: 'KITH_DECISION_LOG_ALLOWS',
    field: 'decisionLogAllows',
    kind: 'count',
    default: '1',
    unit: 'allows',
    range: [0, 1_000_000_000],
    help: 'of so many one is written; 0 writes none',
  },
  {
    name: 'decision-log-denies',
    variable: 'KITH_DECISION_LOG_DENIES',
    field: 'decisionLogDenies',
    kind: 'count',
    default: '1',
    unit: 'denies',
    range: [0, 1_000_000_000],
    help: 'of so many, and of refusals, one is written; 0 writes none',
  },
  {
    name: 'decision-log-paths',
    variable: 'KITH_DECISION_LOG_PATHS',
    field: 'decisionLogPaths',
    kind: 'count',
    default: '0',
    unit: 'lines',
    range: [0, 1_000_000_000],
    help: 'of so many lines about a check one says why, which costs an explanation; 0: none; none while subject or object is masked',
  },
  {
    name: 'decision-log-masks',
    variable: 'KITH_DECISION_LOG_MASKS',
    field: 'decisionLogMasks',
    kind: 'some',
    choices: masks,
    default: 'context',
    help: `what is struck out: none, or any of ${masks.join(', ')}, comma-separated`,
  },
  {
    name: 'watches-max',
    variable: 'KITH_WATCHES_MAX',
    field: 'watchesMax',
    kind: 'count',
    default: '100',
    unit: 'watches',
    range: [0, 100_000],
    help: 'how many watches may be open at once; each holds a connection',
  },
] satisfies Option<keyof ObserveOptions>[])
