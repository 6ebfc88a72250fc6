/** POST /stores/{store}/list-objects: contract 1.9, with pages and `truncated` as Kith's addition. */
import { encodeListEnd } from '../../wire/answers.ts'
import { decodeListObjects } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'

export const listObjects: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ListObjectsRequest')
  const question = decodeListObjects(await bodyOf(c))
  const listed = await kith.listObjects({ ...state, ...question })
  mark(c, listed)
  const paged = question.pageSize !== undefined || question.continuationToken !== undefined
  return answer(c, { objects: listed.objects, ...encodeListEnd(listed, paged) })
}
