import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openPost, type Post } from '../../src/mail/post.ts'
import type { MailSettings } from '../../src/mail/settings.ts'
import { type MailServer, openMailServer } from './server.ts'

const linkBase = 'https://app.example.com/invite'
const token = `01J0000000000000000000000A.${'t'.repeat(43)}`
const letter = {
  id: 'inv_1.1',
  to: 'ann@example.com',
  organization: 'Acme',
  inviter: 'Boss',
  role: 'Admin',
  expiresAt: Date.UTC(2026, 10, 29),
  link: `${linkBase}#${token}`,
}
const from = { address: 'invites@example.com', name: 'Acme, Inc.' }
const patient = new AbortController().signal

async function open(transport: MailSettings['transport']): Promise<Post> {
  const post = await openPost({ transport, linkBase })
  onTestFinished(() => post.close())
  return post
}

async function openSmtp(port?: number): Promise<{ readonly server: MailServer; readonly post: Post }> {
  const server = await openMailServer()
  onTestFinished(() => server.close())
  const place = { host: '127.0.0.1', port: port ?? server.port, tls: 'off', auth: undefined } as const
  return { server, post: await open({ kind: 'smtp', server: place, from }) }
}

test('a letter arrives as text and as HTML, from whom and to whom it says', async () => {
  const { server, post } = await openSmtp()
  expect(await post.invite(letter, patient)).toMatchObject({ outcome: 'sent', code: '250' })
  const [delivered] = await server.until(1)
  expect(delivered?.recipients).toEqual(['ann@example.com'])
  expect(delivered?.mail).toMatchObject({
    from: { address: 'invites@example.com', name: 'Acme, Inc.' },
    to: [{ address: 'ann@example.com', name: '' }],
    subject: 'Boss invites you to Acme',
    messageId: '<inv_1.1@example.com>',
  })
  expect(delivered?.mail.text).toContain(`\n${letter.link}\n`)
  expect(delivered?.mail.html).toContain(`href="${letter.link}"`)
  const headers = new Map(delivered?.mail.headers.map(({ key, value }) => [key, value]))
  expect(headers.get('auto-submitted')).toBe('auto-generated')
})

test.each([
  'a@x.test\r\nBcc: evil@x.test',
  'a@x.test, evil@x.test',
  'a@x.test>\r\nRCPT TO:<evil@x.test',
  'Ann <a@x.test>',
  'a@x.test\0',
])('whoever is more than one address gets nothing: %j', async (to) => {
  const { server, post } = await openSmtp()
  expect(await post.invite({ ...letter, to }, patient)).toMatchObject({
    outcome: 'refused',
    code: 'EADDRESS',
  })
  expect(server.attempts).toBe(0)
})

test('names bring no headers and no recipients', async () => {
  const { server, post } = await openSmtp()
  const evil = 'x\r\nBcc: evil@x.test\r\n\r\nbody'
  await post.invite({ ...letter, inviter: evil, organization: evil, role: evil }, patient)
  const [delivered] = await server.until(1)
  expect(delivered?.recipients).toEqual(['ann@example.com'])
  expect(delivered?.mail.bcc ?? []).toEqual([])
  expect(delivered?.mail.headers.some(({ key }) => key === 'bcc')).toBe(false)
})

test.each([
  ['rcpt', 550, 'no such user', 'refused'],
  ['rcpt', 451, 'greylisted', 'later'],
  ['data', 554, 'spam', 'refused'],
  ['data', 452, 'full', 'later'],
] as const)('at %s %i %s: %s', async (at, code, text, outcome) => {
  const { server, post } = await openSmtp()
  server.refuses = () => ({ at, code, text })
  const handed = await post.invite(letter, patient)
  expect(handed.outcome).toBe(outcome)
  expect(handed.answer).toContain(String(code))
  expect(handed.answer).toContain(text)
  server.refuses = () => undefined
  expect(await post.invite(letter, patient)).toMatchObject({ outcome: 'sent' })
})

test('a server that quotes the link does not tell the token on', async () => {
  const { server, post } = await openSmtp()
  server.refuses = () => ({ at: 'data', code: 554, text: `bad ${letter.link} and ${token}, ${linkBase}#cut` })
  const { answer } = await post.invite(letter, patient)
  expect(answer).not.toContain('tttt')
  expect(answer).not.toContain('cut')
})

test('nobody there, and a password that is not right, may be another day', async () => {
  const { post } = await openSmtp(1)
  expect(await post.invite(letter, patient)).toMatchObject({ outcome: 'later' })
  const { server } = await openSmtp()
  const place = { host: '127.0.0.1', port: server.port, tls: 'starttls', auth: undefined } as const
  const strict = await open({ kind: 'smtp', server: place, from })
  expect(await strict.invite(letter, patient)).toMatchObject({
    outcome: 'later',
    code: expect.stringContaining('ETLS'),
  })
  expect(server.attempts).toBe(0)
})

test('who no longer waits is answered', async () => {
  const { post } = await openSmtp()
  expect(await post.invite(letter, AbortSignal.abort())).toMatchObject({ outcome: 'later' })
})

test('a folder: the same letter again is the same file, whole, its owner alone reads it', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'kith-mail-')), 'new')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const post = await open({ kind: 'file', folder, from })
  for (let at = 0; at < 2; at++) expect((await post.invite(letter, patient)).outcome).toBe('sent')
  expect(readdirSync(folder)).toEqual(['inv_1.1@example.com.eml'])
  const file = join(folder, 'inv_1.1@example.com.eml')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const mail = await PostalMime.parse(readFileSync(file))
  expect(mail.text).toContain(letter.link)
})

test('a folder that cannot be written is tried again', async () => {
  const post = await open({ kind: 'file', folder: join(import.meta.filename, 'below-a-file'), from })
  expect(await post.invite(letter, patient)).toMatchObject({ outcome: 'later' })
})

test('the screen shows the link: it was asked for by name', async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  onTestFinished(() => printed.mockRestore())
  const post = await open({ kind: 'console', from })
  expect((await post.invite(letter, patient)).outcome).toBe('sent')
  expect(printed.mock.calls.flat().join('')).toContain(letter.link)
})

test('without mail nothing is sent, and links are made where a page is known', async () => {
  const post = await open(undefined)
  expect(post.sends).toBe(false)
  expect(post.linkOf('t')).toBe(`${linkBase}#t`)
  expect((await openPost({ transport: undefined, linkBase: undefined })).linkOf('t')).toBeUndefined()
  expect(await post.invite(letter, patient)).toMatchObject({ outcome: 'later', code: 'ENOMAIL' })
})
