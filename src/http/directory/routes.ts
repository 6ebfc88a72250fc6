/** Where organizations are managed: under /v1/orgs, whose `:store` is the organization's id, and what presets there are. */
import { change, question, type Route } from '../route.ts'
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
]
