/** A sidecar that is killed amid sending: every invitation is mailed, none by two links, and each link lets one person in. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSidecar } from '../crash/sidecar.ts'
import { openMailServer } from '../mail/server.ts'
import { linkBase, tokenIn } from './invite-town.ts'

test('killed amid sending: nothing lost, and nothing sent as two', { timeout: 120_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'kith-outbox-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const server = await openMailServer()
  onTestFinished(() => server.close())
  const env = {
    KITH_MAIL: 'smtp',
    KITH_SMTP_URL: server.url,
    KITH_MAIL_FROM: 'invites@example.com',
    KITH_LINK_BASE: linkBase,
  }
  const start = () => startSidecar(data, [], env)
  let started = await start()
  onTestFinished(() => started.kill())
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${started.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'kith-actor': 'user:boss' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }
  const owner = { id: 'boss', name: 'Boss' }
  const org = (await ask('POST', '/v1/orgs', { name: 'Acme', preset: 'client-portal', owner })).body.id
  const said = new Set<string>()
  const rounds = 2
  for (let round = 0; round < rounds; round++) {
    let isOver = false
    const worker = async (own: number): Promise<void> => {
      for (let at = 0; !isOver; at++) {
        const email = `u${round}-${own}-${at}@example.com`
        const made = await ask('POST', `/v1/orgs/${org}/invitations`, { email })
        if (made.status !== 201) throw new Error(JSON.stringify(made.body))
        said.add(email)
        while (said.size > server.delivered.length + 8 && !isOver) await new Promise(setImmediate)
      }
    }
    // Whatever the kill cuts off rejects; what was said before it counts.
    const workers = Promise.allSettled([0, 1].map(worker))
    // In the turn in which a letter was read and before it is answered: whether it was taken nobody over there knows.
    await server.until(server.delivered.length + 3 + round * 2)
    await started.kill()
    isOver = true
    await workers
    started = await start()
  }
  const invitations: { id: string; email: string; delivery: { status: string; tries: number } }[] = []
  const pages = async () => {
    invitations.length = 0
    let token = ''
    do {
      const page = await ask('GET', `/v1/orgs/${org}/invitations?pageSize=200&continuationToken=${token}`)
      invitations.push(...page.body.invitations)
      token = encodeURIComponent(page.body.continuationToken)
    } while (token !== '')
  }
  do await pages()
  while (invitations.some(({ delivery }) => delivery.status !== 'sent'))
  const emails = new Set(invitations.map(({ email }) => email))
  for (const email of said) expect(emails.has(email)).toBe(true)
  // By message: whom it was for, and its link. The same message twice is one.
  const messages = new Map<string, Set<string>>()
  for (const { mail, recipients } of server.delivered) {
    const of = messages.get(mail.messageId ?? '') ?? new Set()
    messages.set(mail.messageId ?? '', of.add(`${recipients.join()} ${tokenIn(mail.text)}`))
  }
  expect([...messages.values()].filter(({ size }) => size !== 1)).toEqual([])
  expect(messages.size).toBe(invitations.length)
  expect([...messages.keys()].sort()).toEqual(invitations.map(({ id }) => `<${id}.1@example.com>`).sort())
  // The kills came where they were meant to.
  expect(server.delivered.length).toBeGreaterThan(messages.size)
  for (const [line] of [...messages.values()].map((each) => [...each])) {
    const [email, token] = line?.split(' ') ?? []
    const accepted = await ask('POST', '/v1/invitations/accept', { token })
    expect(accepted.body).toMatchObject({ user: { email } })
    expect((await ask('POST', '/v1/invitations/accept', { token })).status).toBe(410)
  }
})
