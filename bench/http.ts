/**
 * How many requests a second over HTTP, and how long does each take? Kith with and without its fast lane beside the
 * floor, in turns of half a second: fresh processes each round, the order reversed from turn to turn. Prints one JSON line.
 */
import { median } from './lib/figures.ts'
import { type Case, type Compared, round, type Variant, windowsOf } from './lib/http-round.ts'
import { type Beside, besides } from './lib/pairs.ts'
import { only, rounds, secondsOr } from './lib/settings.ts'
import { hasFlag } from './lib/tree.ts'
import type { Load } from './load/measured.ts'
import type { Profile } from './load/requests.ts'

const rows: Readonly<Record<string, { readonly scenario: string; readonly profile: Profile }>> = {
  'W2 check': { scenario: 'W2', profile: 'check' },
  'W2 batch of 50': { scenario: 'W2', profile: 'batch' },
  'W1 check': { scenario: 'W1', profile: 'check' },
  'W6 check': { scenario: 'W6', profile: 'check' },
  'W7 check': { scenario: 'W7', profile: 'check' },
  'W8 mix': { scenario: 'W8', profile: 'mix' },
  'W8 without writes': { scenario: 'W8', profile: 'mix-quiet' },
  'writes, 256 at once': { scenario: 'W1', profile: 'write' },
}
function of(name: string, ...variants: readonly Variant[]): readonly Compared[] {
  const row = rows[name]
  return row === undefined ? [] : variants.map((variant) => ({ name, variant, ...row }))
}

const windowSeconds = 0.5
const seconds = secondsOr(4)
const closed = { connections: 32, warmSeconds: 1, windowSeconds } as const

/** Asked in turns each: those that are held against one another, and those that share what it takes to begin. */
const cases: readonly Case[] = [
  {
    ...closed,
    windows: windowsOf(seconds, windowSeconds),
    sides: [...of('W2 check', 'floor', 'kith', 'hono'), ...of('W2 batch of 50', 'floor', 'kith')],
  },
  {
    ...closed,
    windows: windowsOf(seconds / 2, windowSeconds),
    sides: ['W1 check', 'W6 check', 'W7 check'].flatMap((name) => of(name, 'kith')),
  },
  {
    ...closed,
    windows: windowsOf(seconds / 2, windowSeconds),
    sides: ['W8 mix', 'W8 without writes'].flatMap((name) => of(name, 'kith')),
  },
  {
    connections: 256,
    warmSeconds: 1,
    // Of writes that share a commit half a second holds a dozen.
    windowSeconds: 1,
    windows: windowsOf(seconds, 1),
    sides: of('writes, 256 at once', 'floor', 'kith'),
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
  const sides = known.sides.filter(
    ({ name, variant }) => name.includes(only) && (variant !== 'hono' || hasLane),
  )
  if (sides.length > 0) await measure({ ...known, sides })
}
console.log(JSON.stringify(result))

async function measure(wanted: Case): Promise<void> {
  const taken = wanted.sides.map((): Load[] => [])
  for (let turn = 0; turn < rounds; turn++) {
    const loads = await round(wanted)
    wanted.sides.forEach(({ name, variant }, at) => {
      const load = loads[at]
      if (load === undefined) throw new Error(`nothing was told of ${name}`)
      taken[at]?.push(load)
      console.error(`  ${name}, ${variant}: ${told(load)}`)
    })
  }
  const sides = wanted.sides.map(({ name, variant }, at) => ({ name, variant, loads: taken[at] ?? [] }))
  for (const row of new Set(sides.map(({ name }) => name)))
    result[row] = caseOf(sides.filter(({ name }) => name === row))
}

function caseOf(sides: readonly { readonly variant: Variant; readonly loads: readonly Load[] }[]): HttpCase {
  const floor = sides.find(({ variant }) => variant === 'floor')?.loads
  const others = floor === undefined ? [] : sides.filter(({ variant }) => variant !== 'floor')
  return {
    variants: Object.fromEntries(sides.map(({ variant, loads }) => [variant, medians(loads)])),
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
