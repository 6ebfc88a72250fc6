/** GET /v1/stores/{store}/export: every tuple at one revision, one a line, as import takes them. */
import type { Tuple } from '../../tuple/tuple.ts'
import { encodeLine } from '../../wire/tuple.ts'
import { callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { answerLines, pagesOf } from '../lines.ts'
import { demandAllTypes } from '../permit.ts'
import { problemOf } from '../problem.ts'

export const exportTuples: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ExportRequest')
  demandAllTypes(callerOf(c), 'read', state.store)
  const exported = await kith.exportTuples(state)
  mark(c, exported)
  return answerLines(c, {
    pages: pagesOf(encoded(exported.tuples), 256),
    onFault: (fault) => ({ error: problemOf(fault).body }),
  })
}

async function* encoded(tuples: AsyncIterable<Tuple>) {
  for await (const tuple of tuples) yield encodeLine(tuple)
}
