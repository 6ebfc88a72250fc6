import { expect, test } from 'vitest'
import { ConfigError } from '../../src/lib/option.ts'
import type { MailOptions } from '../../src/mail/options.ts'
import { mailSettings } from '../../src/mail/settings.ts'

const none: MailOptions = { mail: 'none', smtpUrl: undefined, mailFrom: undefined, linkBase: undefined }
const linkBase = 'https://app.example.com/invite'
const smtp: MailOptions = {
  mail: 'smtp',
  smtpUrl: 'smtps://me:p%40ss@mail.example.com',
  mailFrom: 'Acme <invites@example.com>',
  linkBase,
}

test('what is whole', () => {
  expect(mailSettings(none)).toEqual({ transport: undefined, linkBase: undefined })
  expect(mailSettings({ ...none, linkBase })).toEqual({ transport: undefined, linkBase })
  expect(mailSettings(smtp)).toEqual({
    transport: {
      kind: 'smtp',
      from: { address: 'invites@example.com', name: 'Acme' },
      server: { host: 'mail.example.com', port: 465, tls: 'implicit', auth: { user: 'me', pass: 'p@ss' } },
    },
    linkBase,
  })
  expect(mailSettings({ ...none, mail: 'file:/tmp/mail', linkBase }).transport).toMatchObject({
    kind: 'file',
    folder: '/tmp/mail',
  })
  expect(mailSettings({ ...none, mail: 'console', linkBase }).transport?.kind).toBe('console')
})

test.each([
  ['smtp://mail.example.com', { port: 587, tls: 'starttls', auth: undefined }],
  ['smtp://mail.example.com:2525?tls=off', { port: 2525, tls: 'off', auth: undefined }],
  ['smtp://me:pw@127.0.0.1:25?tls=off', { host: '127.0.0.1', tls: 'off', auth: { user: 'me', pass: 'pw' } }],
  ['smtps://[::1]', { host: '::1', port: 465, tls: 'implicit' }],
])('a server: %s', (smtpUrl, server) => {
  expect(mailSettings({ ...smtp, smtpUrl }).transport).toMatchObject({ server })
})

test.each<[string, Partial<MailOptions>, string]>([
  ['smtp without a server', { smtpUrl: undefined }, 'KITH_SMTP_URL'],
  ['smtp without a sender', { mailFrom: undefined }, 'KITH_MAIL_FROM'],
  ['mail without a page', { linkBase: undefined }, 'KITH_LINK_BASE'],
  ['a file without a page', { mail: 'file:/x', smtpUrl: undefined, linkBase: undefined }, 'KITH_LINK_BASE'],
  ['a server that nothing uses', { mail: 'none' }, 'KITH_SMTP_URL'],
  ['a server beside a folder', { mail: 'file:/x' }, 'KITH_SMTP_URL'],
  ['a sender that nothing uses', { mail: 'none', smtpUrl: undefined }, 'KITH_MAIL_FROM'],
  ['an unknown word', { mail: 'sendmail', smtpUrl: undefined }, 'KITH_MAIL'],
  ['a folder without a name', { mail: 'file:', smtpUrl: undefined }, 'KITH_MAIL'],
  ['no URL', { smtpUrl: 'mail.example.com:587' }, 'KITH_SMTP_URL'],
  ['another protocol', { smtpUrl: 'https://mail.example.com' }, 'KITH_SMTP_URL'],
  ['a path', { smtpUrl: 'smtps://mail.example.com/x' }, 'KITH_SMTP_URL'],
  ['what is not known', { smtpUrl: 'smtp://mail.example.com?tls=maybe' }, 'KITH_SMTP_URL'],
  ['TLS, off', { smtpUrl: 'smtps://mail.example.com?tls=off' }, 'KITH_SMTP_URL'],
  ['a password in the clear', { smtpUrl: 'smtp://me:hunter2@mail.example.com?tls=off' }, 'KITH_SMTP_URL'],
  ['a broken password', { smtpUrl: 'smtps://me:hunter2%zz@mail.example.com' }, 'KITH_SMTP_URL'],
  ['two senders', { mailFrom: 'a@example.com, b@example.com' }, 'KITH_MAIL_FROM'],
  ['a sender with a header', { mailFrom: 'A\r\nBcc: b@example.com <a@example.com>' }, 'KITH_MAIL_FROM'],
  ['a page without TLS', { linkBase: 'http://app.example.com' }, 'KITH_LINK_BASE'],
  ['no page', { linkBase: 'javascript:alert(1)' }, 'KITH_LINK_BASE'],
  ['a page with an end of its own', { linkBase: 'https://app.example.com/#/invite' }, 'KITH_LINK_BASE'],
])('half of it refuses to start: %s', (_, change, variable) => {
  const open = () => mailSettings({ ...smtp, ...change })
  expect(open).toThrow(ConfigError)
  expect(open).toThrow(variable)
  expect(open).not.toThrow('hunter2')
})
