/** Where organizations are managed: under /v1/orgs, whose `:store` is the organization's id, and what presets there are. */
import { change, question, type Route } from '../route.ts'
import { analyticsRoutes } from './analytics-routes.ts'
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
import {
  confirmUpload,
  dropImport,
  importTemplate,
  showImport,
  showRejected,
  uploadImport,
} from './imports.ts'
import { invitationRoutes } from './invitation-routes.ts'
import { assignableGroups, attach, changeItem, detach, listItems } from './items.ts'
import { addMembers, changeMember, exportMembers, getMember, listMembers, removeMember } from './members.ts'
import {
  addOperator,
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  removeOperator,
  setPlan,
  updateOrganization,
} from './organizations.ts'
import { getPreset, listPresets } from './presets.ts'
import {
  addMessage,
  configure,
  createApiKey,
  getArea,
  listApiKeys,
  listConversations,
  listMessages,
  revokeApiKey,
  startConversation,
  verifyApiKey,
} from './resource-parts.ts'
import {
  createResource,
  deleteResource,
  getResource,
  listResources,
  publishResource,
  unpublishResource,
  updateResource,
} from './resources.ts'
import { listCandidates, reviewGroup } from './reviews.ts'
import { ruleRoutes } from './rule-routes.ts'
import { effectiveRole, listShares, share, unshare } from './shares.ts'
import { ssoRoutes } from './sso-routes.ts'
import {
  createUser,
  deleteUser,
  getUser,
  grant,
  listGrants,
  listUsers,
  revokeGrant,
  updateUser,
} from './users.ts'

export const directoryRoutes: readonly Route[] = [
  question('GET', '/v1/presets', listPresets, 'a caller'),
  question('GET', '/v1/presets/:preset', getPreset, 'a caller'),
  change('POST', '/v1/orgs', createOrganization, 'stores'),
  question('GET', '/v1/orgs', listOrganizations, 'a caller'),
  question('GET', '/v1/orgs/:store', getOrganization, 'directory'),
  change('PATCH', '/v1/orgs/:store', updateOrganization, 'directory'),
  change('DELETE', '/v1/orgs/:store', deleteOrganization, 'stores'),
  change('PUT', '/v1/orgs/:store/plan', setPlan, 'stores'),
  change('PUT', '/v1/orgs/:store/operators/:user', addOperator, 'stores'),
  change('DELETE', '/v1/orgs/:store/operators/:user', removeOperator, 'stores'),
  question('GET', '/v1/orgs/:store/users', listUsers, 'directory'),
  change('POST', '/v1/orgs/:store/users', createUser, 'directory'),
  question('GET', '/v1/orgs/:store/users/:user', getUser, 'directory'),
  change('PATCH', '/v1/orgs/:store/users/:user', updateUser, 'directory'),
  change('DELETE', '/v1/orgs/:store/users/:user', deleteUser, 'directory'),
  question('GET', '/v1/orgs/:store/groups', listGroups, 'directory'),
  change('POST', '/v1/orgs/:store/groups', createGroup, 'directory'),
  question('GET', '/v1/orgs/:store/groups/assignable', assignableGroups, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group', getGroup, 'directory'),
  change('PATCH', '/v1/orgs/:store/groups/:group', updateGroup, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group', deleteGroup, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/archive', archiveGroup, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/unarchive', unarchiveGroup, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/candidates', listCandidates, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/reviews', reviewGroup, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members', listMembers, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/members', addMembers, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members.csv', exportMembers, 'directory'),
  // Before the ids of members.
  question('GET', '/v1/orgs/:store/groups/:group/members/import-template.csv', importTemplate, 'directory'),
  change('POST', '/v1/orgs/:store/groups/:group/members/imports', uploadImport, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members/imports/:import', showImport, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group/members/imports/:import', dropImport, 'directory'),
  question(
    'GET',
    '/v1/orgs/:store/groups/:group/members/imports/:import/rejected.csv',
    showRejected,
    'directory',
  ),
  change('POST', '/v1/orgs/:store/groups/:group/members/imports/:import/confirm', confirmUpload, 'directory'),
  question('GET', '/v1/orgs/:store/groups/:group/members/:user', getMember, 'directory'),
  change('PATCH', '/v1/orgs/:store/groups/:group/members/:user', changeMember, 'directory'),
  change('DELETE', '/v1/orgs/:store/groups/:group/members/:user', removeMember, 'directory'),
  ...invitationRoutes,
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
  question('GET', '/v1/orgs/:store/resources/:kind/:id/configure/:area', getArea, 'directory'),
  change('PATCH', '/v1/orgs/:store/resources/:kind/:id/configure/:area', configure, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id/api-keys', listApiKeys, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/api-keys', createApiKey, 'directory'),
  question('POST', '/v1/orgs/:store/resources/:kind/:id/api-keys/verify', verifyApiKey, 'directory'),
  change('DELETE', '/v1/orgs/:store/resources/:kind/:id/api-keys/:key', revokeApiKey, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id/conversations', listConversations, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/conversations', startConversation, 'directory'),
  question('GET', '/v1/orgs/:store/resources/:kind/:id/conversations/:thread', listMessages, 'directory'),
  change('POST', '/v1/orgs/:store/resources/:kind/:id/conversations/:thread', addMessage, 'directory'),
  ...analyticsRoutes,
  ...ruleRoutes,
  ...auditRoutes,
  ...ssoRoutes,
  // Behind every word that a user's path has of its own.
  question('GET', '/v1/orgs/:store/users/:user/:kind', listGrants, 'directory'),
  change('POST', '/v1/orgs/:store/users/:user/:kind', grant, 'directory'),
  change('DELETE', '/v1/orgs/:store/users/:user/:kind/:id', revokeGrant, 'directory'),
]
