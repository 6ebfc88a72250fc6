/** A route: what it answers, what it needs of its caller, and what it is to the process. The table is routes.ts. */
import type { Work } from './admission/admission.ts'
import type { Verb } from './exchange.ts'
import type { Need } from './permit.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Hono's spelling: `:store` is a parameter. */
  readonly path: string
  readonly verb: Verb
  /** What it needs of its caller; there is no default. */
  readonly need: Need
  /** Whose it is: callers', operators' (who may have an address of their own), or whoever looks after the process. */
  readonly audience: 'callers' | 'operators' | 'both'
  /** What it is to the process, where not everybody can come in. */
  readonly work: Work
  /** What bounds the request: the deadline of questions, or nothing but the socket's own timeouts. */
  readonly bound: 'deadline' | 'socket'
}

/** Answers from what is there, in bounded time. */
export function question(method: Route['method'], path: string, verb: Verb, need: Need): Route {
  return { method, path, verb, need, work: workOf(need), audience: 'callers', bound: 'deadline' }
}

/** Changes something, or streams for as long as there is something to stream. */
export function change(method: Route['method'], path: string, verb: Verb, need: Need): Route {
  return { method, path, verb, need, work: workOf(need), audience: 'callers', bound: 'socket' }
}

export function shown(audience: Route['audience'], route: Route): Route {
  return { ...route, audience, work: 'health' }
}

/** For what takes longer than what needs the same of its caller. */
export function heavy(work: Work, route: Route): Route {
  return { ...route, work }
}

function workOf(need: Need): Work {
  return need === 'check' || need === 'list' || need === 'write' ? need : 'read'
}
