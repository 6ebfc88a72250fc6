/** What the directory stands on: the service's own ground, the presets, and what is kept in memory of organizations. */
import type { Ground as ServiceGround } from '../service/ground.ts'
import type { Presets } from './presets.ts'
import { Rosters } from './roster.ts'
import { Tallies } from './tally.ts'

export interface Ground {
  readonly service: ServiceGround
  readonly presets: Presets
  readonly rosters: Rosters
  readonly tallies: Tallies
}

export function directoryOver(service: ServiceGround, presets: Presets): Ground {
  return { service, presets, rosters: new Rosters(service.storage), tallies: new Tallies(service.storage) }
}
