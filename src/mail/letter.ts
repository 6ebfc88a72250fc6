/**
 * What an invitation says, as text and as HTML. Names come from people, so they are cut, made one line and escaped here, and
 * nothing else that somebody typed is mailed: the mail of others is not ours to lend.
 */

/** Facts of one invitation. */
export interface InvitationLetter {
  /** Of this sending, whatever becomes of it: sent again it is the same, and what receives it can tell. */
  readonly id: string
  /** One address. */
  readonly to: string
  readonly organization: string
  /** Who invites, by name or address. */
  readonly inviter: string
  /** As the product calls it. */
  readonly role: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly link: string
}

export interface Letter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function invitationLetter({
  organization,
  inviter,
  role,
  expiresAt,
  link,
  to,
}: InvitationLetter): Letter {
  const place = plain(organization)
  const who = plain(inviter)
  const invites = `${who} invites you to ${place} as ${plain(role)}.`
  const how = 'To create your account, open this link:'
  const bounds = `It is for ${to} alone, works once, and ends on ${dateOf(expiresAt)}.`
  const otherwise = 'If you did not expect this, do nothing: no account is made.'
  return {
    subject: `${who} invites you to ${place}`,
    text: [invites, '', how, '', link, '', bounds, otherwise, ''].join('\n'),
    html: page([
      `<p>${escaped(invites)}</p>`,
      `<p><a href="${escaped(link)}" style="${buttonStyle}">Create your account</a></p>`,
      `<p>Or open this link:<br>${escaped(link)}</p>`,
      `<p style="color:#555">${escaped(bounds)} ${escaped(otherwise)}</p>`,
    ]),
  }
}

const buttonStyle =
  'display:inline-block;padding:10px 18px;background:#1a56db;color:#fff;text-decoration:none;border-radius:4px'

function page(parts: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"></head>',
    '<body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#111">',
    ...parts,
    '</body></html>',
  ].join('\n')
}

/** Narrower than what mail can be sent to: with a slash in it, some of it would be a page. */
const mailAddress = /^[\w.+-]+@[\w.-]+$/

/** What browsers take for a dot between the parts of a host, and something behind it. */
const dotInside = /[.\u3002\uff0e\uff61](?=[\p{L}\p{N}])/gu

/** Characters of a name that are shown; longer ones are there to carry a message of their own. */
const nameMax = 80

/**
 * One line without what is not seen, and without what mail programs would make a link of: of `evil.com` they do, of
 * `evil. com` they do not, and people can read that. A name that is an address of mail stays as it is: its link writes a letter.
 */
export function plain(name: string): string {
  const isAddress = mailAddress.test(name)
  const line = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\b\w+:\/\/|\bwww\./gi, ' ')
    .replace(dotInside, isAddress ? '$&' : '$& ')
    .replace(/ +/g, ' ')
    .trim()
  const letters = [...line]
  return letters.length > nameMax ? `${letters.slice(0, nameMax - 1).join('')}…` : line
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** In UTC, which is said: who reads it may be anywhere. */
function dateOf(instant: number): string {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return `${date.format(instant)} UTC`
}
