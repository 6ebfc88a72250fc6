/** How fresh a question of a product is answered, as its body says it. Not what that costs: service/ground.ts. */
import { Fault } from '../lib/fault.ts'
import type { Field } from './form.ts'

export interface Consistency {
  /** Past all memory. */
  readonly higherConsistency?: true
  /** A zookie: never from older data than this. */
  readonly atLeastAsFresh?: string
}

/** `minimize_latency`, `full`, or `at_least(TOKEN)` with the token of an answer. */
export function consistency(): Field<Consistency | undefined> {
  return (value, field) => {
    if (value === undefined) return undefined
    if (value === 'minimize_latency') return {}
    if (value === 'full') return { higherConsistency: true }
    const token = typeof value === 'string' ? /^at_least\((\S+)\)$/.exec(value)?.[1] : undefined
    if (token !== undefined) return { atLeastAsFresh: token }
    throw new Fault('invalid_field', `\`${field}\` must be minimize_latency, full or at_least(TOKEN)`, {
      field,
      hint: 'the token is that of an answer: the header Kith-Zookie, or `zookie` of a session that was refreshed',
    })
  }
}
