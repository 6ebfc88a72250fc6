/**
 * The tuples of a place that lead on: each that holds makes an operand, one tuple hop away. There may be many, and a
 * condition may take long, so it stops where the walk's time is over and goes on from there.
 */
import type { Relation } from '../../model/model.ts'
import type { Crossing, Opening, Site } from '../operator.ts'

/** Tuples looked at between two looks at the clock. */
const tuplesPerLook = 32

interface Place {
  /** Whose tuples they are. */
  readonly over: Relation
  /** Their subjects as the reader told them, in the order that errors are told in. */
  readonly subjects: readonly string[]
  /** The object and the relation to ask there; undefined: it leads nowhere. */
  target(subject: string): { readonly object: string; readonly relation: Relation } | undefined
}

/** @param begun - how far it came before, or a beginning, with the fault met by then */
export function cross(site: Site, { over, subjects, target }: Place, begun: Crossing): Opening {
  const { reader, object } = site
  const { looked, targets } = begun
  let { fault } = begun
  for (let at = looked; at < subjects.length; at++) {
    if (at % tuplesPerLook === 0 && at > looked && site.isLate()) {
      return { targets: [], rest: { looked: at, targets, fault } }
    }
    const subject = subjects[at] as string
    const read = target(subject)
    if (read === undefined) continue
    const granted = reader.grantTold(over, object, subject)
    if (granted === true) {
      const { relation } = read
      targets.push({ object: read.object, relation, rewrite: relation.rewrite, hop: 1 })
    }
    if (typeof granted !== 'boolean') fault ??= granted
  }
  return { targets, fault }
}
