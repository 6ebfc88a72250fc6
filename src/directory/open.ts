/** Puts the directory together over the service: its memory, and who handles which errand. Errands are not started here. */
import type { Ground as ServiceGround } from '../service/ground.ts'
import { tidyAnalytics } from './analytics/tidy.ts'
import { Errands, type ErrandsOptions } from './errands.ts'
import type { Ground, Undelivered } from './ground.ts'
import { sweepImports } from './imports/sweep.ts'
import { mailInvitations } from './invitations/outbox.ts'
import { noPost, type Post } from './invitations/post.ts'
import { sweepInvitations } from './invitations/sweep.ts'
import { Rosters } from './lists/roster.ts'
import { Tallies } from './lists/tally.ts'
import type { Presets } from './preset/presets.ts'
import { catchUp } from './rules/catch-up.ts'
import { evaluationKind } from './rules/evaluation.ts'
import { owedKind } from './rules/owed.ts'
import { People } from './rules/people.ts'
import { evaluate } from './rules/reevaluation.ts'
import { Rulebook } from './rules/rulebook.ts'
import { type Repair, sweep, sweepKind } from './rules/sweep.ts'

export interface DirectoryOptions extends ErrandsOptions {
  /** Days of which usage is kept day by day. */
  readonly usageDays?: number
  /** What a nightly sweep of rules had to put right. */
  readonly onRepair?: (repair: Repair) => void
  /** Who carries letters; absent: nobody. */
  readonly post?: Post
  readonly onUndelivered?: (undelivered: Undelivered) => void
  /** One in so many checks is looked at for what was used; 0: none. */
  readonly usageSample?: number
}

export function directoryOver(
  service: ServiceGround,
  presets: Presets,
  options: DirectoryOptions = {},
): Ground {
  const { storage } = service
  const { usageDays = 400, usageSample = 0, now = Date.now, onRepair = () => undefined } = options
  const ground: Ground = {
    service,
    presets,
    rosters: new Rosters(storage),
    tallies: new Tallies(storage),
    errands: new Errands(storage, options),
    rulebook: new Rulebook(),
    people: new People(storage),
    post: options.post ?? noPost,
    onUndelivered: options.onUndelivered ?? (() => {}),
    analytics: { daysKept: usageDays, sampleEvery: usageSample, startedAt: now(), now },
  }
  sweepImports(ground)
  tidyAnalytics(ground)
  mailInvitations(ground)
  sweepInvitations(ground)
  ground.errands.handle(evaluationKind, (errand, signal) => evaluate(ground, errand, signal))
  ground.errands.handle(owedKind, (errand, signal) => catchUp(ground, errand, signal))
  ground.errands.handle(sweepKind, (errand, signal) => sweep(ground, errand, signal, onRepair))
  return ground
}
