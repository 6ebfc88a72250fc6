/** /v1/orgs/{org}/invitations, and /v1/invitations for whoever holds a token alone. */
import * as accepting from '../../directory/invitations/accept.ts'
import * as directory from '../../directory/invitations/invite.ts'
import * as shown from '../../directory/invitations/shown.ts'
import { organizationIn } from '../../directory/invitations/token.ts'
import { bool, email, form, id, integer, list, oneOf, part, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, type Exchange, mark, provenanceOf, type Verb } from '../exchange.ts'
import { demand } from '../permit.ts'
import { pageRequest, parameter } from './query.ts'
import { actOf, directoryOf, done, orgOf, refuseDryRun, visitOf } from './visit.ts'

/** Groups, and resources, that one invitation may give. */
const giftsMax = 100
/** The longest that one can be open. */
const daysMax = 30

const newInvitation = form({
  email: required(text(254)),
  role: text(64),
  groups: list(part({ id: required(text(256)), role: text(64) }), giftsMax),
  resources: list(part({ type: required(text(64)), id: required(text(256)), level: text(64) }), giftsMax),
  expiresInDays: integer(1, daysMax),
  sendMail: bool(),
})
const resending = form({ sendMail: bool() })
const tokenOnly = form({ token: required(text(200)) })
const acceptance = form({
  token: required(text(200)),
  user: part({ id: id(), name: text(200), email: email() }),
})
const status = oneOf('pending', 'accepted', 'revoked', 'expired')

export const createInvitation: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const invitation = newInvitation(await bodyOf(c))
  return done(c, await directory.createInvitation(directoryOf(door), { invitation, ...request }), 201)
}

export const listInvitations: Verb = (_, door) => async (c) => {
  const wanted = status(parameter(c, 'status'), 'status')
  const found = await shown.listInvitations(directoryOf(door), {
    ...visitOf(c),
    ...pageRequest(c),
    ...(wanted === undefined ? {} : { status: wanted }),
  })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { invitations: rows, continuationToken })
}

export const getInvitation: Verb = (_, door) => async (c) => {
  const request = { invitation: invitationIn(c), ...visitOf(c) }
  const found = await shown.getInvitation(directoryOf(door), request)
  mark(c, found)
  return answer(c, found.result)
}

export const resendInvitation: Verb = (_, door) => async (c) => {
  const request = { invitation: invitationIn(c), ...actOf(c), ...resending(await bodyOf(c)) }
  return done(c, await directory.resendInvitation(directoryOf(door), request), 200)
}

export const revokeInvitation: Verb = (_, door) => async (c) => {
  const request = { invitation: invitationIn(c), ...actOf(c) }
  return done(c, await directory.revokeInvitation(directoryOf(door), request), 200)
}

export const lookAtInvitation: Verb = (_, door) => async (c) => {
  const { token } = tokenOnly(await bodyOf(c))
  const found = await accepting.lookAtInvitation(directoryOf(door), { org: demandLogin(c, token), token })
  mark(c, found)
  return answer(c, found.result)
}

export const acceptInvitation: Verb = (_, door) => async (c) => {
  refuseDryRun(c)
  const { token, user = {} } = acceptance(await bodyOf(c))
  const org = demandLogin(c, token)
  const provenance = provenanceOf(c, 'invitation')
  const accepted = await accepting.acceptInvitation(directoryOf(door), { org, token, user, provenance })
  return done(c, accepted, 201, (entered) => ({ organization: org, user: entered }))
}

/**
 * The organization that a token is of, which is that of the path where there is one.
 * @throws Fault gone; forbidden: the caller may not say who signs in there
 */
function demandLogin(c: Exchange, token: string): string {
  const path = c.req.param('store') === undefined ? undefined : orgOf(c)
  const org = organizationIn(token)
  if (org === undefined || (path !== undefined && path !== org)) throw accepting.closedDoor()
  demand(callerOf(c), 'login', org)
  c.get('visit').store = org
  return org
}

function invitationIn(c: Exchange): string {
  return c.req.param('invitation') ?? ''
}
