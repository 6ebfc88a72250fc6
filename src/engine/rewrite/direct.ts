/**
 * `[user, user:*, group#member]`: the tuples of the relation itself. The subject's own tuple and its type's
 * wildcard answer by point reads; usersets become operands, one tuple hop away.
 */
import type { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Opening, Operator, Site } from '../operator.ts'
import type { Target } from '../vertex.ts'

export const direct: Operator<'direct'> = {
  join: 'any',
  open(_rewrite, site) {
    const own = ownTuples(site)
    return own.member ? own : { ...usersets(site, own.fault) }
  },
}

/** The tuples that name the subject, or everybody of its type. A wildcard matches individuals, never usersets. */
function ownTuples({ reader, relation, object, subject }: Site): Opening {
  let fault: Fault | undefined
  for (const named of namesOf(subject)) {
    const grant = reader.grant(relation, object, named)
    if (grant === true) return { targets: [], member: true }
    if (grant !== false) fault ??= grant
  }
  return { targets: [], fault }
}

function namesOf(subject: string): readonly string[] {
  if (isUserset(subject) || isWildcard(subject)) return [subject]
  return [subject, `${typeOf(subject)}:*`]
}

function usersets({ reader, relation, object, model }: Site, first: Fault | undefined): Opening {
  let fault = first
  const targets: Target[] = []
  for (const userset of reader.usersets(relation, object)) {
    if (isWildcard(userset)) continue
    const hash = userset.indexOf('#')
    const target = model.relation(typeOf(userset), userset.slice(hash + 1))
    if (target === undefined) continue
    const grant = reader.grant(relation, object, userset)
    if (grant === true)
      targets.push({ object: userset.slice(0, hash), relation: target, rewrite: target.rewrite, hop: 1 })
    else if (grant !== false) fault ??= grant
  }
  return { targets, fault }
}
