/** Where identity providers provision: SCIM 2.0 under /scim/v2/{org}. What they need of their key is the scope `scim:STORE`. */
import { change, question, type Route } from '../route.ts'
import {
  scimCreateGroup,
  scimDeleteGroup,
  scimGetGroup,
  scimListGroups,
  scimPatchGroup,
  scimReplaceGroup,
  scimSearchGroups,
} from './groups.ts'
import {
  scimBulk,
  scimConfiguration,
  scimKind,
  scimKinds,
  scimMe,
  scimSchema,
  scimSchemas,
  scimSearch,
} from './service.ts'
import {
  scimCreateUser,
  scimDeleteUser,
  scimGetUser,
  scimListUsers,
  scimPatchUser,
  scimReplaceUser,
  scimSearchUsers,
} from './users.ts'

const at = '/scim/v2/:store'

export const scimRoutes: readonly Route[] = [
  question('GET', `${at}/ServiceProviderConfig`, scimConfiguration, 'scim'),
  question('GET', `${at}/ResourceTypes`, scimKinds, 'scim'),
  question('GET', `${at}/ResourceTypes/:kind`, scimKind, 'scim'),
  question('GET', `${at}/Schemas`, scimSchemas, 'scim'),
  question('GET', `${at}/Schemas/:schema`, scimSchema, 'scim'),
  question('GET', `${at}/Me`, scimMe, 'scim'),
  question('POST', `${at}/Bulk`, scimBulk, 'scim'),
  question('POST', `${at}/.search`, scimSearch, 'scim'),
  question('GET', `${at}/Users`, scimListUsers, 'scim'),
  change('POST', `${at}/Users`, scimCreateUser, 'scim'),
  question('POST', `${at}/Users/.search`, scimSearchUsers, 'scim'),
  question('GET', `${at}/Users/:user`, scimGetUser, 'scim'),
  change('PUT', `${at}/Users/:user`, scimReplaceUser, 'scim'),
  change('PATCH', `${at}/Users/:user`, scimPatchUser, 'scim'),
  change('DELETE', `${at}/Users/:user`, scimDeleteUser, 'scim'),
  question('GET', `${at}/Groups`, scimListGroups, 'scim'),
  change('POST', `${at}/Groups`, scimCreateGroup, 'scim'),
  question('POST', `${at}/Groups/.search`, scimSearchGroups, 'scim'),
  question('GET', `${at}/Groups/:group`, scimGetGroup, 'scim'),
  change('PUT', `${at}/Groups/:group`, scimReplaceGroup, 'scim'),
  change('PATCH', `${at}/Groups/:group`, scimPatchGroup, 'scim'),
  change('DELETE', `${at}/Groups/:group`, scimDeleteGroup, 'scim'),
]
