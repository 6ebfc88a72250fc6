/**
 * How many requests a second over HTTP, and how long does each take? Kith with and without its fast lane beside the
 * floor, in turns: fresh processes each round, the order reversed from round to round. Prints one JSON line.
 */

import { prepared } from './lib/dataset.ts'
import { median } from './lib/figures.ts'
import { type Case, round, type Variant } from './lib/http-round.ts'
import { only, rounds, scale } from './lib/settings.ts'
import { hasFlag } from './lib/tree.ts'
import type { Load } from './load/client.ts'

const withFloor: readonly Variant[] = ['floor', 'kith', 'hono']
const alone: readonly Variant[] = ['kith']
const check = { profile: 'check', connections: 32, warmSeconds: 1 } as const

const cases: readonly Case[] = [
  { name: 'W2 check', scenario: 'W2', ...check, warmSeconds: 2, variants: withFloor },
  { name: 'W1 check', scenario: 'W1', ...check, variants: alone },
  { name: 'W6 check', scenario: 'W6', ...check, variants: alone },
  { name: 'W7 check', scenario: 'W7', ...check, variants: alone },
  { name: 'W2 batch of 50', scenario: 'W2', ...check, profile: 'batch', variants: ['floor', 'kith'] },
  { name: 'W8 mix', scenario: 'W8', ...check, profile: 'mix', variants: ['kith'] },
  { name: 'W8 without writes', scenario: 'W8', ...check, profile: 'mix-quiet', variants: ['kith'] },
  {
    name: 'writes, 256 at once',
    scenario: 'W1',
    profile: 'write',
    connections: 256,
    warmSeconds: 1,
    variants: ['floor', 'kith'],
  },
]

/** The medians of the rounds; failures have thrown. */
type Figures = Omit<Load, 'samples' | 'nonOk' | 'wrong' | 'lost'>
export type HttpResult = Readonly<Record<string, Partial<Record<Variant, Figures>>>>

const hasLane = hasFlag('no-fast-lane')
const result: Record<string, Partial<Record<Variant, Figures>>> = {}
for (const wanted of cases) {
  if (!wanted.name.includes(only)) continue
  const data = prepared(wanted.scenario, scale)
  const variants = wanted.variants.filter((variant) => variant !== 'hono' || hasLane)
  const loads = new Map<Variant, Load[]>(variants.map((variant) => [variant, []]))
  for (let turn = 0; turn < rounds; turn++) {
    for (const variant of turn % 2 === 0 ? variants : variants.toReversed()) {
      const load = await round(wanted, variant, data)
      console.error(
        `${wanted.name}, ${variant}: ${load.requestsPerSecond}/s, p99 ${load.p99} us, generator at ${load.clientShare}`,
      )
      loads.get(variant)?.push(load)
    }
  }
  result[wanted.name] = Object.fromEntries([...loads].map(([variant, taken]) => [variant, medians(taken)]))
}
console.log(JSON.stringify(result))

function medians(loads: readonly Load[]): Figures {
  const of = (figure: (load: Load) => number) => median(loads.map(figure))
  const shares = loads.flatMap(({ answeredBy }) => (answeredBy === undefined ? [] : [answeredBy]))
  return {
    requestsPerSecond: of((load) => load.requestsPerSecond),
    checksPerSecond: of((load) => load.checksPerSecond),
    requests: of((load) => load.requests),
    p50: of((load) => load.p50),
    p99: of((load) => load.p99),
    p999: of((load) => load.p999),
    max: of((load) => load.max),
    clientShare: of((load) => load.clientShare),
    serverShare: of((load) => load.serverShare),
    serverMiB: of((load) => load.serverMiB),
    serverPeakMiB: of((load) => load.serverPeakMiB),
    ...(shares.length > 0 && {
      answeredBy: {
        graph: median(shares.map(({ graph }) => graph)),
        decisions: median(shares.map(({ decisions }) => decisions)),
        walked: median(shares.map(({ walked }) => walked)),
      },
    }),
  }
}
