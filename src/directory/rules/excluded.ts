/** Exclusions from a rule: looked at, and taken back. They come about where somebody takes a member by rule out. */
import type { JsonObject } from '../../lib/json.ts'
import { type Acted, act } from '../act.ts'
import type { Ground } from '../ground.ts'
import { groupAt } from '../groups/group.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look } from '../look.ts'
import { notFound } from '../refusal.ts'
import { userType } from '../sight.ts'
import { exclusionsAt, include, isExcluded } from './exclusions.ts'
import { demandRules, type RuleRequest, type RuleVisit } from './rules.ts'

export interface ExclusionRow extends JsonObject {
  readonly user: string
  readonly name: string | null
  /** ISO 8601. */
  readonly at: string
  readonly by: string
}

/** In order of the user's id. @throws Fault not_found, forbidden, not_in_preset, invalid_continuation_token */
export function listExclusions(
  ground: Ground,
  visit: RuleVisit & Omit<PageRequest, 'q'>,
): Promise<Looked<Page<ExclusionRow>>> {
  return look(ground, visit, async (sight) => {
    const { id, object } = await groupAt(sight, visit.group)
    demandRules(sight)
    await sight.demand('members.view', sight.group.actions['members.view'], object)
    const cursor = ground.service.cursors.for('exclusions from a rule', visit.org, { group: id })
    const after = cursor.open(visit.continuationToken)
    const { rows, next } = await exclusionsAt(sight.view, id, pageSizeOf(visit.pageSize), after)
    return {
      rows: rows.map(({ user, at, by }) => {
        const name = sight.entity(userType, user)?.name
        return { user, name: typeof name === 'string' ? name : null, at: new Date(at).toISOString(), by }
      }),
      continuationToken: cursor.seal(next),
    }
  })
}

/** The rule is asked of them again in this commit. Takes what adding takes. @throws Fault not_found, forbidden, not_in_preset */
export function dropExclusion(
  ground: Ground,
  request: RuleRequest & { readonly user: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const { id, object } = await groupAt(draft, request.group)
    demandRules(draft)
    await draft.demand('member.add', draft.group.actions['member.add'], object)
    const { user } = request
    if (!isExcluded(draft, id, user)) throw notFound(`exclusion of ${user} from ${object}`)
    include(draft, id, user)
    draft.touch(userType, user)
    draft.note({ action: 'rule.include', target: object, subject: `${userType}:${user}` })
    return undefined
  })
}
