/**
 * What comes to an organization past its management: tuples and models as they are. The guards of the organization hold
 * for them too, and a model keeps all that the preset looks up in it.
 */
import { Fault } from '../lib/fault.ts'
import { compileModel } from '../model/compile.ts'
import type { Guard } from '../service/guarded.ts'
import type { Change, View } from '../storage/storage.ts'
import type { Ground } from './ground.ts'
import { guardRaw } from './guards/guard.ts'
import { organizationAt } from './look.ts'
import type { Preset } from './preset/preset.ts'
import { problemsOf } from './preset/preset-check.ts'
import { organizationEntity, Sight } from './sight.ts'

/** Nobody acts: rights are the caller's. */
const nobody = ''

/** The guard of a store; undefined: it is no organization. */
export function rawGuardOf(ground: Ground, before: View): Guard | undefined {
  if (before.entity(organizationEntity, before.store) === undefined) return undefined
  return async (view, change) => {
    const preset = await organizationAt(ground, view)
    if (change.model !== undefined) demandModel(preset, change.model)
    const model = ground.service.models.resolve(view, undefined)
    await guardRaw(new Sight({ view, model, preset, actor: nobody }), change)
  }
}

/** @throws Fault not_in_preset, naming what is missing */
function demandModel(preset: Preset, { id, json }: NonNullable<Change['model']>): void {
  const problems = problemsOf(preset, compileModel(id, json))
  if (problems.length === 0) return
  throw new Fault(
    'not_in_preset',
    `the model lacks what the preset \`${preset.id}\` needs: ${problems.slice(0, 20).join('; ')}`,
    { field: 'type_definitions' },
  )
}
