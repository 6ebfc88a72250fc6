/**
 * Groups as sign-ins claim them: by provider and name, to the letter; made when they are first heard of. What is
 * provisioned is not touched by claims.
 */
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'
import { enterIdpGroup, findIdpGroup, identityOf, idpGroupClaimed, idpGroupNamed } from './idp-groups.ts'

/** Of sign-ins that name none. */
export const defaultProvider = 'default'

/** Its object, of one that is made where there is none. */
export function claimedGroup(
  draft: Draft,
  provider: string,
  name: string,
): { readonly object: string; readonly isNew: boolean } {
  const known = idpGroupClaimed(draft, provider, name)
  const id = known ?? enterIdpGroup(draft, { name, provider })
  return { object: `${identityOf(draft).type}:${id}`, isNew: known === undefined }
}

/** Whether a claim names a group that is provisioned: who is in that is said there. */
export function isProvisionedName(sight: Sight, name: string): boolean {
  const id = idpGroupNamed(sight, name)
  return id !== undefined && findIdpGroup(sight, id).attributes.name === name
}
