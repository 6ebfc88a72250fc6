/** Every route, in the order they are mounted: the table that the description (schema/openapi.yaml) is held to. */
import type { Verb } from './exchange.ts'
import { debug } from './native/debug.ts'
import { expandAll } from './native/expand-all.ts'
import { explain } from './native/explain.ts'
import { exportTuples } from './native/export.ts'
import { healthz, livez, readyz } from './native/health.ts'
import { importTuples } from './native/import.ts'
import { description, reference } from './native/reference.ts'
import { readAssertions, writeAssertions } from './openfga/assertions.ts'
import { batchCheck } from './openfga/batch-check.ts'
import { changes } from './openfga/changes.ts'
import { check } from './openfga/check.ts'
import { expand } from './openfga/expand.ts'
import { listObjects } from './openfga/list-objects.ts'
import { listUsers } from './openfga/list-users.ts'
import { getModel, listModels, writeModel } from './openfga/models.ts'
import { read } from './openfga/read.ts'
import { createStore, deleteStore, getStore, listStores, renameStore } from './openfga/stores.ts'
import { streamedListObjects } from './openfga/streamed-list-objects.ts'
import { write } from './openfga/write.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Hono's spelling: `:store` is a parameter. */
  readonly path: string
  readonly verb: Verb
  /** What bounds the request: the deadline of questions, or nothing but the socket's own timeouts. */
  readonly bound: 'deadline' | 'socket'
}

export const routes: readonly Route[] = [
  question('POST', '/stores/:store/check', check),
  question('POST', '/stores/:store/batch-check', batchCheck),
  question('POST', '/stores/:store/list-objects', listObjects),
  question('POST', '/stores/:store/streamed-list-objects', streamedListObjects),
  question('POST', '/stores/:store/list-users', listUsers),
  question('POST', '/stores/:store/expand', expand),
  question('POST', '/stores/:store/read', read),
  question('GET', '/stores/:store/changes', changes),
  change('POST', '/stores/:store/write', write),

  change('POST', '/stores', createStore),
  question('GET', '/stores', listStores),
  question('GET', '/stores/:store', getStore),
  change('PATCH', '/stores/:store', renameStore),
  change('DELETE', '/stores/:store', deleteStore),
  change('POST', '/stores/:store/authorization-models', writeModel),
  question('GET', '/stores/:store/authorization-models', listModels),
  question('GET', '/stores/:store/authorization-models/:model', getModel),
  change('PUT', '/stores/:store/assertions/:model', writeAssertions),
  question('GET', '/stores/:store/assertions/:model', readAssertions),

  question('POST', '/v1/stores/:store/explain', explain),
  question('POST', '/v1/stores/:store/expand', expandAll),
  change('POST', '/v1/stores/:store/import', importTuples),
  change('GET', '/v1/stores/:store/export', exportTuples),

  question('GET', '/v1/debug', debug),
  question('GET', '/livez', livez),
  question('GET', '/readyz', readyz),
  question('GET', '/healthz', healthz),
  question('GET', '/openapi.json', description),
  question('GET', '/docs', reference),
]

/** Answers from what is there, in bounded time. */
function question(method: Route['method'], path: string, verb: Verb): Route {
  return { method, path, verb, bound: 'deadline' }
}

/** Changes something, or streams for as long as there is something to stream. */
function change(method: Route['method'], path: string, verb: Verb): Route {
  return { method, path, verb, bound: 'socket' }
}
