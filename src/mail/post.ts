/**
 * Letters of Kith, carried by whatever was configured. It keeps nothing and tries nothing again: what has to arrive is
 * remembered by whoever asks (directory/invitations/outbox.ts).
 */
import { isMailAddress } from '../lib/mail-address.ts'
import type { Carrier, Handed, Message } from './carrier.ts'
import { type InvitationLetter, invitationLetter } from './letter.ts'
import type { MailSettings, Sender } from './settings.ts'

export interface Post {
  /** Whether letters are sent; else links are handed over by whoever makes them. */
  readonly sends: boolean
  /** The link of a token; undefined: no page is known. */
  linkOf(token: string): string | undefined
  /** Never throws. */
  invite(letter: InvitationLetter, signal: AbortSignal): Promise<Handed>
  close(): void
}

/** Nodemailer is loaded where mail is sent, and only there. */
export async function openPost({ transport, linkBase }: MailSettings): Promise<Post> {
  const carrier = transport === undefined ? undefined : await carrierOf(transport)
  return {
    sends: carrier !== undefined,
    linkOf: (token) => (linkBase === undefined ? undefined : `${linkBase}#${token}`),
    async invite(letter, signal) {
      if (carrier === undefined || transport === undefined) {
        return { outcome: 'later', answer: 'no mail is configured', code: 'ENOMAIL' }
      }
      // What reads addresses out of text makes several of one that holds a comma or a line's end.
      if (!isMailAddress(letter.to))
        return { outcome: 'refused', answer: 'not one address', code: 'EADDRESS' }
      const handed = await carrier.carry(messageOf(letter, transport.from), signal)
      return { ...handed, answer: tidied(handed.answer, letter.link) }
    },
    close: () => carrier?.close(),
  }
}

async function carrierOf(transport: NonNullable<MailSettings['transport']>): Promise<Carrier> {
  if (transport.kind === 'smtp') return (await import('./smtp.ts')).smtpCarrier(transport.server)
  if (transport.kind === 'file') return (await import('./folder.ts')).folderCarrier(transport.folder)
  const { consoleCarrier } = await import('./console.ts')
  return consoleCarrier((text) => process.stdout.write(`${text}\n`))
}

function messageOf(letter: InvitationLetter, from: Sender): Message {
  const { subject, text, html } = invitationLetter(letter)
  return {
    messageId: `<${letter.id}@${from.address.split('@')[1]}>`,
    // Objects: text would be read as a list.
    from,
    to: { address: letter.to, name: '' },
    subject,
    text,
    html,
    // Else long lines are folded, and the link with them.
    textEncoding: 'quoted-printable',
    // Nobody's machine answers it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** Characters of a server's answer that are kept. */
const answerMax = 300

/** Servers quote what they do not like, and a link lets somebody in. */
function tidied(answer: string, link: string): string {
  const secret = link.slice(link.indexOf('#') + 1)
  const line = answer
    .replaceAll(secret, '...')
    .replace(/\S+:\/\/\S+/g, '...')
    .replace(/[\p{Cc}\s]+/gu, ' ')
  return line.slice(0, answerMax)
}
