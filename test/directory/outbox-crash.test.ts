/** A sidecar that is killed amid sending: every invitation is mailed, none by two links, and each link lets one person in. */
import { expect, onTestFinished, test } from 'vitest'
import { openMailServer } from '../mail/server.ts'
import { linkBase, tokenIn } from './invite-town.ts'
import { Mortal } from './mortal.ts'

test('killed amid sending: nothing lost, and nothing sent as two', async () => {
  const server = await openMailServer()
  onTestFinished(() => server.close())
  const mortal = await Mortal.start({
    KITH_MAIL: 'smtp',
    KITH_SMTP_URL: server.url,
    KITH_MAIL_FROM: 'invites@example.com',
    KITH_LINK_BASE: linkBase,
  })
  const org = await mortal.organization('client-portal')
  const said = new Set<string>()
  const rounds = 2
  for (let round = 0; round < rounds; round++) {
    const work = async (own: number, isOver: () => boolean): Promise<void> => {
      for (let at = 0; !isOver(); at++) {
        const email = `u${round}-${own}-${at}@example.com`
        const made = await mortal.ask('POST', `/v1/orgs/${org}/invitations`, { email })
        if (made.status !== 201) throw new Error(JSON.stringify(made.body))
        said.add(email)
        while (said.size > server.delivered.length + 8 && !isOver()) await new Promise(setImmediate)
      }
    }
    // In the turn in which a letter was read and before it is answered: whether it was taken nobody over there knows.
    await mortal.restartAmid(2, work, () => server.until(server.delivered.length + 3 + round * 2))
  }
  const invitations: { id: string; email: string; delivery: { status: string; tries: number } }[] = []
  const pages = async () => {
    invitations.length = 0
    let token = ''
    do {
      const page = await mortal.ask(
        'GET',
        `/v1/orgs/${org}/invitations?pageSize=200&continuationToken=${token}`,
      )
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
    const accepted = await mortal.ask('POST', '/v1/invitations/accept', { token })
    expect(accepted.body).toMatchObject({ user: { email } })
    expect((await mortal.ask('POST', '/v1/invitations/accept', { token })).status).toBe(410)
  }
})
