/** `viewer from parent`: whoever holds `viewer` on any parent. Parents whose type lacks the relation are passed over. */
import { assert } from '../../lib/assert.ts'
import { typeOf } from '../../tuple/object.ts'
import type { Operator } from '../operator.ts'
import { cross } from './cross.ts'

export const tupleToUserset: Operator<'tuple-to-userset'> = {
  join: 'any',
  open(rewrite, site, begun = { looked: 0, targets: [], fault: undefined }) {
    const { model, object, relation, reader } = site
    const tupleset = model.relation(relation.type, rewrite.tupleset)
    assert(tupleset !== undefined, 'a validated model defines its tuplesets')
    const parents = reader.parents(tupleset, object)
    if (parents === undefined) return { targets: [], scan: { object, relation: tupleset.name } }

    return cross(
      site,
      {
        over: tupleset,
        subjects: parents,
        target: (parent) => {
          const read = model.relation(typeOf(parent), rewrite.computed)
          return read && { object: parent, relation: read }
        },
      },
      begun,
    )
  },
}
