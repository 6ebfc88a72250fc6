/**
 * The tuples of a place that lead on: each that holds makes an operand, one tuple hop away. There may be many, and a
 * condition may take long, so it stops where the walk's time is over and goes on from there.
 */
import type { Fault } from '../../lib/fault.ts'
import type { Relation } from '../../model/model.ts'
import type { Crossing, Opening } from '../operator.ts'

/** Tuples looked at between two looks at the clock. */
const tuplesPerLook = 32

interface Place {
  /** Of their subjects, in the order that errors are told in. */
  readonly subjects: readonly string[]
  /** The object and the relation to ask there; undefined: it leads nowhere. */
  target(subject: string): { readonly object: string; readonly relation: Relation } | undefined
  grant(subject: string): boolean | Fault
  isLate(): boolean
}

/** @param begun - how far it came before, or a beginning, with the fault met by then */
export function cross({ subjects, target, grant, isLate }: Place, begun: Crossing): Opening {
  const { looked, targets } = begun
  let { fault } = begun
  for (let at = looked; at < subjects.length; at++) {
    if (at % tuplesPerLook === 0 && at > looked && isLate()) {
      return { targets: [], rest: { looked: at, targets, fault } }
    }
    const subject = subjects[at] as string
    const read = target(subject)
    if (read === undefined) continue
    const granted = grant(subject)
    if (granted === true) targets.push({ ...read, rewrite: read.relation.rewrite, hop: 1 })
    else if (granted !== false) fault ??= granted
  }
  return { targets, fault }
}
