/** One round over HTTP: fresh servers on their core, all up at once, asked in turns by one fresh generator on another. */
import type { Wanted } from '../load/client.ts'
import type { Load } from '../load/measured.ts'
import type { Profile } from '../load/requests.ts'
import type { Served } from '../load/side.ts'
import { lastLine, loadCore, type Server, serveFloor, serveKith, start } from './child.ts'
import { copyOf, prepared } from './dataset.ts'
import { scale, secondsOr, small } from './settings.ts'

export interface Case {
  readonly name: string
  readonly profile: Profile
  readonly connections: number
  /** The first is what the others are held against. */
  readonly sides: readonly Compared[]
  /** Of load on each before anything is measured, at least, after the working set was asked for once. */
  readonly warmSeconds: number
  readonly warmRequests: number
  readonly windowSeconds: number
}

export interface Compared {
  readonly name: string
  readonly scenario: string
  readonly variant: Variant
}

/** The floor; Kith as it comes; Kith without the fast lane. */
export type Variant = 'floor' | 'kith' | 'hono'

/** Measured, of each server in one round. */
const measuredSeconds = secondsOr(4)

/** What was measured, in the order of the sides. @throws Error when any answer was wrong, refused or lost */
export async function round(wanted: Case): Promise<readonly Load[]> {
  const up: Up[] = []
  try {
    for (const side of wanted.sides) up.push(await serve(side, wanted.profile))
    const loads = await generate({ ...asWanted(wanted), sides: up.map(({ served }) => served) })
    for (const { server } of up) await server.stop()
    for (const load of loads) refuseFaults(wanted.name, load)
    return loads
  } finally {
    for (const { remove } of up) remove()
  }
}

/** Runs the generator to its end. */
export async function generate(wanted: Wanted): Promise<readonly Load[]> {
  return lastLine<readonly Load[]>(start('load/client.ts', [JSON.stringify(wanted)], loadCore))
}

interface Up {
  readonly server: Server
  readonly served: Served
  remove(): void
}

/** Two processes cannot share a folder, and nobody writes to what is prepared: all but one that reads have copies. */
async function serve({ name, scenario, variant }: Compared, profile: Profile): Promise<Up> {
  const data = prepared(scenario, scale)
  const isReader = variant === 'kith' && profile !== 'write' && profile !== 'mix'
  const { folder, remove } = variant === 'floor' || isReader ? asItIs(data.folder) : copyOf(data)
  const server =
    variant === 'floor'
      ? await serveFloor()
      : await serveKith(folder, variant === 'hono' ? ['--no-fast-lane'] : [])
  const { url, pid } = server
  const served = { name, url, pid, store: data.store, scenario, judged: variant !== 'floor' }
  return { server, served, remove }
}

const asItIs = (folder: string) => ({ folder, remove: () => {} })

function asWanted({
  profile,
  connections,
  sides,
  warmSeconds,
  warmRequests,
  windowSeconds,
}: Case): Omit<Wanted, 'sides'> {
  const window = small ? 0.1 : windowSeconds
  return {
    scale,
    profile,
    connections,
    requests: requestsOf(sides, profile),
    // What is written is another thing each time.
    isTouched: profile !== 'write',
    warmSeconds: small ? 0.3 : warmSeconds,
    warmRequests: small ? 0 : warmRequests,
    windows: Math.max(1, Math.round(measuredSeconds / window)),
    windowSeconds: window,
  }
}

/** Rendered, and all asked for once before anything is measured: enough to touch what the scenario has. */
function requestsOf(sides: readonly Compared[], profile: Profile): number {
  if (small) return 5_000
  if (profile.startsWith('mix')) return 20_000
  return sides.some(({ scenario }) => /^W[25]/.test(scenario)) ? 200_000 : 50_000
}

function refuseFaults(name: string, { nonOk, wrong, lost, samples }: Load): void {
  if (nonOk + wrong + lost === 0) return
  throw new Error(`${name}: ${JSON.stringify({ nonOk, wrong, lost })}\n${samples.join('\n\n')}`)
}
