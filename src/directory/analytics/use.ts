/**
 * When a stored tuple was last seen to be why a check was allowed: a day each, beside the log. Only of the checks that
 * were looked at (sampler.ts), so that none says nothing of whether it was used.
 */
import type { View } from '../../storage/storage.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import { Asides } from '../documents.ts'
import type { Draft } from '../draft.ts'

/** By tuple: the day, of UTC. */
export const uses = new Asides<{ readonly day: string }>('@used')

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
  return uses.at(view, useId(tuple))?.day
}

/** The latest day stays. @param id - of the tuple, as `useId` makes it */
export function noteUse(draft: Draft, id: string, day: string): void {
  const known = uses.at(draft, id)?.day
  if (known === undefined || known < day) uses.put(draft, id, { day })
}

/** Of a tuple that is gone. */
export function forgetUse(draft: Draft, id: string): void {
  const { object, relation, subject } = tupleOf(id)
  if (!draft.has(object, relation, subject)) uses.remove(draft, id)
}
