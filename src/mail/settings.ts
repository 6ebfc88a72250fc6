/** What the options of mail come to, and that they say all of it: who is invited by half a configuration waits for ever. */
import { isMailAddress } from '../lib/mail-address.ts'
import { ConfigError, type Option } from '../lib/option.ts'
import { type MailOptions, mailOptions } from './options.ts'

export interface MailSettings {
  /** Absent: nothing is mailed. */
  readonly transport: Transport | undefined
  /** The page that links lead to; absent: whoever invites makes one of the token. */
  readonly linkBase: string | undefined
}

type Transport = { readonly from: Sender } & (
  | { readonly kind: 'smtp'; readonly server: SmtpServer }
  | { readonly kind: 'file'; readonly folder: string }
  | { readonly kind: 'console' }
)

export interface Sender {
  readonly address: string
  readonly name: string
}

export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** From the first byte, by STARTTLS, or not at all. */
  readonly tls: 'implicit' | 'starttls' | 'off'
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

/** @throws ConfigError, which never shows the password */
export function mailSettings(options: MailOptions): MailSettings {
  const { mail = 'none', smtpUrl, mailFrom } = options
  const linkBase = options.linkBase === undefined ? undefined : linkBaseOf(options.linkBase)
  if (mail !== 'smtp' && smtpUrl !== undefined)
    refuse('smtpUrl', '...', 'give --mail smtp (KITH_MAIL) with it')
  if (mail === 'none') {
    if (mailFrom !== undefined)
      refuse('mailFrom', mailFrom, 'give --mail (KITH_MAIL) with it, or leave it out')
    return { transport: undefined, linkBase }
  }
  if (linkBase === undefined) refuse('linkBase', '', `with --mail ${kindOf(mail)} it is needed: https://...`)
  const from = mailFrom === undefined ? undefined : senderOf(mailFrom)
  if (mail === 'smtp') {
    if (smtpUrl === undefined) return refuse('smtpUrl', '', 'with --mail smtp it is needed: smtps://...')
    if (from === undefined) return refuse('mailFrom', '', 'with --mail smtp it is needed: an address')
    return { transport: { kind: 'smtp', server: serverOf(smtpUrl), from }, linkBase }
  }
  const developer = from ?? { address: 'kith@localhost.localdomain', name: 'Kith' }
  if (mail === 'console') return { transport: { kind: 'console', from: developer }, linkBase }
  const folder = mail.startsWith('file:') ? mail.slice('file:'.length) : ''
  if (folder === '') return refuse('mail', mail, 'give none, smtp, console or file:DIR')
  return { transport: { kind: 'file', folder, from: developer }, linkBase }
}

function kindOf(mail: string): string {
  return mail.split(':', 1)[0] ?? ''
}

/** Hosts that mail or a page need not be hidden from: this machine. */
const localHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whoever reads a link on its way may come in by it. @throws ConfigError */
function linkBaseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && localHost.test(url.hostname))
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '') {
    return refuse('linkBase', text, 'give an https URL, or http on this machine')
  }
  if (text.includes('#')) refuse('linkBase', text, 'leave the # out: the token comes behind one')
  return url.href
}

/** @throws ConfigError */
function senderOf(text: string): Sender {
  const [, name = '', address = ''] = /^(?:([^<>]*)<([^<>]*)>|)$/.exec(text.trim()) ?? []
  const sender =
    address === '' ? { address: text.trim(), name: '' } : { address, name: unquoted(name.trim()) }
  if (isMailAddress(sender.address) && !/\p{Cc}/u.test(text)) return sender
  return refuse(
    'mailFrom',
    text,
    'give one address, such as invites@example.com or Example <invites@example.com>',
  )
}

function unquoted(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1) : name
}

/** @throws ConfigError */
function serverOf(text: string): SmtpServer {
  const shown = text.replace(/\/\/.*@/, '//...@')
  const fix =
    'give smtps://USER:PASSWORD@HOST:PORT, or smtp://, special characters of a password percent-encoded'
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isImplicit = url?.protocol === 'smtps:'
  if (url === undefined || url.hostname === '' || !(isImplicit || url.protocol === 'smtp:')) {
    return refuse('smtpUrl', shown, fix)
  }
  if (
    (url.pathname !== '' && url.pathname !== '/') ||
    !['', '?tls=off'].includes(url.search) ||
    url.hash !== ''
  ) {
    return refuse('smtpUrl', shown, `${fix}; nothing may follow but ?tls=off`)
  }
  const isOff = url.search !== ''
  if (isOff && isImplicit) refuse('smtpUrl', shown, 'smtps is TLS: leave ?tls=off out')
  const auth = url.username === '' ? undefined : { user: decoded(url.username), pass: decoded(url.password) }
  if (isOff && auth !== undefined && !localHost.test(url.hostname)) {
    refuse('smtpUrl', shown, 'a password does not leave this machine without TLS: leave ?tls=off out')
  }
  const port = url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { host, port, tls: isImplicit ? 'implicit' : isOff ? 'off' : 'starttls', auth }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('smtpUrl', '...', 'percent-encode the special characters of user and password')
  }
}

function refuse(field: keyof MailOptions, given: string, fix: string): never {
  const option = mailOptions.find((each) => each.field === field) as Option
  throw new ConfigError(option, given, fix)
}
