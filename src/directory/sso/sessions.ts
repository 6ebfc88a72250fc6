/**
 * A session begun anew: from when on its user's checks are as fresh as can be, and what the user is in by then. Decisions
 * in memory are never stale here, so this costs nobody's cache; it is for copies that an application keeps, and for many
 * nodes.
 */
import type { Ground } from '../ground.ts'
import { demandInside, openSight, type Visit } from '../look.ts'
import { placesOf } from '../people/user-places.ts'
import { findUser, heldRole } from '../people/users.ts'
import { userType } from '../sight.ts'
import { demandActive } from './logins.ts'

export interface Session {
  readonly user: { readonly id: string; readonly name?: string; readonly role: string }
  /** As the user sees them. */
  readonly groups: readonly { readonly id: string; readonly name: string; readonly role?: string }[]
  /** To be sent as `Kith-At-Least-As-Fresh`. */
  readonly zookie: string
  /** Seconds for which a decision may be kept. */
  readonly maxAge: number
}

/** @throws Fault not_found: there is no such user, or not in the organization; forbidden: `inactive` */
export async function refreshSession(
  ground: Ground,
  visit: Pick<Visit, 'org' | 'atLeastAsFresh'> & { readonly user: string },
): Promise<Session> {
  const { sight, zookie, release } = await openSight(
    ground,
    Object.assign({}, visit, { actor: `${userType}:${visit.user}` }),
  )
  try {
    const { id, object, attributes } = findUser(sight, visit.user)
    demandActive(sight, id)
    await demandInside(sight)
    const { groups } = await placesOf(sight, object)
    const { name } = attributes
    return {
      user: {
        id,
        ...(typeof name === 'string' ? { name } : {}),
        role: heldRole(sight, id)?.id ?? '',
      },
      groups,
      zookie,
      maxAge: Math.floor(ground.service.options.cacheWindowMs / 1000),
    }
  } finally {
    release()
  }
}
