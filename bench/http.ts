/**
 * How many requests a second over HTTP, and how long does each take? Kith with and without its fast lane beside the
 * floor, in turns of half a second: fresh processes each round, the order reversed from turn to turn. Prints one JSON line.
 */
import { median } from './lib/figures.ts'
import { type Case, type Compared, round, type Variant } from './lib/http-round.ts'
import { type Beside, besides } from './lib/pairs.ts'
import { only, rounds } from './lib/settings.ts'
import { hasFlag } from './lib/tree.ts'
import type { Load } from './load/measured.ts'

const of = (scenario: string, ...variants: readonly Variant[]): readonly Compared[] =>
  variants.map((variant) => ({ name: variant, scenario, variant }))
const closed = { connections: 32, warmSeconds: 1, windowSeconds: 0.5 } as const
const check = { ...closed, profile: 'check', warmRequests: 20_000 } as const
const batch = { ...closed, profile: 'batch', warmRequests: 2_000 } as const
/** Its code has run when its data has been asked for. */
const mix = { ...closed, warmRequests: 0 } as const

const cases: readonly Case[] = [
  { name: 'W2 check', ...check, sides: of('W2', 'floor', 'kith', 'hono') },
  { name: 'W1 check', ...check, sides: of('W1', 'kith') },
  { name: 'W6 check', ...check, sides: of('W6', 'kith') },
  { name: 'W7 check', ...check, sides: of('W7', 'kith') },
  { name: 'W2 batch of 50', ...batch, sides: of('W2', 'floor', 'kith') },
  { name: 'W8 mix', ...mix, profile: 'mix', sides: of('W8', 'kith') },
  { name: 'W8 without writes', ...mix, profile: 'mix-quiet', sides: of('W8', 'kith') },
  {
    name: 'writes, 256 at once',
    profile: 'write',
    connections: 256,
    warmSeconds: 1,
    warmRequests: 8_000,
    // Of writes that share a commit half a second holds a dozen.
    windowSeconds: 1,
    sides: of('W1', 'floor', 'kith'),
  },
]

/** The medians of the rounds; failures have thrown. */
type Figures = Omit<Load, 'samples' | 'nonOk' | 'wrong' | 'lost' | 'windows' | 'tails'>

export interface HttpCase {
  readonly variants: Partial<Record<Variant, Figures>>
  /** Of the others to the floor, where it was asked beside them. */
  readonly toFloor: Partial<Record<Variant, Beside>>
}
export type HttpResult = Readonly<Record<string, HttpCase>>

const hasLane = hasFlag('no-fast-lane')
const result: Record<string, HttpCase> = {}
for (const known of cases) {
  if (!known.name.includes(only)) continue
  const sides = known.sides.filter(({ variant }) => variant !== 'hono' || hasLane)
  result[known.name] = await measure({ ...known, sides })
}
console.log(JSON.stringify(result))

async function measure(wanted: Case): Promise<HttpCase> {
  const taken: (readonly Load[])[] = []
  for (let turn = 0; turn < rounds; turn++) {
    const loads = await round(wanted)
    taken.push(loads)
    loads.forEach((load, at) => {
      console.error(`  ${wanted.name}, ${wanted.sides[at]?.name}: ${told(load)}`)
    })
  }
  const loadsOf = (at: number) => taken.flatMap((loads) => loads[at] ?? [])
  const named = wanted.sides.map(({ variant }, at) => ({ variant, loads: loadsOf(at) }))
  const floor = named.find(({ variant }) => variant === 'floor')?.loads
  const others = floor === undefined ? [] : named.filter(({ variant }) => variant !== 'floor')
  return {
    variants: Object.fromEntries(named.map(({ variant, loads }) => [variant, medians(loads)])),
    toFloor: Object.fromEntries(others.map(({ variant, loads }) => [variant, besides(loads, floor ?? [])])),
  }
}

function told({ requestsPerSecond, p99, serverMicros: { user, system, others }, clientShare }: Load): string {
  return `${requestsPerSecond}/s, p99 ${p99} us, server ${user}+${system}+${others} us, generator at ${clientShare}`
}

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
    serverMicros: {
      user: of((load) => load.serverMicros.user),
      system: of((load) => load.serverMicros.system),
      others: of((load) => load.serverMicros.others),
    },
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
