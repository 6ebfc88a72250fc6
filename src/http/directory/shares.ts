/** /v1/orgs/{org}/resources/{type}/{id}/shares, and what they come to for one user. */
import * as directory from '../../directory/resources/shares.ts'
import { Fault } from '../../lib/fault.ts'
import { form, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pageRequest, parameter } from './query.ts'
import { nameOf } from './resources.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

const newShare = form({ user: text(200), group: text(200), level: text(64) })

export const share: Verb = (_, door) => async (c) => {
  const request = { ...actOf(c), ...nameOf(c) }
  const { level, ...holder } = newShare(await bodyOf(c))
  const asked = { holder, ...request, ...(level === undefined ? {} : { level }) }
  const shared = await directory.share(directoryOf(door), asked)
  const { isNew, ...row } = shared.result
  return done(c, shared, isNew ? 201 : 200, () => row)
}

export const listShares: Verb = (_, door) => async (c) => {
  const request = { ...visitOf(c), ...nameOf(c), ...pageRequest(c) }
  const found = await directory.listShares(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { shares: rows, continuationToken })
}

export const unshare: Verb = (_, door) => async (c) => {
  const request = { holder: holderIn(c), ...actOf(c), ...nameOf(c) }
  return done(c, await directory.unshare(directoryOf(door), request))
}

export const effectiveRole: Verb = (_, door) => async (c) => {
  const user = parameter(c, 'user')
  if (user === undefined) throw new Fault('invalid_field', '`user` is required', { field: 'user' })
  const found = await directory.effectiveRole(directoryOf(door), { user, ...visitOf(c), ...nameOf(c) })
  mark(c, found)
  return answer(c, { user, effectiveRole: found.result?.id ?? null, label: found.result?.label ?? null })
}

/** A DELETE has no body that everybody on the way keeps: the holder is in the query. */
function holderIn(c: Exchange): directory.Holder {
  const [user, group] = [parameter(c, 'user'), parameter(c, 'group')]
  return { ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) }
}
