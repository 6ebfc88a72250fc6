/** The options of this room, as `kith serve --help` prints them. What they come to together: settings.ts. */
import type { Option } from '../lib/option.ts'

export interface MailOptions {
  /** `none`, `console`, `smtp` or `file:DIR`. */
  readonly mail: string | undefined
  readonly smtpUrl: string | undefined
  readonly mailFrom: string | undefined
  readonly linkBase: string | undefined
}

export const mailOptions: readonly Option<keyof MailOptions>[] = Object.freeze([
  {
    name: 'mail',
    variable: 'KITH_MAIL',
    field: 'mail',
    kind: 'word',
    default: 'none',
    help: 'how invitations are mailed: none, smtp, and for development console or file:DIR; none answers with the link instead',
  },
  {
    name: 'smtp-url',
    variable: 'KITH_SMTP_URL',
    field: 'smtpUrl',
    kind: 'word',
    default: '',
    help: 'with --mail smtp: smtps://USER:PASSWORD@HOST:PORT, or smtp:// with STARTTLS, without it by ?tls=off; in the environment nobody sees it',
  },
  {
    name: 'mail-from',
    variable: 'KITH_MAIL_FROM',
    field: 'mailFrom',
    kind: 'word',
    default: '',
    help: 'from whom mail is: ADDRESS, or NAME <ADDRESS>',
  },
  {
    name: 'link-base',
    variable: 'KITH_LINK_BASE',
    field: 'linkBase',
    kind: 'word',
    default: '',
    help: 'the page of your application that invitations lead to, https; the token comes behind its #',
  },
] satisfies Option<keyof MailOptions>[])
