/**
 * The load generator, in a process of its own: so many connections to each server, each asking one thing at a time (a closed
 * loop), the servers in turns of short windows, the order reversed from turn to turn. Every status and every answer is
 * judged. Takes what to do as JSON, prints one JSON line: what was measured, by server in their order.
 */
import { scenarioOf } from '../scenarios/catalog.ts'
import type { Scale } from '../scenarios/scenario.ts'
import type { Load } from './measured.ts'
import { type Profile, type Request, requestsOf, unjudged } from './requests.ts'
import { type Served, Side } from './side.ts'

export interface Wanted {
  readonly sides: readonly Served[]
  readonly scale: Scale
  /** To each side. */
  readonly connections: number
  /** Whether all is asked for once before: what is measured is then in memory. */
  readonly isTouched: boolean
  /** Of load on each side before anything is measured, at least. */
  readonly warmSeconds: number
  readonly windows: number
  readonly windowSeconds: number
}

const wanted = JSON.parse(process.argv[2] ?? '') as Wanted

/** To all servers with the same bytes, so under one name. */
const host = 'localhost:8080'

type Rendered = readonly (readonly Request[])[]
const rendered = new Map<string, Rendered>()

/** By connection. */
function render({ scenario, store, requests }: Served, profile: Profile): Rendered {
  const name = `${scenario} ${store} ${profile}`
  const known = rendered.get(name)
  if (known !== undefined) return known
  const { scale, connections } = wanted
  const count = Math.ceil(requests / connections)
  const made = Array.from({ length: connections }, (_, lane) =>
    requestsOf({ host, store }, { scenario: scenarioOf(scenario), scale, profile, lane, count }),
  )
  rendered.set(name, made)
  return made
}

const sides = wanted.sides.map((served) => {
  const requests = render(served, served.profile)
  return new Side(served, served.judged ? requests : requests.map(unjudged))
})

/** Each server once; checks in batches, which takes a fraction of the time. What is written is another thing each time. */
async function touch(): Promise<void> {
  const done = new Set<string>()
  for (const side of sides) {
    const { url, profile, judged } = side.served
    if (!judged || profile === 'write' || done.has(url)) continue
    await side.askOnce(render(side.served, profile === 'check' ? 'batch' : profile))
    done.add(url)
  }
}
if (wanted.isTouched) await touch()
rendered.clear()

let turn = 0
async function inTurn(ask: (side: Side) => Promise<void>): Promise<void> {
  for (const side of turn++ % 2 === 0 ? sides : sides.toReversed()) await ask(side)
}
/** Slow sides, and slow machines, take more turns until their code is compiled; what fails, is told, and not waited for. */
const isWarm = (side: Side, turns: number): boolean =>
  turns * wanted.windowSeconds >= wanted.warmSeconds &&
  (side.answered >= side.served.warmRequests || side.hasFailed)
for (let turns = 0; sides.some((side) => !isWarm(side, turns)); turns++) {
  await inTurn(async (side) => {
    if (!isWarm(side, turns)) await side.warm(wanted.windowSeconds)
  })
}
for (const side of sides) await side.begin()
for (let left = wanted.windows; left > 0; left--) await inTurn((side) => side.measure(wanted.windowSeconds))

const loads: Load[] = []
for (const side of sides) loads.push(await side.load())
console.log(JSON.stringify(loads))
