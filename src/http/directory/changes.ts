/** /v1/orgs/{org}/changes: who changed what, newest first. */
import { type ChangesRequest, listChanges } from '../../directory/organizations/changes.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { instantParameter, pageRequest, parameter } from './query.ts'
import { directoryOf, visitOf } from './visit.ts'

export const viewChanges: Verb = (_, door) => async (c) => {
  const { q: __, ...page } = pageRequest(c)
  const found = await listChanges(directoryOf(door), { ...visitOf(c), ...page, ...filterOf(c) })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { changes: rows, continuationToken })
}

const texts = {
  actor: 'by',
  source: 'source',
  action: 'action',
  target: 'target',
  type: 'type',
  subject: 'subject',
}

type Filter = Omit<ChangesRequest, 'org' | 'actor' | 'atLeastAsFresh' | 'pageSize' | 'continuationToken'>

function filterOf(c: Exchange): Filter {
  const said = Object.entries(texts).flatMap(([name, field]) => {
    const given = parameter(c, name)
    return given === undefined ? [] : [[field, given] as const]
  })
  const [from, to] = [instantParameter(c, 'from'), instantParameter(c, 'to')]
  return {
    ...Object.fromEntries(said),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}
