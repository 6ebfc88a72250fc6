/** A group of the product for each new group of the identity provider, where the organization has switched that on. */
import type { Draft } from '../draft.ts'
import { enterGroup, isGroupName } from '../groups/groups.ts'
import { hasOn } from '../organizations/organizations.ts'
import type { GroupField } from '../preset/preset.ts'
import { lacksPlan } from '../refusal.ts'
import { identityOf } from './idp-groups.ts'
import { wayFor, writeMapping } from './mapping.ts'

/** What a group can be made of that has a name and nothing else. */
const filled: readonly GroupField[] = ['description']

/**
 * Made, and mapped in the lowest role. A group that has the name already is not mapped: what it has was given to others.
 * @param idp - the object of a group that was made just now
 */
export async function autoMap(draft: Draft, idp: string, name: string): Promise<void> {
  if (!hasOn(draft, identityOf(draft).createsGroups)) return
  const { actions, requiredFields } = draft.group
  if (lacksPlan(draft, actions['sso.map']) || lacksPlan(draft, draft.preset.organization.actions['sso.map']))
    return
  if (requiredFields.some((field) => !filled.includes(field)) || isGroupName(draft, name)) return
  await enterMapped(draft, idp, name, undefined, {})
}

/** Whoever decided it. @returns the object of the group. @throws Fault as createGroup; invalid_field: the role */
export async function enterMapped(
  draft: Draft,
  idp: string,
  name: string,
  role: string | undefined,
  { description = name }: { readonly description?: string },
): Promise<string> {
  const needsDescription = draft.group.requiredFields.includes('description')
  const { group } = await enterGroup(draft, { name, ...(needsDescription ? { description } : {}) })
  writeMapping(draft, idp, group.object, wayFor(draft, role, 'role'))
  return group.object
}
