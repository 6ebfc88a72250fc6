/** What the directory stands on: the service's own ground, the presets, and what is kept in memory of organizations. */
import type { Ground as ServiceGround } from '../service/ground.ts'
import type { AnalyticsSettings } from './analytics/sampling.ts'
import type { Errands } from './errands.ts'
import type { Post } from './invitations/post.ts'
import type { Rosters } from './lists/roster.ts'
import type { Tallies } from './lists/tally.ts'
import type { Presets } from './preset/presets.ts'
import type { People } from './rules/people.ts'
import type { Rulebook } from './rules/rulebook.ts'

export interface Ground {
  readonly service: ServiceGround
  readonly presets: Presets
  readonly rosters: Rosters
  readonly tallies: Tallies
  readonly errands: Errands
  readonly rulebook: Rulebook
  readonly people: People
  readonly post: Post
  /** Told of a letter that was not taken. */
  readonly onUndelivered: (undelivered: Undelivered) => void
  readonly analytics: AnalyticsSettings
}

/** Without addresses, for logs. */
export interface Undelivered {
  readonly org: string
  readonly invitation: string
  readonly code: string
}
