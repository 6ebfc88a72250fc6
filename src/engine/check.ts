/** Is the subject a member of object#relation? From memory where it can tell, else one walk; an answer, or a fault. */
import { isUserset, isWildcard } from '../tuple/subject.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { type Decision, relationOf, walk } from './decide.ts'
import { type Recollectable, recollect } from './recollect.ts'
import type { Source } from './resident/decisions.ts'
import { Reads } from './resident/reads.ts'
import { currentGraph } from './resident/recall.ts'
import { verified } from './sample.ts'
import type { Scope } from './scope.ts'

export interface Answered extends Decision {
  readonly source: Source
  /** Of a decision that was kept. */
  readonly ageMs?: number
}

/**
 * @param key - an object, relation and subject that the model knows
 * @throws Fault validation_error: a condition on the way could not be evaluated and nothing else decided;
 * authorization_model_resolution_too_complex; deadline_exceeded
 */
export async function check(scope: Scope, key: TupleKey): Promise<Answered> {
  const asked = recollectable(scope, key)
  if (asked === undefined) return walked(await walk(scope, key))
  if (scope.memoryAsked === true) return await walkAndKeep(scope, key, asked)
  const { sampler } = asked.graph
  const found = recollect(asked.graph.sight(scope.view, scope.context), asked, scope.depthMax)
  if (found === undefined) return await walkAndKeep(scope, key, asked)
  if (sampler.take()) return walked(await verified(scope, key, found))
  return found.tick === undefined ? found : { ageMs: asked.graph.ageOf(found.tick, scope.view), ...found }
}

async function walkAndKeep(scope: Scope, key: TupleKey, asked: Recollectable): Promise<Answered> {
  const { graph, object, rung, subject } = asked
  const { decisions, sampler } = graph
  sampler.counts.walks += 1
  const question = Object.assign({}, scope, { memoryAsked: true })
  if (decisions === undefined) return walked(await walk(question, key))
  const start = decisions.start(graph, graph.tick)
  const reads = new Reads(scope.view.store)
  const { allowed, hops } = await walk(Object.assign(question, { reads }), key)
  decisions.keep(object + rung.ordinal, subject, { allowed, hops }, reads, start)
  return { allowed, hops, source: 'walked' }
}

function walked({ allowed, hops }: Decision): Answered {
  return { allowed, hops, source: 'walked' }
}

/** The question in ids, where a graph may answer it. */
function recollectable(scope: Scope, key: TupleKey): Recollectable | undefined {
  const graph = currentGraph(scope, scope.view)
  if (graph === undefined) return undefined
  const rung = graph.lattice.rung(relationOf(scope, key))
  const isIndividual = !isUserset(key.subject) && !isWildcard(key.subject)
  return { graph, object: graph.id(key.object), rung, subject: graph.subject(key.subject), isIndividual }
}
