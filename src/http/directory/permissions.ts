/** /v1/orgs/{org}/permissions: who can do what and through what; as pages, as a graph, and as files. */
import { permissionDifference } from '../../directory/questions/difference.ts'
import { graphOf } from '../../directory/questions/permission-graph.ts'
import {
  allPermissions,
  type PermissionsRequest,
  permissions,
} from '../../directory/questions/permissions.ts'
import { Fault } from '../../lib/fault.ts'
import { answerDownload } from '../download.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { answerCsv } from './csv.ts'
import { jsonOf, permissionCsv } from './permission-file.ts'
import { choiceOf, type Format, formatOf, pageRequest, parameter } from './query.ts'
import { directoryOf, visitOf } from './visit.ts'

/** Whatever else the query names is a kind of resource, and an id. */
const parameters = ['type', 'relation', 'q', 'pageSize', 'continuationToken', 'format', 'form']

export const viewPermissions: Verb = (_, door) => async (c) => {
  const request = { about: aboutOf(c), ...visitOf(c), ...pageRequest(c), ...termsOf(c) }
  const format = formatOf(c)
  if (format !== undefined) return download(c, format, allPermissions(directoryOf(door), request))
  const found = await permissions(directoryOf(door), request)
  mark(c, found)
  const { about, rows, continuationToken } = found.result
  if (choiceOf(c, 'form', ['rows', 'graph']) === 'graph') {
    return answer(c, { about, ...graphOf(rows), continuationToken })
  }
  return answer(c, { about, rows, continuationToken })
}

export const diffPermissions: Verb = (_, door) => async (c) => {
  const [user, other] = [parameter(c, 'user'), parameter(c, 'other')]
  if (user === undefined || other === undefined) {
    const field = user === undefined ? 'user' : 'other'
    throw new Fault('invalid_field', `\`${field}\` is required`, { field })
  }
  const request = { user, other, ...visitOf(c), ...pageRequest(c), ...termsOf(c) }
  const found = await permissionDifference(directoryOf(door), request)
  mark(c, found)
  return answer(c, found.result)
}

function aboutOf(c: Exchange): PermissionsRequest['about'] {
  return Object.fromEntries(
    Object.entries(c.req.query()).filter(([name, value]) => !parameters.includes(name) && value !== ''),
  )
}

function termsOf(c: Exchange): Pick<PermissionsRequest, 'type' | 'relation'> {
  const [type, relation] = [parameter(c, 'type'), parameter(c, 'relation')]
  return { ...(type === undefined ? {} : { type }), ...(relation === undefined ? {} : { relation }) }
}

function download(c: Exchange, format: Format, rows: ReturnType<typeof allPermissions>): Promise<Response> {
  if (format === 'csv') return answerCsv(c, 'permissions.csv', permissionCsv(rows))
  return answerDownload(c, { filename: 'permissions.json', type: 'application/json', pieces: jsonOf(rows) })
}
