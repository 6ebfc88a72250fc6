/** What every request to an organization says beside its body: which one, for whom, and how fresh. */
import { demandActor } from '../../callers/actor.ts'
import type { ActRequest } from '../../directory/act.ts'
import type { Ground } from '../../directory/ground.ts'
import type { Visit } from '../../directory/look.ts'
import { Fault } from '../../lib/fault.ts'
import { ulidPattern } from '../../wire/patterns.ts'
import { callerOf, type Door, type Exchange, provenanceOf } from '../exchange.ts'

/** @throws Fault not_found, actor_required, forbidden: the caller may not name whom it acts for */
export function visitOf(c: Exchange): Visit {
  const org = orgOf(c)
  const actor = demandActor(callerOf(c), org, c.req.header('Kith-Actor'))
  if (actor === undefined) {
    throw new Fault('actor_required', 'nobody is acting', {
      hint: 'send the header Kith-Actor: user:ID, or use a key that is bound to a user',
    })
  }
  const zookie = c.req.header('Kith-At-Least-As-Fresh')
  return { org, actor, ...(zookie === undefined ? {} : { atLeastAsFresh: zookie }) }
}

/** The organization of the path. @throws Fault not_found */
export function orgOf(c: Exchange): string {
  const org = c.req.param('store') ?? ''
  if (!ulidPattern.test.test(org)) throw new Fault('not_found', 'there is no such organization')
  c.get('visit').store = org
  return org
}

/** The same for a change. */
export function actOf(c: Exchange): ActRequest {
  const visit = visitOf(c)
  return { ...visit, provenance: { ...provenanceOf(c, 'manual'), actor: visit.actor } }
}

export function directoryOf({ directory }: Door): Ground {
  if (directory === undefined) throw new Fault('unimplemented', 'no organizations are kept here')
  return directory
}
