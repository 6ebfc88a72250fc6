/** Who stands behind object#relation, down to the leaves? */
import { expandAll as draw } from '../engine/expand-all.ts'
import { demandExpandable } from './expand.ts'
import { freshEnough, type Ground, pinned } from './ground.ts'
import { canonicalTuple } from './identity.ts'
import { pageSizeOf } from './page.ts'
import { questionOf } from './question.ts'
import type { ExpandAllAnswer, ExpandAllRequest } from './requests.ts'

const nodesPerPageMax = 1_000

/** @throws Fault invalid_expand_input, validation_error, invalid_tuple, invalid_continuation_token, deadline_exceeded */
export async function expandAll(ground: Ground, request: ExpandAllRequest): Promise<ExpandAllAnswer> {
  await freshEnough(ground, request)
  const { object, relation } = request
  const { scope, answer } = questionOf(ground, request, {
    demand: (model) => demandExpandable(model, request),
    timeoutMs: ground.options.requestTimeoutMs,
  })
  const size = pageSizeOf(request.pageSize, nodesPerPageMax)
  const cursor = ground.cursors.for('expand-all', request.store, {
    asked: [object, relation],
    model: request.model ?? '',
    contextual: scope.contextual.map(canonicalTuple),
  })
  const position = cursor.open(request.continuationToken)
  const after = position === undefined ? 0 : Number(Buffer.from(position).toString())
  const { nodes, next, truncated } = await pinned(scope.view, (view) =>
    draw({ ...scope, view }, { object, relation }, { size, after }),
  )
  const onward = next === undefined ? undefined : Buffer.from(String(next))
  return { ...answer, nodes, truncated, continuationToken: cursor.seal(onward) }
}
