/**
 * Who and what could come into a group and is not in it: what pickers offer. Only to those who may add, and only
 * resources that they may give; nobody who is inactive.
 */
import type { JsonObject } from '../../lib/json.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { isInactive } from '../people/activation.ts'
import { heldLevel } from '../resources/levels.ts'
import { type Sight, userType } from '../sight.ts'
import { groupAt } from './group.ts'
import { gathered, linesOf } from './membership.ts'

export interface CandidatesRequest extends Visit, PageRequest {
  readonly group: string
  /** `user`, or a kind of resource by any of its words. */
  readonly kind: string
}

export interface Candidate extends JsonObject {
  readonly id: string
}

/** In order of id. @throws Fault not_found, forbidden, not_in_preset: no such kind */
export function listCandidates(ground: Ground, request: CandidatesRequest): Promise<Looked<Page<Candidate>>> {
  return look(ground, request, async (sight) => {
    const { object } = await groupAt(sight, request.group)
    const isPeople = request.kind === userType
    return isPeople
      ? await people(ground, sight, object, request)
      : await resources(ground, sight, object, request)
  })
}

async function people(
  ground: Ground,
  sight: Sight,
  object: string,
  request: CandidatesRequest,
): Promise<Page<Candidate>> {
  await sight.demand('member.add', sight.group.actions['member.add'], object)
  const except = await gathered(sight.view, linesOf(sight, object))
  const row = (id: string, user: JsonObject) => (isInactive(user) ? undefined : pickedOf(id, user))
  return await pageOf(ground, sight, userType, request, { candidates: object }, row, { except })
}

async function resources(
  ground: Ground,
  sight: Sight,
  object: string,
  request: CandidatesRequest,
): Promise<Page<Candidate>> {
  const kind = sight.kind(request.kind)
  const action = `attach:${kind.id}` as const
  await sight.demand(action, sight.group.actions[action], object)
  const { share } = kind.actions
  const discovers = discoveryOf(sight, kind.type)
  const row = async (id: string, attributes: JsonObject) => {
    const resource = `${kind.type}:${id}`
    if (share === undefined || heldLevel(sight, kind, resource, object) !== undefined) return undefined
    return (await sight.may(share.relation, resource)) ? pickedOf(id, attributes) : undefined
  }
  return await pageOf(ground, sight, kind.type, request, { candidates: object }, row, { discovers })
}

/** What a picker shows beside the id, where it is there. */
const picked = ['name', 'email', 'avatarUrl', 'description', 'features'] as const

function pickedOf(id: string, attributes: JsonObject): Candidate {
  const shown = picked.flatMap((field) => {
    const value = attributes[field]
    return value === undefined ? [] : [[field, value] as const]
  })
  return { id, ...Object.fromEntries(shown) }
}
