/**
 * `[user, user:*, group#member]`: the tuples of the relation itself. The subject's own tuple and its type's
 * wildcard answer by point reads; usersets become operands, one tuple hop away.
 */
import type { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Crossing, Opening, Operator, Site } from '../operator.ts'
import { cross } from './cross.ts'

export const direct: Operator<'direct'> = {
  join: 'any',
  open(_rewrite, site, begun) {
    if (begun !== undefined) return usersets(site, begun)
    const own = ownTuples(site)
    return own.member ? own : usersets(site, { looked: 0, targets: [], fault: own.fault })
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

function usersets(site: Site, begun: Crossing): Opening {
  const { reader, relation, object, model } = site
  return cross(
    site,
    {
      over: relation,
      subjects: reader.usersets(relation, object),
      target: (userset) => {
        if (isWildcard(userset)) return undefined
        const hash = userset.indexOf('#')
        const read = model.relation(typeOf(userset), userset.slice(hash + 1))
        return read && { object: userset.slice(0, hash), relation: read }
      },
    },
    begun,
  )
}
