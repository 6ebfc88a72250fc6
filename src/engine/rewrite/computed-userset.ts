/** `editor`: whoever another relation of the same object holds. */
import { assert } from '../../lib/assert.ts'
import type { Operator } from '../operator.ts'

export const computedUserset: Operator<'computed'> = {
  join: 'any',
  open(rewrite, { model, object, relation }) {
    const target = model.relation(relation.type, rewrite.relation)
    assert(target !== undefined, 'a validated model defines its computed relations')
    return { targets: [{ object, relation: target, rewrite: target.rewrite, hop: 0 }] }
  },
}
