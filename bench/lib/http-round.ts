/** One round over HTTP: a fresh server on its core, a fresh generator on another, one measurement. */
import type { Load } from '../load/client.ts'
import type { Profile } from '../load/requests.ts'
import { loadCore, type Server, serveFloor, serveKith, start } from './child.ts'
import { type Prepared, withCopy } from './dataset.ts'
import { scale, seconds, small } from './settings.ts'

export interface Case {
  readonly name: string
  readonly scenario: string
  readonly profile: Profile
  readonly connections: number
  readonly variants: readonly Variant[]
  /** Before the clock runs; the working set has to have been asked for once. */
  readonly warmSeconds: number
}

/** The floor; Kith as it comes; Kith without the fast lane. */
export type Variant = 'floor' | 'kith' | 'hono'

/** @throws Error when any answer was wrong, refused or lost */
export async function round(wanted: Case, variant: Variant, data: Prepared): Promise<Load> {
  if (variant === 'floor') return loaded(wanted, await serveFloor(), data, ['--unjudged'])
  const flags = variant === 'hono' ? ['--no-fast-lane'] : []
  const isWriting = wanted.profile === 'write' || wanted.profile === 'mix'
  const serve = async (folder: string) => loaded(wanted, await serveKith(folder, flags), data, [])
  return isWriting ? withCopy(data, serve) : serve(data.folder)
}

async function loaded(wanted: Case, server: Server, data: Prepared, flags: readonly string[]): Promise<Load> {
  const load = await generate(server, data.store, wanted, flags)
  await server.stop()
  if (load.nonOk + load.wrong + load.lost === 0) return load
  const { nonOk, wrong, lost, samples } = load
  throw new Error(`${wanted.name}: ${JSON.stringify({ nonOk, wrong, lost })}\n${samples.join('\n\n')}`)
}

/** Rendered, and all asked for once before anything is measured: enough to touch what the scenario has. */
function requestsOf(scenario: string): number {
  if (small) return 5_000
  return /^W[258]/.test(scenario) ? 200_000 : 50_000
}

async function generate(
  { url, pid }: Server,
  store: string,
  { scenario, profile, connections, warmSeconds }: Case,
  flags: readonly string[],
): Promise<Load> {
  const asked = {
    url,
    store,
    pid,
    scenario,
    scale,
    profile,
    connections,
    seconds,
    warm: small ? 0.3 : warmSeconds,
  }
  const words = Object.entries(asked).map(([name, value]) => `--${name}=${value}`)
  words.push(`--requests=${requestsOf(scenario)}`)
  const child = start('load/client.ts', [...words, ...flags], loadCore)
  let said = ''
  for await (const chunk of child.stdout ?? []) said += String(chunk)
  const last = said.trim().split('\n').at(-1)
  if (last === undefined || last === '')
    throw new Error(`the load generator failed on ${scenario} ${profile}`)
  return JSON.parse(last) as Load
}
