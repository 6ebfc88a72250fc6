/**
 * The frame of every change to an organization: it is decided inside its commit, from the state that it lands on, so
 * that no guard can be raced. A dry run is the same without the end.
 */
import { Fault } from '../lib/fault.ts'
import type { DifferencePaging } from '../service/requests.ts'
import type { Decide, View } from '../storage/storage.ts'
import type { Provenance } from '../tuple/tuple.ts'
import { Draft } from './draft.ts'
import type { Ground } from './ground.ts'
import { demandInside, freshAsAsked, organizationAt, type Visit } from './look.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'
import { settle } from './settle.ts'
import { platformActor } from './sight.ts'

export interface ActRequest extends Visit {
  readonly provenance: Provenance
  /** What would change, and nothing is changed. */
  readonly dryRun?: DifferencePaging
}

export interface Acted<Result> {
  readonly result: Result
  readonly zookie: string
  /** Of a dry run: then the result is what it would be, and nothing was done. */
  readonly rehearsal?: Rehearsal
}

/** Durable and visible when it resolves. @throws Fault of `decide`, of the guards, not_found, actor_required */
export async function act<Result>(
  ground: Ground,
  request: ActRequest,
  decide: (draft: Draft) => Result | Promise<Result>,
): Promise<Acted<Result>> {
  return await commit(ground, request, async (draft) => {
    await demandInside(draft)
    return await decide(draft)
  })
}

/** The same for the platform itself: nobody acts, and there is nobody to ask permission for. @throws Fault as `act` */
export async function actForPlatform<Result>(
  ground: Ground,
  request: Omit<ActRequest, 'actor'>,
  decide: (draft: Draft) => Result | Promise<Result>,
): Promise<Acted<Result>> {
  return await commit(ground, Object.assign({}, request, { actor: platformActor }), decide)
}

async function commit<Result>(
  ground: Ground,
  request: ActRequest,
  decide: (draft: Draft) => Result | Promise<Result>,
): Promise<Acted<Result>> {
  await freshAsAsked(ground.service, request)
  const { storage } = ground.service
  let outcome: { readonly result: Result; readonly waiting: number } | undefined
  const change: Decide = async (view) => {
    const draft = await draftOver(ground, view, request)
    outcome = { result: await decide(draft), waiting: await settle(ground, draft) }
    return await draft.change()
  }
  const decided = () => {
    if (outcome === undefined) throw new Fault('internal_error', 'a commit went by undecided')
    return outcome
  }
  const { dryRun, org } = request
  if (dryRun === undefined) {
    const { revision } = await storage.commit(org, change)
    return { result: decided().result, zookie: storage.zookie(org, revision) }
  }
  const difference = await rehearse(ground, org, change, dryRun, (view) => draftOver(ground, view, request))
  const { result, waiting } = decided()
  return { result, zookie: difference.zookie, rehearsal: { ...difference, waiting } }
}

/** @param view - of the commit */
async function draftOver(ground: Ground, view: View, request: ActRequest): Promise<Draft> {
  const preset = await organizationAt(ground, view)
  const model = ground.service.models.resolve(view, undefined)
  return new Draft(
    { view, model, preset, actor: request.actor },
    request.provenance,
    request.dryRun !== undefined,
  )
}
