/** /v1/orgs/{org}/groups/{group}/candidates and /reviews. */
import { listCandidates as candidates } from '../../directory/groups/candidates.ts'
import { reviewGroup as review } from '../../directory/groups/reviews.ts'
import { form, list, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, type Verb } from '../exchange.ts'
import { groupIn } from './groups.ts'
import { pageRequest, parameter } from './query.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

export const listCandidates: Verb = (_, door) => async (c) => {
  const kind = parameter(c, 'kind') ?? 'user'
  const request = { group: groupIn(c), kind, ...visitOf(c), ...pageRequest(c) }
  const found = await candidates(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { candidates: rows, continuationToken })
}

const namedMax = 1000
const newReview = form({ keep: list(text(256), namedMax), remove: list(text(256), namedMax) })

export const reviewGroup: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const { keep = [], remove = [] } = newReview(await bodyOf(c))
  const made = await review(directoryOf(door), { review: { keep, remove }, ...request })
  return done(c, made, 201)
}
