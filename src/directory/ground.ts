/** What the directory stands on: the service's own ground, the presets, and what is kept in memory of organizations. */
import type { Ground as ServiceGround } from '../service/ground.ts'
import { tidyAnalytics } from './analytics/tidy.ts'
import { Errands, type ErrandsOptions } from './errands.ts'
import { sweepImports } from './imports/sweep.ts'
import type { Presets } from './presets.ts'
import { Rosters } from './roster.ts'
import { Rulebook } from './rules/rulebook.ts'
import { Tallies } from './tally.ts'

export interface Ground {
  readonly service: ServiceGround
  readonly presets: Presets
  readonly rosters: Rosters
  readonly tallies: Tallies
  readonly errands: Errands
  readonly rulebook: Rulebook
  readonly analytics: { readonly daysKept: number }
}

interface DirectoryOptions extends ErrandsOptions {
  /** Days of which usage is kept day by day. */
  readonly usageDays?: number
}

export function directoryOver(
  service: ServiceGround,
  presets: Presets,
  options: DirectoryOptions = {},
): Ground {
  const { storage } = service
  const ground: Ground = {
    service,
    presets,
    rosters: new Rosters(storage),
    tallies: new Tallies(storage),
    errands: new Errands(storage, options),
    rulebook: new Rulebook(),
    analytics: { daysKept: options.usageDays ?? 400 },
  }
  sweepImports(ground)
  tidyAnalytics(ground)
  return ground
}
