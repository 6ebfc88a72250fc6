/** What list-objects and list-users share: one revision, a limit or a page, a deadline that does not fail. */
import type { Scope } from '../engine/scope.ts'
import { canonical } from '../lib/canonical.ts'
import type { JsonObject } from '../lib/json.ts'
import { gatherPage, gatherSome } from './gather.ts'
import { type Ground, pinned } from './ground.ts'
import { canonicalTuple } from './identity.ts'
import { pageSizeOf } from './page.ts'
import type { Question } from './question.ts'
import type { Answer, QuestionRequest } from './requests.ts'

/** Names of one page: a page costs the whole list, so larger ones are worth having than for reads. */
const listPageSizeMax = 1_000

export interface ListAnswer extends Answer {
  readonly names: readonly string[]
  readonly continuationToken: string
  readonly truncated: boolean
}

interface List {
  readonly verb: string
  readonly question: Question
  /** The verb's own part of the question; with the context it is what a token is bound to. */
  readonly asked: JsonObject
  readonly find: (scope: Scope) => AsyncIterable<string>
}

/** With a page size or a token: the page, exact at its own revision. Else all there is, up to the limit. */
export async function answerList(
  ground: Ground,
  request: QuestionRequest & { readonly pageSize?: number; readonly continuationToken?: string },
  { verb, question: { scope, answer }, asked, find }: List,
): Promise<ListAnswer> {
  const { pageSize, continuationToken = '' } = request
  if (pageSize === undefined && continuationToken === '') {
    const { names, truncated } = await pinned(scope.view, (view) =>
      gatherSome(find({ ...scope, view }), ground.options.listMax),
    )
    return { names, truncated, continuationToken: '', ...answer }
  }
  const size = pageSizeOf(pageSize, listPageSizeMax)
  const cursor = ground.cursors.for(verb, request.store, {
    asked,
    model: request.model ?? '',
    context: canonical(scope.context),
    contextual: scope.contextual.map(canonicalTuple),
  })
  const position = cursor.open(continuationToken)
  const after = position === undefined ? undefined : Buffer.from(position).toString()
  const { names, truncated, last } = await pinned(scope.view, (view) =>
    gatherPage(find({ ...scope, view }), { size, after }),
  )
  const onward = last === undefined ? undefined : Buffer.from(last)
  return { names, truncated, continuationToken: cursor.seal(onward), ...answer }
}
