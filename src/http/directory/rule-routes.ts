/** Rules of groups, and the log of what they did. */
import { change, heavy, question, type Route } from '../route.ts'
import {
  deleteRule,
  disableRule,
  dropExclusion,
  enableRule,
  getRule,
  listExclusions,
  previewRule,
  setRule,
  validateRule,
  viewLogs,
} from './rules.ts'

const rule = '/v1/orgs/:store/groups/:group/rule'

export const ruleRoutes: readonly Route[] = [
  question('GET', rule, getRule, 'directory'),
  change('PUT', rule, setRule, 'directory'),
  change('DELETE', rule, deleteRule, 'directory'),
  change('POST', `${rule}/enable`, enableRule, 'directory'),
  change('POST', `${rule}/disable`, disableRule, 'directory'),
  question('GET', `${rule}/exclusions`, listExclusions, 'directory'),
  change('DELETE', `${rule}/exclusions/:user`, dropExclusion, 'directory'),
  question('POST', '/v1/orgs/:store/rules/validate', validateRule, 'directory'),
  heavy('list', question('POST', '/v1/orgs/:store/rules/preview', previewRule, 'directory')),
  question('GET', '/v1/orgs/:store/logs', viewLogs, 'directory'),
]
