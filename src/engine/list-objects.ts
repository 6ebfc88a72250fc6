/** Of the objects in any tuple, those whose check is true: candidates from the subject's side, each one checked. */
import { assert } from '../lib/assert.ts'
import { Candidates } from './candidates.ts'
import { decide } from './decide.ts'
import { demandTime, Slices } from './drive.ts'
import { Reader } from './reader.ts'
import { Graph } from './resident/graph.ts'
import type { Scope } from './scope.ts'
import { Walk } from './walk.ts'

export interface ListObjectsQuestion {
  readonly type: string
  readonly relation: string
  readonly subject: string
}

/** Vertices a walk may share between candidates before a new one is begun, so that its memory is bounded. */
const sharedVerticesMax = 100_000
/** What the graph of one list may hold before a new one is begun. */
const graphBytesMax = 32 << 20

/**
 * Distinct, in no order; each found while the state stays the same. End the iteration early to stop the work.
 * @throws Fault as check does, if any candidate's check fails
 */
export async function* listObjects(scope: Scope, question: ListObjectsQuestion): AsyncGenerator<string> {
  const target = scope.model.relation(question.type, question.relation)
  assert(target !== undefined, 'the relation was looked up at the door')
  const { subject, relation } = question
  const reader = new Reader(scope)
  reader.pin()
  try {
    let own = { ...scope, ...ownGraph(scope) }
    let walk = new Walk(own, reader, subject)
    const slices = new Slices()
    for await (const object of new Candidates(scope, reader, target).of(subject)) {
      // Each walk may be too short to look at the clock itself.
      demandTime(scope)
      await slices.breathe(reader)
      if (walk.size > sharedVerticesMax || (own.resident?.arena.bytes ?? 0) > graphBytesMax) {
        own = { ...scope, ...ownGraph(scope) }
        walk = new Walk(own, reader, subject)
      }
      if ((await decide(own, walk, { object, relation, subject })).allowed) yield object
    }
  } finally {
    reader.release()
  }
}

/** Commits go on while a list is made, and the graph of the applied state goes with them: a list keeps one of its own state. */
function ownGraph({ resident, model, view }: Scope): Pick<Scope, 'resident'> {
  if (resident === undefined) return {}
  const { revision } = view
  return { resident: new Graph({ model, revision, windowMs: Number.POSITIVE_INFINITY }) }
}
