/**
 * May this caller do that? Every door asks here, and nowhere else: for the route, then for the types of objects that
 * the body names. It refuses or says nothing.
 */
import type { Caller } from '../callers/caller.ts'
import type { Right, Types } from '../callers/scopes.ts'
import { Fault } from '../lib/fault.ts'
import type { BatchCheckRequest, CheckRequest, QuestionRequest, WriteRequest } from '../service/requests.ts'

/**
 * What a route needs of its caller.
 * - `nothing`: it answers everybody, and nothing worth knowing
 * - `a caller`: credentials of any kind; it shows each only its own
 * - `the store`: any right in the store of its path
 * - a right, in the store of its path; where the path has none, for all stores
 */
export type Need = 'nothing' | 'a caller' | 'the store' | Right

/** Origins of pages that may ask; `*` is any. */
export type Pages = readonly string[]

/**
 * A page that knows no secret must not borrow its reader's place: browsers send the certificate, or reach the machine,
 * for whatever page they show. So where no bearer was shown, its origin has to be named; `*` names all where there is
 * nothing to borrow but the place. @throws Fault forbidden
 */
export function demandPage({ kind }: Caller, pages: Pages, origin: string | undefined): void {
  if (origin === undefined || kind === 'key' || kind === 'token') return
  if (pages.includes(origin) || (kind === 'anonymous' && pages.includes('*'))) return
  throw new Fault('forbidden', `pages of ${origin} may not ask; --cors-origins (KITH_CORS_ORIGINS) lets them`)
}

/** Names that nobody can bend: of this machine for every browser. */
const localHost = /^(?:localhost|[\w.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/**
 * The page that a request came from, where only this machine is served and nobody says who it is. A page does not name itself
 * when it reads from its own host, and the name of that may have been bent to this machine (DNS rebinding): so who reads
 * under a foreign name is the page of that name. What changes or asks something is a POST, which names its page.
 */
export function localPageOf(
  method: string,
  { origin, host }: { readonly origin: string | undefined; readonly host: string | undefined },
): string | undefined {
  const isRead = method === 'GET' || method === 'HEAD'
  return origin ?? (!isRead || host === undefined || localHost.test(host) ? undefined : `http://${host}`)
}

/** @param store - of the path. @throws Fault forbidden, store_id_not_found */
export function demand(caller: Caller, need: Exclude<Need, 'nothing'>, store: string | undefined): void {
  if (need === 'a caller') return
  const { scopes } = caller
  if (need !== 'the store' && scopes.permits(need, store)) return
  // INVARIANT: a store that no scope is about is answered as one that does not exist, before either is looked for.
  if (store !== undefined && !sees(caller, store)) throw new Fault('store_id_not_found', 'Store ID not found')
  if (need !== 'the store') throw missing(need, store)
}

/** The same as an answer. */
export function permits(caller: Caller, need: Need, store: string): boolean {
  if (need === 'nothing' || need === 'a caller') return true
  return need === 'the store' ? sees(caller, store) : caller.scopes.permits(need, store)
}

function sees({ scopes }: Caller, store: string): boolean {
  return scopes.stores === 'all' || scopes.stores.has(store)
}

/** @throws Fault forbidden where the check is about a type of objects that is not the caller's */
export function demandCheck(caller: Caller, request: CheckRequest): void {
  demandQuestion(caller, 'check', request.tuple.object, request)
  // The path behind an answer shows tuples.
  if (request.trace === true) demandAllTypes(caller, 'read', request.store)
}

export function demandBatch(caller: Caller, { store, checks }: BatchCheckRequest): void {
  const types = caller.scopes.typesOf('check', store)
  if (types === 'all') return
  for (const { tuple, contextual = [] } of checks) {
    demandType(types, 'check', store, tuple.object)
    for (const { object } of contextual) demandType(types, 'check', store, object)
  }
}

/** Of a question about one object, or one type; contextual tuples are a part of it. */
export function demandQuestion(
  caller: Caller,
  right: Right,
  object: string,
  { store, contextual = [] }: Pick<QuestionRequest, 'store' | 'contextual'>,
): void {
  const types = caller.scopes.typesOf(right, store)
  if (types === 'all') return
  demandType(types, right, store, object)
  for (const tuple of contextual) demandType(types, right, store, tuple.object)
}

/** Of tuples to be stored, deleted, or looked for on the way. */
export function demandWrite(caller: Caller, request: WriteRequest): void {
  const { store, writes = [], deletes = [], deleteWhere, preconditions = [] } = request
  const types = caller.scopes.typesOf('write', store)
  if (types === 'all') return
  for (const { object } of [...writes, ...deletes]) demandType(types, 'write', store, object)
  if (deleteWhere !== undefined) demandType(types, 'write', store, deleteWhere.object)
  for (const { filter } of preconditions) demandType(types, 'write', store, filter.object)
}

/**
 * Of tuples in a store that is managed otherwise: an organization's. @throws Fault forbidden, store_id_not_found
 * @param isGuarded - whether the store is one
 */
export function demandTuples({ scopes }: Caller, store: string, isGuarded: (store: string) => boolean): void {
  if (scopes.permits('tuples', store) || !isGuarded(store)) return
  throw missing('tuples', store)
}

/** @param object - `type:id`, `type:` or `type`; absent: of any type */
export function demandObject(caller: Caller, right: Right, store: string, object: string | undefined): void {
  const types = caller.scopes.typesOf(right, store)
  if (types !== 'all') demandType(types, right, store, object)
}

/** For answers that may show objects of every type. */
export function demandAllTypes(caller: Caller, right: Right, store: string): void {
  demandObject(caller, right, store, undefined)
}

function demandType(types: Types | undefined, right: Right, store: string, object: string | undefined): void {
  const type = object?.split(':', 1)[0]
  if (types !== undefined && type !== undefined && (types === 'all' || types.has(type))) return
  throw missing(right, store, type === '' ? undefined : type)
}

/** Only its own scopes are named to a caller, never what others have. */
function missing(right: Right, store: string | undefined, type?: string): Fault {
  const word = [right, ...(store === undefined ? [] : [store]), ...(type === undefined ? [] : [type])].join(
    ':',
  )
  return new Fault('forbidden', `the caller lacks the scope ${word}`)
}
