/** One round over HTTP: fresh servers on their core, all up at once, asked in turns by one fresh generator on another. */
import type { Wanted } from '../load/client.ts'
import type { Load } from '../load/measured.ts'
import type { Profile } from '../load/requests.ts'
import type { Served } from '../load/side.ts'
import { lastLine, loadCore, type Server, serveFloor, serveKith, start } from './child.ts'
import { copyOf, prepared } from './dataset.ts'
import { scale, small } from './settings.ts'

/** What is measured side by side. */
export interface Case {
  readonly connections: number
  readonly sides: readonly Compared[]
  readonly windows: number
  readonly windowSeconds: number
  readonly warmSeconds: number
}

/** Sides of one scenario and variant that only read share a server. */
export interface Compared {
  readonly name: string
  readonly scenario: string
  readonly variant: Variant
  readonly profile: Profile
}

/** The floor; Kith as it comes; Kith without the fast lane. */
export type Variant = 'floor' | 'kith' | 'hono'

/** What was measured, in the order of the sides. @throws Error when any answer was wrong, refused or lost */
export async function round({ sides, ...wanted }: Case): Promise<readonly Load[]> {
  const up = new Map<string, Up>()
  try {
    const served: Served[] = []
    for (const side of sides) {
      const name = `${side.scenario} ${side.variant} ${isWriting(side)}`
      const there = up.get(name) ?? (await serve(side))
      up.set(name, there)
      served.push(servedOf(side, there))
    }
    const loads = await generate({
      ...wanted,
      sides: served,
      scale,
      isTouched: true,
      ...(small && { warmSeconds: 0.2, windowSeconds: wanted.windowSeconds * 0.4 }),
    })
    for (const { server } of up.values()) await server.stop()
    loads.forEach((load, at) => {
      refuseFaults(sides[at]?.name ?? '', load)
    })
    return loads
  } finally {
    for (const { remove } of up.values()) remove()
  }
}

/** How many make up so many seconds; four at least, of which tails are told. */
export function windowsOf(seconds: number, windowSeconds: number): number {
  return Math.max(4, Math.round(seconds / windowSeconds))
}

/** Runs the generator to its end. */
export async function generate(wanted: Wanted): Promise<readonly Load[]> {
  return lastLine<readonly Load[]>(start('load/client.ts', [JSON.stringify(wanted)], loadCore))
}

interface Up {
  readonly server: Server
  readonly store: string
  remove(): void
}

const isWriting = ({ profile }: Compared): boolean => profile === 'write' || profile === 'mix'

/** Two processes cannot share a folder, and nobody writes to what is prepared: all but one that reads have copies. */
async function serve(side: Compared): Promise<Up> {
  const data = prepared(side.scenario, scale)
  const { store } = data
  if (side.variant === 'floor') return { server: await serveFloor(), store, remove: () => {} }
  const isReader = side.variant === 'kith' && !isWriting(side)
  const { folder, remove } = isReader ? { folder: data.folder, remove: () => {} } : copyOf(data)
  const server = await serveKith(folder, side.variant === 'hono' ? ['--no-fast-lane'] : [])
  return { server, store, remove }
}

/** Of the mixes the data is warm before; of the others the compilers take what comes first. */
const warmRequests: Readonly<Partial<Record<Profile, number>>> = { check: 20_000, batch: 2_000, write: 8_000 }

function servedOf({ scenario, profile, variant }: Compared, { server: { url, pid }, store }: Up): Served {
  return {
    url,
    pid,
    store,
    scenario,
    profile,
    requests: requestsOf(scenario, profile),
    warmRequests: small ? 0 : (warmRequests[profile] ?? 0),
    judged: variant !== 'floor',
  }
}

/** All asked for once before anything is measured: enough to touch what the scenario has. */
function requestsOf(scenario: string, profile: Profile): number {
  if (small) return 5_000
  if (profile.startsWith('mix')) return 10_000
  return /^W[25]/.test(scenario) ? 200_000 : 50_000
}

function refuseFaults(name: string, { nonOk, wrong, lost, samples }: Load): void {
  if (nonOk + wrong + lost === 0) return
  throw new Error(`${name}: ${JSON.stringify({ nonOk, wrong, lost })}\n${samples.join('\n\n')}`)
}
