/** The identity provider's groups, sign-ins and sessions of organizations. */
import { change, question, type Route } from '../route.ts'
import {
  addMapping,
  listMappings,
  listProvided,
  logInUser,
  putMappings,
  refresh,
  removeMapping,
  removeProvided,
} from './sso.ts'

export const ssoRoutes: readonly Route[] = [
  question('GET', '/v1/orgs/:store/sso/groups', listProvided, 'directory'),
  change('DELETE', '/v1/orgs/:store/sso/groups/:idpGroup', removeProvided, 'directory'),
  question('GET', '/v1/orgs/:store/sso/mappings', listMappings, 'directory'),
  change('PUT', '/v1/orgs/:store/sso/mappings', putMappings, 'directory'),
  change('POST', '/v1/orgs/:store/sso/mappings', addMapping, 'directory'),
  change('DELETE', '/v1/orgs/:store/sso/mappings/:idpGroup/:group', removeMapping, 'directory'),
  change('POST', '/v1/orgs/:store/sso/logins', logInUser, 'login'),
  question('POST', '/v1/orgs/:store/sessions/refresh', refresh, 'login'),
]
