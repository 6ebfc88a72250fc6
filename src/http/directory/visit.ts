/** What every request to an organization says beside its body: which one, for whom, and how fresh. */
import { demandActor } from '../../callers/actor.ts'
import type { Acted, ActRequest } from '../../directory/act.ts'
import type { Ground } from '../../directory/ground.ts'
import type { Visit } from '../../directory/look.ts'
import { Fault } from '../../lib/fault.ts'
import { decodeDryRun, encodeDifference } from '../../wire/difference.ts'
import { ulidPattern } from '../../wire/patterns.ts'
import { answer, answerNothing, callerOf, type Door, type Exchange, mark } from '../exchange.ts'
import { madeBy } from '../provenance.ts'

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
  return zookie === undefined ? { org, actor } : { org, actor, atLeastAsFresh: zookie }
}

/** The organization of the path. @throws Fault not_found */
export function orgOf(c: Exchange): string {
  const org = c.req.param('store') ?? ''
  if (!ulidPattern.test.test(org)) throw new Fault('not_found', 'there is no such organization')
  c.get('visit').store = org
  return org
}

/** The same for a change. @throws Fault as both */
export function actOf(c: Exchange): ActRequest {
  const visit = visitOf(c)
  const { caller, requestId } = c.get('visit')
  const provenance = madeBy(caller, requestId, 'manual', visit.actor)
  return { provenance, ...visit, ...dryRunOf(c) }
}

/** @throws Fault validation_error: also for a misspelt `dryRun`, which would make the change */
export function dryRunOf(c: Exchange): Pick<ActRequest, 'dryRun'> {
  const dryRun = decodeDryRun(c.req.queries())
  return dryRun === undefined ? {} : { dryRun }
}

/** For what has no dry run: asking for one must not do it. @throws Fault invalid_field */
export function refuseDryRun(c: Exchange, what = 'organizations as a whole'): void {
  if (dryRunOf(c).dryRun === undefined) return
  throw new Fault('invalid_field', `\`dryRun\` is not for ${what}: nothing was done`, { field: 'dryRun' })
}

/** The answer of a change that was made, or of its dry run. 204 shows nothing. */
export function done<Result>(
  c: Exchange,
  acted: Acted<Result>,
  status = 204,
  shown: (result: Result) => unknown = (result) => result,
): Response {
  mark(c, acted)
  const { rehearsal, result } = acted
  if (rehearsal === undefined) return status === 204 ? answerNothing(c) : answer(c, shown(result), status)
  const would = status === 204 ? {} : { result: shown(result) }
  const { hidden, waiting } = rehearsal
  return answer(c, { ...encodeDifference(rehearsal), hidden, waiting, ...would })
}

export function directoryOf({ directory }: Door): Ground {
  if (directory === undefined) throw new Fault('unimplemented', 'no organizations are kept here')
  return directory
}
