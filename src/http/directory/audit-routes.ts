/** What is asked about an organization by whoever does not manage it: applications about their users, auditors about all. */
import { change, heavy, question, type Route } from '../route.ts'
import { viewChanges } from './changes.ts'
import { diffPermissions, viewPermissions } from './permissions.ts'
import { askBatchCheck, askCheck, askExpand, askExplain, askListObjects, askListUsers } from './questions.ts'

export const auditRoutes: readonly Route[] = [
  // Where it is `the store`, the verb judges which right it takes: an acting user may ask about itself.
  heavy('check', question('POST', '/v1/orgs/:store/check', askCheck, 'the store')),
  heavy('check', question('POST', '/v1/orgs/:store/batch-check', askBatchCheck, 'the store')),
  heavy('list', question('POST', '/v1/orgs/:store/list-objects', askListObjects, 'the store')),
  heavy('list', question('POST', '/v1/orgs/:store/list-users', askListUsers, 'list')),
  heavy('list', question('POST', '/v1/orgs/:store/expand', askExpand, 'read')),
  heavy('list', question('POST', '/v1/orgs/:store/explain', askExplain, 'the store')),

  // A file lasts for as long as it is read.
  heavy('list', change('GET', '/v1/orgs/:store/permissions', viewPermissions, 'audit')),
  heavy('list', question('GET', '/v1/orgs/:store/permissions/difference', diffPermissions, 'audit')),
  heavy('list', question('GET', '/v1/orgs/:store/changes', viewChanges, 'audit')),
]
