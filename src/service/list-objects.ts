/** Which objects of a type may this subject do this to? */
import { listObjects as find, listObjectPages as findPages } from '../engine/list-objects.ts'
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import { checkSubject } from '../model/tuple-check.ts'
import { freshEnough, type Ground } from './ground.ts'
import { demandRelation, demandType } from './keys.ts'
import { answerList } from './list.ts'
import { type Question, questionOf } from './question.ts'
import { itemsOf, releasing } from './release.ts'
import type { Answer, ListObjectsAnswer, ListObjectsRequest } from './requests.ts'

/** @throws Fault type_not_found, relation_not_found, validation_error, invalid_tuple, the engine's faults */
export async function listObjects(ground: Ground, request: ListObjectsRequest): Promise<ListObjectsAnswer> {
  await freshEnough(ground, request)
  const { type, relation, subject } = request
  const { names, ...rest } = await answerList(ground, request, {
    verb: 'list-objects',
    question: questionTo(ground, request),
    asked: { type, relation, subject },
    find: (scope) => find(scope, { type, relation, subject }),
  })
  return { objects: names, ...rest }
}

/**
 * Resolves once the first object, or the end, is known; the rest comes as it is found, `pages` by what was found
 * together. The deadline ends the stream with deadline_exceeded. End the iteration to release the state it reads.
 */
export async function streamListObjects(
  ground: Ground,
  request: ListObjectsRequest,
): Promise<
  Answer & { readonly objects: AsyncIterable<string>; readonly pages: AsyncIterable<readonly string[]> }
> {
  await freshEnough(ground, request)
  const { type, relation, subject } = request
  const { scope, answer } = questionTo(ground, request)
  const view = scope.view.pin()
  const found = findPages({ ...scope, view }, { type, relation, subject })
  try {
    const first = await found.next()
    const pages = releasing(resumed(first, found), () => view.release())
    return { objects: itemsOf(pages), pages, ...answer }
  } catch (thrown) {
    view.release()
    throw thrown
  }
}

function questionTo(ground: Ground, request: ListObjectsRequest): Question {
  return questionOf(ground, request, {
    demand: (model) => demandQuestion(model, request),
    timeoutMs: ground.options.listDeadlineMs,
  })
}

function demandQuestion(model: Model, { type, relation, subject }: ListObjectsRequest): void {
  demandType(model, type)
  demandRelation(model, type, relation)
  const flaw = checkSubject(model, subject)
  if (flaw !== undefined) throw new Fault('validation_error', `invalid 'user' value: ${flaw}`)
}

/** The iteration whose first step was taken already. */
function resumed<Item>(first: IteratorResult<Item>, rest: AsyncIterator<Item>): AsyncIterator<Item> {
  let taken = false
  return {
    next: async () => {
      if (taken) return rest.next()
      taken = true
      return first
    },
    return: async () => (await rest.return?.()) ?? { done: true, value: undefined },
  }
}
