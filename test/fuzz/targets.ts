/** Everything that reads bytes from outside. */
import type { Target } from './campaign.ts'
import { bodies } from './targets/bodies.ts'
import { conditions } from './targets/conditions.ts'
import { headTargets } from './targets/heads.ts'
import { keyTargets } from './targets/keys.ts'
import { language } from './targets/language.ts'
import { models } from './targets/models.ts'
import { msgpack } from './targets/msgpack.ts'
import { requests } from './targets/requests.ts'
import { sealed } from './targets/sealed.ts'

export const targets: readonly Target[] = [
  ...bodies,
  headTargets,
  keyTargets,
  msgpack,
  ...sealed,
  models,
  conditions,
  requests,
  language,
]
