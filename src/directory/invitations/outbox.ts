/**
 * Letters of invitations, out of the transaction: an errand of each is handed over, tried again while that makes sense, and
 * in the end notes that the invitation has expired. Before a letter is handed over it is `sending` on disk, and `sent` as soon
 * as it was taken: so a kill between the two sends it once more, with the same id and link, and never a new one.
 */
import { type ActRequest, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import { type Errand, endErrand, leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { holderOf } from '../lists/names.ts'
import { isInside } from '../look.ts'
import { nameOf, organizationName } from './accept.ts'
import { addressPace } from './invite.ts'
import { close, type Delivery, type KeptInvitation, keep, keptAt, stateAt } from './kept.ts'
import { forgetPace } from './pace.ts'
import type { Handed, Letter } from './post.ts'
import { tokenWith } from './token.ts'

const outboxKind = 'invitation'
/** Letters on their way at a time: a server that answers slowly leaves room for other errands. */
const lettersAtOnce = 2
/** Milliseconds to the second try, doubled up to the last; until the invitation ends. */
const retryMinMs = 1_000
const retryMaxMs = 60 * 60 * 1000

export function mailInvitations(ground: Ground): void {
  // Cut off, a letter would be handed over once more.
  const manner = { most: lettersAtOnce, isWhole: true }
  ground.errands.handle(outboxKind, (errand, signal) => run(ground, errand, signal), manner)
}

/** What a commit throws is tried again. */
async function run(ground: Ground, errand: Errand, signal: AbortSignal): Promise<void> {
  const { org } = errand
  const tell = ({ code }: Handed) => ground.onUndelivered({ org, invitation: invitationIn(errand), code })
  const { letter, withheld } = await commit(ground, org, (draft) => begin(ground, draft, errand))
  if (withheld !== undefined) tell(withheld)
  if (letter === undefined) return
  const handed = await ground.post.invite(letter, signal)
  // It was cut off: it stays `sending`, and is the first thing that the next start does.
  if (signal.aborted && handed.outcome === 'later') return
  if (handed.outcome !== 'sent') tell(handed)
  await commit(ground, org, (draft) => end(draft, errand, handed))
}

/** The letter that is to be handed over, or why it never will be; neither: there is none any more, or it is not its time. */
async function begin(
  ground: Ground,
  draft: Draft,
  errand: Errand,
): Promise<{ readonly letter?: Letter; readonly withheld?: Handed }> {
  const id = invitationIn(errand)
  const kept = keptAt(draft, id)
  if (kept === undefined) {
    endErrand(draft, errand.id)
    return {}
  }
  if (stateAt(kept, draft.view.now) !== 'pending') {
    finish(draft, errand, kept)
    return {}
  }
  if (errand.attributes.send !== kept.sends) {
    // Clocks may differ a little.
    leaveErrand(draft, errand.id, {}, Math.max(kept.expiresAt, draft.view.now + retryMinMs))
    return {}
  }
  const withhold = (answer: string, code: string) => {
    const withheld: Handed = { outcome: 'refused', answer, code }
    deliver(draft, errand, kept, withheld)
    return { withheld }
  }
  const hindrance = await hindranceOf(draft, kept)
  if (hindrance !== undefined) return withhold(hindrance, 'ECLOSED')
  const word = String(errand.attributes.word)
  const sending = { org: errand.org, invitation: id, word }
  const token = tokenWith(ground.service.storage, sending, kept.hash ?? '')
  if (token === undefined) return withhold('the secret that it was made with is gone: resend it', 'ELINK')
  const begun = { ...kept, delivery: deliveryOf(draft, 'sending', kept.delivery.tries + 1) }
  const link = ground.post.linkOf(token)
  if (link === undefined) {
    // A start without mail: the letter waits for one that knows where it leads to.
    deliver(draft, errand, begun, { outcome: 'later', answer: 'no page is known', code: 'ELINK' })
    return {}
  }
  keep(draft, id, begun)
  const letter = {
    // The id of the invitation is no secret, and which sending it is: what receives it twice can tell.
    id: `${id}.${kept.sends}`,
    to: kept.email,
    organization: organizationName(ground, errand.org),
    inviter: nameOf(draft, kept.inviter),
    role: draft.preset.organization.roles.find(({ id: each }) => each === kept.role)?.label ?? kept.role,
    expiresAt: kept.expiresAt,
    link,
  }
  return { letter }
}

/** Why its link would open nothing; resent by hand, it may. That whoever invited was demoted is found out at the door. */
async function hindranceOf(draft: Draft, { email, inviter }: KeptInvitation): Promise<string | undefined> {
  if (holderOf(draft, 'email', email) !== undefined) return 'they are in the organization already'
  return (await isInside(draft, inviter)) ? undefined : 'whoever invited is not in the organization any more'
}

/** What became of it, where it is still the latest. */
function end(draft: Draft, errand: Errand, handed: Handed): undefined {
  const kept = keptAt(draft, invitationIn(errand))
  if (kept !== undefined && kept.sends === errand.attributes.send) deliver(draft, errand, kept, handed)
  return undefined
}

function deliver(draft: Draft, errand: Errand, kept: KeptInvitation, { outcome, answer }: Handed): void {
  const { tries } = kept.delivery
  const status = outcome === 'later' ? 'queued' : outcome === 'sent' ? 'sent' : 'failed'
  keep(draft, invitationIn(errand), { ...kept, delivery: deliveryOf(draft, status, tries, answer) })
  if (outcome !== 'later') {
    // The word goes with the letter: from here on nobody can make the token again.
    leaveErrand(draft, errand.id, {}, kept.expiresAt)
    return
  }
  const pause = Math.min(retryMinMs * 2 ** Math.max(0, tries - 1), retryMaxMs)
  const { due: _, ...attributes } = errand.attributes
  leaveErrand(draft, errand.id, attributes, Math.min(draft.view.now + pause, kept.expiresAt))
}

/** The end of an invitation, noted once; and of the errand, once nothing is counted for its address any more. */
function finish(draft: Draft, errand: Errand, kept: KeptInvitation): void {
  if (kept.state === 'pending') close(draft, invitationIn(errand), kept, 'expired')
  const until = forgetPace(draft, addressPace(kept.email))
  if (until === undefined) endErrand(draft, errand.id)
  else leaveErrand(draft, errand.id, {}, until)
}

function deliveryOf(draft: Draft, status: Delivery['status'], tries: number, answer?: string): Delivery {
  return { status, at: draft.view.now, tries, ...(answer === undefined ? {} : { answer }) }
}

function invitationIn({ id }: Errand): string {
  return id.slice(`${outboxKind}/`.length)
}

async function commit<Result>(
  ground: Ground,
  org: string,
  decide: (draft: Draft) => Result,
): Promise<Result> {
  const request: Omit<ActRequest, 'actor'> = { org, provenance: { source: 'invitation' } }
  return (await actForPlatform(ground, request, decide)).result
}
