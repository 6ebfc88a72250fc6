/** The use of an organization: what applications tell of it, and what whoever may sees. */
import { change, heavy, question, type Route } from '../route.ts'
import {
  compareGroups,
  compareResources,
  listUnused,
  postEvents,
  showGroupUse,
  showUse,
} from './analytics.ts'

export const analyticsRoutes: readonly Route[] = [
  // The verb judges which right it takes: an application of its own, or somebody who acts.
  heavy('write', change('POST', '/v1/orgs/:store/analytics/events', postEvents, 'the store')),
  heavy('list', question('GET', '/v1/orgs/:store/analytics/groups', compareGroups, 'directory')),
  question('GET', '/v1/orgs/:store/analytics/groups/:group', showGroupUse, 'directory'),
  heavy('list', question('GET', '/v1/orgs/:store/analytics/resources/:kind', compareResources, 'directory')),
  question('GET', '/v1/orgs/:store/analytics/total', showUse, 'directory'),
  heavy('list', question('GET', '/v1/orgs/:store/analytics/unused', listUnused, 'audit')),
]
