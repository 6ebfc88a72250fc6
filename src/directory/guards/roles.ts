/** In the organization everybody has one role. */
import { Fault } from '../../lib/fault.ts'
import type { Sight } from '../sight.ts'
import type { Outcome } from './outcome.ts'

/** @throws Fault already_exists: another role is left */
export function demandOneRole({ preset, organization }: Sight, outcome: Outcome): void {
  const { roles } = preset.organization
  for (const { object, relation, subject } of outcome.writes) {
    if (object !== organization || !roles.some((role) => role.relation === relation)) continue
    const held = roles.filter((role) => outcome.has({ object, relation: role.relation, subject }))
    if (held.length <= 1) continue
    const names = held.map(({ id }) => id).join(', ')
    throw new Fault('already_exists', `${subject} would have several roles in the organization: ${names}`, {
      field: 'role',
    })
  }
}
