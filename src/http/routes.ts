/** Every route, in the order they are mounted: the table that the description (schema/openapi.yaml) is held to. */
import { assert } from '../lib/assert.ts'
import { directoryRoutes } from './directory/routes.ts'
import { backup } from './native/backup.ts'
import { debug } from './native/debug.ts'
import { expandAll } from './native/expand-all.ts'
import { explain } from './native/explain.ts'
import { exportTuples } from './native/export.ts'
import { healthz, livez, readyz, startupz } from './native/health.ts'
import { history, storeChanges } from './native/history.ts'
import { importTuples } from './native/import.ts'
import { createKey, listKeys, revokeKey, rotateKey } from './native/keys.ts'
import { metrics } from './native/metrics.ts'
import { description, reference } from './native/reference.ts'
import { watch } from './native/watch.ts'
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
import type { Need } from './permit.ts'
import { change, heavy, question, type Route, shown } from './route.ts'
import { scimRoutes } from './scim/routes.ts'

export const routes: readonly Route[] = [
  question('POST', '/stores/:store/check', check, 'check'),
  question('POST', '/stores/:store/batch-check', batchCheck, 'check'),
  question('POST', '/stores/:store/list-objects', listObjects, 'list'),
  question('POST', '/stores/:store/streamed-list-objects', streamedListObjects, 'list'),
  question('POST', '/stores/:store/list-users', listUsers, 'list'),
  question('POST', '/stores/:store/expand', expand, 'read'),
  question('POST', '/stores/:store/read', read, 'read'),
  question('GET', '/stores/:store/changes', changes, 'read'),
  change('POST', '/stores/:store/write', write, 'write'),

  change('POST', '/stores', createStore, 'stores'),
  question('GET', '/stores', listStores, 'a caller'),
  question('GET', '/stores/:store', getStore, 'the store'),
  change('PATCH', '/stores/:store', renameStore, 'stores'),
  change('DELETE', '/stores/:store', deleteStore, 'stores'),
  change('POST', '/stores/:store/authorization-models', writeModel, 'model'),
  question('GET', '/stores/:store/authorization-models', listModels, 'read'),
  question('GET', '/stores/:store/authorization-models/:model', getModel, 'read'),
  change('PUT', '/stores/:store/assertions/:model', writeAssertions, 'model'),
  question('GET', '/stores/:store/assertions/:model', readAssertions, 'read'),

  heavy('list', question('POST', '/v1/stores/:store/explain', explain, 'read')),
  heavy('list', question('POST', '/v1/stores/:store/expand', expandAll, 'read')),
  heavy('bulk', change('POST', '/v1/stores/:store/import', importTuples, 'write')),
  heavy('bulk', change('GET', '/v1/stores/:store/export', exportTuples, 'read')),

  question('GET', '/v1/stores/:store/changes', history, 'read'),
  heavy('watch', change('GET', '/v1/stores/:store/watch', watch, 'read')),
  question('GET', '/v1/changes', storeChanges, 'stores'),

  change('POST', '/v1/keys', createKey, 'keys'),
  question('GET', '/v1/keys', listKeys, 'keys'),
  change('POST', '/v1/keys/:key/rotate', rotateKey, 'keys'),
  change('DELETE', '/v1/keys/:key', revokeKey, 'keys'),

  ...directoryRoutes,
  ...scimRoutes,

  heavy('bulk', change('GET', '/v1/backup', backup, 'backup')),
  shown('operators', question('GET', '/metrics', metrics, 'debug')),
  shown('operators', question('GET', '/v1/debug', debug, 'debug')),
  shown('operators', question('GET', '/startupz', startupz, 'nothing')),
  shown('both', question('GET', '/livez', livez, 'nothing')),
  shown('both', question('GET', '/readyz', readyz, 'nothing')),
  shown('both', question('GET', '/healthz', healthz, 'nothing')),
  question('GET', '/openapi.json', description, 'a caller'),
  question('GET', '/docs', reference, 'a caller'),
]

/** What a route of the table needs, for a door that answers in its place. */
export function needOf(method: Route['method'], path: string): Need {
  const route = routes.find((each) => each.method === method && each.path === path)
  assert(route !== undefined, `there is no route ${method} ${path}`)
  return route.need
}
