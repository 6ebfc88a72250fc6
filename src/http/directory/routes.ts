/** Where organizations are managed: under /v1/orgs, whose `:store` is the organization's id, and what presets there are. */
import { change, question, type Route } from '../route.ts'
import {
  archiveGroup,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  unarchiveGroup,
  updateGroup,
} from './groups.ts'
import { addMembers, changeMember, getMember, listMembers, removeMember } from './members.ts'
import { createOrganization, getOrganization } from './organizations.ts'
import { getPreset, listPresets } from './presets.ts'
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
]
