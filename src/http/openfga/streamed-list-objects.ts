/** POST /stores/{store}/streamed-list-objects: contract 1.9, one object a line, a late fault as a last line. */
import type { Fault } from '../../lib/fault.ts'
import { decodeStreamedListObjects } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { answerLines } from '../lines.ts'
import { demandQuestion } from '../permit.ts'
import { problemOf } from '../problem.ts'

export const streamedListObjects: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'StreamedListObjectsRequest')
  const request = Object.assign(state, decodeStreamedListObjects(await bodyOf(c)))
  demandQuestion(callerOf(c), 'list', request.type, request)
  const listed = await kith.streamListObjects(request)
  mark(c, listed)
  return answerLines(c, { pages: listed.pages, print, onFault })
}

function print(object: string): string {
  return `{"result":{"object":${JSON.stringify(object)}}}`
}

/** The number is gRPC's: 13 for what is our fault, 3 for what is the request's. */
function onFault(fault: Fault) {
  const { status, body } = problemOf(fault)
  return { error: { code: status >= 500 ? 13 : 3, message: body.message, details: [] } }
}
