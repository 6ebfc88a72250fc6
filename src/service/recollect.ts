/**
 * A check that memory answers: its object and subject were met before, so they are known to be well formed and of
 * types that the model has. Never refuses a key; what it does not know goes the long way.
 */
import { recollect as fromMemory, known } from '../engine/recollect.ts'
import type { Recalled } from '../engine/resident/decisions.ts'
import type { Graph } from '../engine/resident/graph.ts'
import type { JsonObject } from '../lib/json.ts'
import type { View } from '../storage/storage.ts'
import type { Tuple, TupleKey } from '../tuple/tuple.ts'
import { demandContext } from './context.ts'

/** What a check asks, apart from the store, the model, how fresh and how deep. */
export interface Asked {
  readonly tuple: TupleKey
  readonly contextual?: readonly Tuple[]
  readonly context?: JsonObject
}

/** What memory says; `unknown`: it cannot tell; undefined: it is not to be asked. */
type Recollected = Recalled | 'unknown' | undefined

/**
 * Not to be asked: what memory does not know the names of, or cannot, and every so many answers one that is verified.
 * @param view - unpinned @param depthMax - tuple hops that the answer may rest on @throws Fault for its context
 */
export function recollect(
  view: View,
  graph: Graph,
  { tuple, contextual, context = noContext }: Asked,
  depthMax: number,
): Recollected {
  if ((contextual !== undefined && contextual.length > 0) || graph.sampler.isDue) return undefined
  const asked = known(graph, tuple)
  if (asked === undefined) return undefined
  if (context !== noContext) demandContext(context)
  const found = fromMemory(graph.glance(view, context), asked, depthMax)
  if (found === undefined) return 'unknown'
  graph.sampler.take()
  return found
}

const noContext: JsonObject = Object.freeze({})
