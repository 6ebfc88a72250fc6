/**
 * Of the subjects, wildcards and usersets met on the walk from object#relation, those that the filter wants and
 * whose check is true. Where no intersection or exclusion lies below, to be met is to be a member.
 */
import { assert } from '../lib/assert.ts'
import { typeOf } from '../tuple/object.ts'
import { shapeOf } from '../tuple/subject.ts'
import { decide } from './decide.ts'
import { demandTime, Slices } from './drive.ts'
import { Reader } from './reader.ts'
import type { Scope } from './scope.ts'
import { Subjects } from './subjects.ts'
import { Walk } from './walk.ts'

export interface ListUsersQuestion {
  readonly object: string
  readonly relation: string
  /** `{type: 'user'}` wants individuals and `user:*`; `{type: 'group', relation: 'member'}` wants such usersets. */
  readonly filter: { readonly type: string; readonly relation?: string }
}

/**
 * Distinct, in no order. End the iteration early to stop the work.
 * @throws Fault as check does, when anything met on the way, or any candidate's check, fails
 */
export async function* listUsers(scope: Scope, question: ListUsersQuestion): AsyncGenerator<string> {
  const { object, relation, filter } = question
  const defined = scope.model.relation(typeOf(object), relation)
  assert(defined !== undefined, 'the relation was looked up at the door')
  const wanted = wants(filter)
  const seen = new Set<string>()
  const reader = new Reader(scope)
  reader.pin()
  try {
    const slices = new Slices()
    for await (const { subject, hops } of new Subjects(scope, reader).under(object, defined)) {
      if (!wanted(subject) || seen.has(subject)) continue
      seen.add(subject)
      // Each walk may be too short to look at the clock itself.
      demandTime(scope)
      await slices.breathe(reader)
      // What is met nearby is a member; what is met far off may be nearer by another way.
      if (!defined.decides && hops < scope.depthMax) yield subject
      else if ((await decide(scope, new Walk(scope, reader, subject), { object, relation, subject })).allowed)
        yield subject
    }
  } finally {
    reader.release()
  }
}

function wants({ type, relation }: ListUsersQuestion['filter']): (subject: string) => boolean {
  if (relation !== undefined) return (subject) => shapeOf(subject) === `${type}#${relation}`
  return (subject) => shapeOf(subject) === type || subject === `${type}:*`
}
