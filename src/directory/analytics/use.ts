/**
 * When a stored tuple was last seen to be why a check was allowed: a day each, beside the log. Only of the checks that
 * were looked at (sampler.ts), so that none says nothing of whether it was used.
 */
import type { View } from '../../storage/storage.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import type { Draft } from '../draft.ts'

export const useEntity = '@used'

/** Injective, whatever the names hold. */
export function useId({ object, relation, subject }: TupleKey): string {
  return JSON.stringify([object, relation, subject])
}

function tupleOf(id: string): TupleKey {
  const [object, relation, subject] = JSON.parse(id) as [string, string, string]
  return { object, relation, subject }
}

/** The day, of UTC; undefined: never seen. */
export function lastUsed(view: View, tuple: TupleKey): string | undefined {
  const day = view.aside(useEntity, useId(tuple))?.day
  return typeof day === 'string' ? day : undefined
}

export function noteUse(draft: Draft, id: string, day: string): void {
  const known = draft.aside(useEntity, id)?.day
  if (typeof known !== 'string' || known < day) draft.setAside(useEntity, id, { day })
}

/** Of a tuple that is gone. */
export function forgetUse(draft: Draft, id: string): void {
  const { object, relation, subject } = tupleOf(id)
  if (!draft.has(object, relation, subject)) draft.setAside(useEntity, id, undefined)
}
