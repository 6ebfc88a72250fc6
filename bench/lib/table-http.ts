/** What was measured over HTTP, as tables. */
import type { AnsweredBy } from './debug.ts'
import { digits } from './figures.ts'
import { number, table } from './markdown.ts'
import type { Ratio } from './pairs.ts'
import { sum } from './processor.ts'
import type { Results } from './results.ts'

export function httpTable({ http }: Results): string[] {
  const head = [
    '',
    '',
    'requests/s',
    'p50 µs',
    'p99 µs',
    'p99.9 µs',
    'server µs',
    'user + system',
    'generator',
    'graph',
    'kept',
    'walked',
    'RSS MiB',
  ]
  const rows = Object.entries(http).flatMap(([name, { variants }]) =>
    Object.entries(variants).map(([variant, load]) => [
      name,
      variantNames[variant] ?? variant,
      number(load.requestsPerSecond),
      number(load.p50),
      number(load.p99),
      number(load.p999),
      `${digits(sum(load.serverMicros))}`,
      `${digits(load.serverMicros.user)} + ${digits(load.serverMicros.system)}`,
      `${Math.round(load.clientShare * 100)}%`,
      ...sharesOf(load.answeredBy),
      number(load.serverPeakMiB),
    ]),
  )
  return table(head, rows)
}

/** Medians, and in brackets where the middle half of the pairs lies. */
export function toFloorTable({ http }: Results): string[] {
  const rows = Object.entries(http).flatMap(([name, { toFloor }]) =>
    Object.entries(toFloor).map(([variant, { requests, serverMicros, p50, p99 }]) => [
      name,
      variantNames[variant] ?? variant,
      ...[requests, p50, p99, serverMicros].map(printed),
      `${requests.pairs}`,
      `${p99.pairs}`,
    ]),
  )
  return table(['', '', 'requests/s', 'p50', 'p99', 'server µs', 'windows', 'groups of them'], rows)
}

function printed({ median, low, high }: Ratio): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

/** Of the checks, by what answered them. */
function sharesOf(answeredBy: AnsweredBy | undefined): readonly string[] {
  if (answeredBy === undefined) return ['–', '–', '–']
  const { graph, decisions, walked } = answeredBy
  return [graph, decisions, walked].map((share) => `${(share * 100).toFixed(1)}%`)
}

const variantNames: Readonly<Record<string, string>> = {
  floor: 'floor',
  kith: 'Kith',
  hono: 'Kith, no fast lane',
}
