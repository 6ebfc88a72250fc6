/** GET /v1/stores/{store}/export: every tuple at one revision, one a line, as import takes them. */
import type { Tuple } from '../../tuple/tuple.ts'
import { encodeLine } from '../../wire/tuple.ts'
import { mark, storeOf, type Verb } from '../exchange.ts'
import { answerLines } from '../lines.ts'
import { problemOf } from '../problem.ts'

export const exportTuples: Verb = (kith) => async (c) => {
  const exported = await kith.exportTuples(storeOf(c, 'ExportRequest'))
  mark(c, exported)
  return answerLines(c, {
    lines: encoded(exported.tuples),
    onFault: (fault) => ({ error: problemOf(fault).body }),
    linesPerChunk: 256,
  })
}

async function* encoded(tuples: AsyncIterable<Tuple>) {
  for await (const tuple of tuples) yield encodeLine(tuple)
}
