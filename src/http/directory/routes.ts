/** Where organizations are managed: under /v1/orgs, whose `:store` is the organization's id, and what presets there are. */
import { change, question, type Route } from '../route.ts'
import { auditRoutes } from './audit-routes.ts'
import {
  archiveGroup,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  unarchiveGroup,
  updateGroup,
} from './groups.ts'
import { attach, changeItem, detach, listItems } from './items.ts'
import { addMembers, changeMember, getMember, listMembers, removeMember } from './members.ts'
import { createOrganization, getOrganization } from './organizations.ts'
import { getPreset, listPresets } from './presets.ts'
import {
  createResource,
  deleteResource,
  getResource,
  listResources,
  publishResource,
  unpublishResource,
  updateResource,
} from './resources.ts'
import { effectiveRole, listShares, share, unshare } from './shares.ts'
import { createUser, listUsers } from './users.ts'

export const directoryRoutes: readonly Route[] = [
  question('GET', '/v1/presets', listPresets, 'a caller'),
  question('GET', '/v1/presets/:preset', getPreset, 'a caller'),
  change('POST', '/v1/orgs', createOrganization, 'stores'),
  question('GET', '/v1/orgs/:store', getOrganization, 'directory'),
  question('GET', '/v1/orgs/:store/users', listUsers, 'directory'),
  change('POST', '/v1/orgs/:store/users', createUser, 'directory'),
  question('GET', '/v1/orgs/:store/groups', listGroups, 'directory'),
  change('POST', '/v1/orgs/:store/groups', createGroup, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group', getGroup, 'directory'),
  change('PATCH', '/v1/orgs/:store/groups/:group', updateGroup, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group', deleteGroup, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/archive', archiveGroup, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/unarchive', unarchiveGroup, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members', listMembers, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/members', addMembers, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members/:user', getMember, 'directory'),
  change('PATCH', '/v1/orgs/:store/groups/:group/members/:user', changeMember, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group/members/:user', removeMember, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind', listResources, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind', createResource, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id', getResource, 'directory'),
  change('PATCH', '/v1/orgs/:store/resources/:kind/:id', updateResource, 'directory'),
  change('DELETE', '/v1/orgs/:store/resources/:kind/:id', deleteResource, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/publish', publishResource, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/unpublish', unpublishResource, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id/shares', listShares, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/shares', share, 'directory'),
  change('DELETE', '/v1/orgs/:store/resources/:kind/:id/shares', unshare, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id/effective-role', effectiveRole, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/resources/:kind', listItems, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/resources/:kind', attach, 'directory'),
  change('PATCH', '/v1/orgs/:store/groups/:group/resources/:kind/:id', changeItem, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group/resources/:kind/:id', detach, 'directory'),
  ...auditRoutes,
]
