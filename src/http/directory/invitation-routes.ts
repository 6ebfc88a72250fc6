/** Where people are invited, and where those who were come in. */
import { change, question, type Route } from '../route.ts'
import {
  acceptInvitation,
  createInvitation,
  getInvitation,
  listInvitations,
  lookAtInvitation,
  resendInvitation,
  revokeInvitation,
} from './invitations.ts'

export const invitationRoutes: readonly Route[] = [
  question('GET', '/v1/orgs/:store/invitations', listInvitations, 'directory'),
  change('POST', '/v1/orgs/:store/invitations', createInvitation, 'directory'),
  question('POST', '/v1/orgs/:store/invitations/look', lookAtInvitation, 'login'),
  change('POST', '/v1/orgs/:store/invitations/accept', acceptInvitation, 'login'),
  question('GET', '/v1/orgs/:store/invitations/:invitation', getInvitation, 'directory'),
  change('POST', '/v1/orgs/:store/invitations/:invitation/resend', resendInvitation, 'directory'),
  change('POST', '/v1/orgs/:store/invitations/:invitation/revoke', revokeInvitation, 'directory'),
  // By the token alone, which names its organization: the right is asked for there.
  question('POST', '/v1/invitations/look', lookAtInvitation, 'a caller'),
  change('POST', '/v1/invitations/accept', acceptInvitation, 'a caller'),
]
