/**
 * Are the reads that a decision was kept with all that it rests on? Decisions are kept as the engine keeps them, then
 * tuples come and go one by one, and time passes: whatever is still held valid must be the oracle's answer of then.
 */
import fc from 'fast-check'
import { decide } from '../../src/engine/decide.ts'
import { Reader } from '../../src/engine/reader.ts'
import { Decisions } from '../../src/engine/resident/decisions.ts'
import { Graph } from '../../src/engine/resident/graph.ts'
import { Reads } from '../../src/engine/resident/reads.ts'
import { Stripes } from '../../src/engine/resident/stripes.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Walk } from '../../src/engine/walk.ts'
import { Fault } from '../../src/lib/fault.ts'
import { compileModel } from '../../src/model/compile.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { type Case, caseArbitrary, type Question } from '../generate/case.ts'
import { check } from '../oracle/oracle.ts'
import { ArrayView } from './array-view.ts'
import { accepts } from './run.ts'

/** How decisions are made: over the resident graph as far as it goes, over storage alone, or where subjects are spread. */
export const makings = ['graph', 'storage', 'spread'] as const
export type Making = (typeof makings)[number]

/** What is to be done to a world, one after the other: tuples toggled by number, or time passing. */
type Mutation = { readonly toggled: number } | { readonly passed: number }

export interface Completeness {
  /** Decisions held against a changed world. */
  trials: number
  /** Of those, how often the answer was another. */
  changed: number
  /** How often a decision was dropped although the answer was the same. */
  needless: number
}

/** The reads of a decision; tests bring some that are hard of hearing. */
export type MakeReads = (store: string) => Reads

const store = 'array'

/** Why a decision that was still held valid was wrong; undefined: none was. */
async function firstIncomplete(
  { world, questions }: Case,
  mutations: readonly Mutation[],
  making: Making,
  tally: Completeness,
  makeReads: MakeReads = (name) => new Reads(name),
): Promise<string | undefined> {
  const plain = questions.filter(({ baggage }) => baggage.contextual.length === 0)
  const stripes = new Stripes()
  const decisions = new Decisions(stripes, 1 << 20)
  const model = compileModel('model', world.model)
  const windowMs = Number.POSITIVE_INFINITY
  const graph = new Graph({ model, revision: 1, windowMs, decisions })
  const present = new Map<string, Tuple>(world.tuples.map((tuple) => [printTuple(tuple), tuple]))
  const held = new Map<Question, string>()
  let now = world.now
  let revision = 1
  for (const mutation of [undefined, ...mutations]) {
    if (mutation !== undefined && 'passed' in mutation) now += mutation.passed
    if (mutation !== undefined && 'toggled' in mutation && world.tuples.length > 0) {
      const tuple = world.tuples[mutation.toggled % world.tuples.length] as Tuple
      const operation = present.delete(printTuple(tuple)) ? 'delete' : 'write'
      if (operation === 'write') present.set(printTuple(tuple), tuple)
      const entry = { revision: ++revision, timestamp: now, tuples: [{ operation, tuple } as const] }
      stripes.apply(store, entry)
      graph.apply(entry)
    }
    const tuples = [...present.values()]
    const view = new ArrayView(tuples, now, { spread: making === 'spread', revision })
    for (const question of plain) {
      const { key, baggage } = question
      const sight = graph.sight(view, baggage.context)
      const rung = graph.lattice.kind(key.object.slice(0, key.object.indexOf(':')))?.byName.get(key.relation)
      if (rung === undefined) continue
      const at = graph.id(key.object) + rung.ordinal
      const subject = graph.subject(key.subject)
      const kept = decisions.find(sight, at, subject)
      const right = check({ ...world, tuples, now }, baggage, key)
      if (held.has(question)) {
        tally.trials += 1
        if (held.get(question) !== right) tally.changed += 1
        else if (kept === undefined) tally.needless += 1
      }
      if (kept !== undefined) {
        if (right === (kept.allowed ? 'allowed' : 'denied')) continue
        const change = mutation === undefined ? 'another question' : JSON.stringify(mutation)
        return `${printTuple(key)} is ${right}, held ${kept.allowed}, after ${change} (${making})`
      }
      held.delete(question)
      const scope: Scope = {
        model,
        view,
        contextual: [],
        context: baggage.context,
        depthMax: Number.POSITIVE_INFINITY,
        deadline: Number.POSITIVE_INFINITY,
        reads: makeReads(store),
        ...(making !== 'storage' && { resident: graph }),
      }
      const start = decisions.start(graph, sight.tick)
      const decision = await walked(scope, question)
      if (decision === undefined || scope.reads === undefined) continue
      decisions.keep(at, subject, decision, scope.reads, start)
      if (decisions.find(sight, at, subject) !== undefined) held.set(question, right)
    }
  }
  return undefined
}

/** Undefined: it failed, as some questions do. */
async function walked(scope: Scope, { key }: Question) {
  const reader = new Reader(scope)
  try {
    return await decide(scope, new Walk(scope, reader, key.subject), key)
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'validation_error') return undefined
    throw thrown
  }
}

const sizes = { questions: 25, tuplesMax: 40 }

const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ toggled: fc.nat(9999) }) },
    { weight: 1, arbitrary: fc.record({ passed: fc.constantFrom(1, 1_000_000) }) },
  ),
  { minLength: 10, maxLength: 30 },
)

/** The first wrong decision of many cases, and how to see it again; undefined: there was none. */
export async function search(
  making: Making,
  { numRuns, seed, makeReads }: { numRuns: number; seed: number; makeReads?: MakeReads },
  tally: Completeness,
): Promise<string | undefined> {
  let why: string | undefined
  const property = fc.asyncProperty(caseArbitrary(accepts, sizes), mutations, async (one, changes) => {
    why = await firstIncomplete(one, changes, making, tally, makeReads)
    return why === undefined
  })
  const result = await fc.check(property, { seed, numRuns, endOnFailure: true })
  if (result.failed && why === undefined) throw new Error(`seed ${seed}`, { cause: result.errorInstance })
  return why && `seed ${seed}: ${why}`
}
