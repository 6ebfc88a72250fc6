/**
 * What a change would change: for every individual and typed wildcard, every relation and object, whether the check
 * answers otherwise after it than before. Both answers are the engine's own; what is found by search is only where to
 * ask (difference/places.ts, difference/sweep.ts) and about whom (difference/concerned.ts).
 */
import { Fault } from '../lib/fault.ts'
import type { TupleChange, View } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { Both } from './difference/both.ts'
import { type Breathe, Concerned } from './difference/concerned.ts'
import { comparePlaces, merged } from './difference/order.ts'
import { type Place, placesOf } from './difference/places.ts'
import { changedRelations } from './difference/relations.ts'
import { type Outcome, Side } from './difference/side.ts'
import { sweep } from './difference/sweep.ts'
import { demandTime, Slices } from './drive.ts'
import type { Scope } from './scope.ts'

/** `unknown`: it hangs on what the context does not say, on one side at least. */
export interface Difference extends TupleKey {
  readonly change: 'gains' | 'loses' | 'unknown'
}

export interface DifferenceQuestion {
  /** The state before, pinned: where the tuples are that the change deletes. */
  readonly view: View
  /** Each side with its own model, at one instant; absent where it has none. Pinned, and without a depth limit. */
  readonly before: Scope | undefined
  readonly after: Scope | undefined
  /** From the one to the other. */
  readonly changes: readonly TupleChange[]
  /** Relations of a type that matter; absent, or undefined for a type: all. */
  readonly relationsOf?: ((type: string) => readonly string[] | undefined) | undefined
  /** `next` of the page before. */
  readonly from?: TupleKey | undefined
  /** Rows. */
  readonly size: number
  /** On performance.now(). */
  readonly deadline: number
}

export interface DifferencePage {
  /** In the order of object, relation and subject, each by its bytes. */
  readonly rows: readonly Difference[]
  /** What was looked at last, where there is more. */
  readonly next: TupleKey | undefined
  /** Time ended the page before it was full; the next one goes on from here. */
  readonly truncated: boolean
}

/**
 * Exact: a pair that has no row is answered after the change as before, whatever the context does not say.
 * O(what reads the changed tuples) to find where to ask, then two checks a pair.
 * @throws Fault deadline_exceeded: time was over before anything was compared
 */
export async function difference(question: DifferenceQuestion): Promise<DifferencePage> {
  const sides = [new Side(question.before), new Side(question.after)] as const
  try {
    return await pageOf(question, sides)
  } finally {
    for (const side of sides) side.release()
  }
}

async function pageOf(
  question: DifferenceQuestion,
  [before, after]: readonly [Side, Side],
): Promise<DifferencePage> {
  const { from, size } = question
  const rows: Difference[] = []
  let last = from
  const breathe = breathing(question)
  try {
    for await (const keys of pairsOf(question, breathe)) {
      for (const key of keys) {
        const change = changeOf(await before.ask(key), await after.ask(key))
        if (change !== undefined) {
          if (rows.length === size) return { rows, next: last, truncated: false }
          rows.push({ ...key, change })
        }
        last = key
        const rest = breathe()
        if (rest !== undefined) await rest
      }
    }
  } catch (thrown) {
    const isLate = thrown instanceof Fault && thrown.code === 'deadline_exceeded'
    if (!isLate || last === from) throw thrown
    return { rows, next: last, truncated: rows.length < size }
  }
  return { rows, next: undefined, truncated: false }
}

function changeOf(before: Outcome, after: Outcome): Difference['change'] | undefined {
  if (before === 'unknown' || after === 'unknown') return 'unknown'
  if (before === after) return undefined
  return after === 'allowed' ? 'gains' : 'loses'
}

/** Every pair that may be answered otherwise, in order, in pages, from just after `from`. */
async function* pairsOf(question: DifferenceQuestion, breathe: Breathe): AsyncGenerator<readonly TupleKey[]> {
  const { view, before, after, changes, from, relationsOf } = question
  const [old, fresh] = [before?.model, after?.model]
  const models = [old, old === fresh ? undefined : fresh].filter((model) => model !== undefined)
  const both = new Both(view, models, changes)
  const concerned = new Concerned(both, breathe)
  const listed = await placesOf(both, changes, breathe)
  const swept = sweep(both, { relations: changedRelations(old, fresh), from })
  for await (const places of merged(listed, swept, comparePlaces, joined)) {
    for (const { object, relation, sources } of places) {
      const order = from === undefined ? 1 : comparePlaces({ object, relation }, from)
      if (order < 0 || relationsOf?.(typeOf(object))?.includes(relation) === false) continue
      for await (const subjects of concerned.by(sources, order === 0 ? from?.subject : undefined)) {
        yield subjects.map((subject) => ({ object, relation, subject }))
      }
    }
  }
}

function joined(one: Place, other: Place): Place {
  return { ...one, sources: new Set([...one.sources, ...other.sources]) }
}

/** Gives other work a turn when this has held the loop for a slice. */
function breathing({ deadline }: DifferenceQuestion): Breathe {
  const slices = new Slices()
  return () => {
    if (!slices.isOver) return undefined
    demandTime({ deadline })
    return slices.rest()
  }
}
