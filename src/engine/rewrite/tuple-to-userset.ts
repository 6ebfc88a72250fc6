/** `viewer from parent`: whoever holds `viewer` on any parent. Parents whose type lacks the relation are passed over. */
import { assert } from '../../lib/assert.ts'
import type { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import type { Operator } from '../operator.ts'
import type { Target } from '../vertex.ts'

export const tupleToUserset: Operator<'tuple-to-userset'> = {
  join: 'any',
  open(rewrite, { model, object, relation, reader }) {
    const tupleset = model.relation(relation.type, rewrite.tupleset)
    assert(tupleset !== undefined, 'a validated model defines its tuplesets')
    const parents = reader.parents(tupleset, object)
    if (parents === undefined) return { targets: [], scan: { object, relation: tupleset.name } }

    let fault: Fault | undefined
    const targets: Target[] = []
    for (const parent of parents) {
      const target = model.relation(typeOf(parent), rewrite.computed)
      if (target === undefined) continue
      const grant = reader.grant(tupleset, object, parent)
      if (grant === true) targets.push({ object: parent, relation: target, rewrite: target.rewrite, hop: 1 })
      else if (grant !== false) fault ??= grant
    }
    return { targets, fault }
  },
}
