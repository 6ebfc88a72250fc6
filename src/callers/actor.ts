/**
 * The acting user: for whom a caller does what it does. A credential can be bound to one; a caller with the right `act`
 * may name another. Who the user is to the groups of a store is not known here.
 */
import { Fault } from '../lib/fault.ts'
import type { Caller } from './caller.ts'

/** An object, `user:anne`: of a type, with an id that is neither empty nor `*`. */
const actorPattern = /^(?=.{3,256}$)[^:#@*\s\p{Cc}]+:(?!\*$)[^:#\s\p{Cc}]+$/u

export function isActor(text: string): boolean {
  return actorPattern.test(text) && text.isWellFormed() && Buffer.byteLength(text) <= 256
}

/**
 * Whom a request of `caller` acts for; undefined: nobody.
 * @param named - the header `Kith-Actor`, where it is given
 * @throws Fault validation_error where that is no user; forbidden where the caller may not name it
 */
export function demandActor(
  { actor, scopes }: Caller,
  store: string | undefined,
  named: string | undefined,
): string | undefined {
  if (named === undefined || named === actor) return actor
  if (!isActor(named)) throw new Fault('validation_error', 'Kith-Actor names one user, such as user:anne')
  if (!scopes.permits('act', store)) {
    const word = store === undefined ? 'act' : `act:${store}`
    throw new Fault('forbidden', `the caller lacks the scope ${word}, so it acts for nobody it names`)
  }
  return named
}

/** Whether `giver` may give `scopes` to a credential that acts for `actor`: for itself, or for anybody. */
export function mayBind(giver: Caller, scopes: Caller['scopes'], actor: string | undefined): boolean {
  if (actor === giver.actor) return true
  if (scopes.stores === 'all') return giver.scopes.permits('act', undefined)
  return [...scopes.stores].every((store) => giver.scopes.permits('act', store))
}
