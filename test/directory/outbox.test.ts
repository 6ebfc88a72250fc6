/** Letters and what becomes of them: taken, tried again, refused, and no longer wanted. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Handed, Letter, Post } from '../../src/directory/invitations/post.ts'
import { accept, mailed, type Town, tokenIn, townOf } from './invite-town.ts'

const at = { email: 'ann@example.com' }

/** A post that hands over when it is told to. */
function slowPost() {
  const letters: { readonly letter: Letter; done(handed: Handed): void }[] = []
  let more = () => {}
  const post: Post = {
    sends: true,
    linkOf: (token) => `https://app.example.com/invite#${token}`,
    invite: (letter, signal) =>
      // As whoever carries it would: who no longer waits is answered.
      new Promise((done) => {
        if (signal.aborted) return done(later)
        letters.push({ letter, done })
        AbortSignal.any([signal]).addEventListener('abort', () => done(later))
        more()
      }),
  }
  return {
    post,
    letters,
    async until(count: number) {
      while (letters.length < count) {
        await new Promise<void>((resolve) => {
          more = resolve
        })
      }
      const last = letters[count - 1]
      if (last === undefined) throw new Error('no letter')
      return last
    },
  }
}

const sent: Handed = { outcome: 'sent', answer: '250 taken', code: '250' }
const later: Handed = { outcome: 'later', answer: '451 not now', code: 'EENVELOPE 451' }
const refused: Handed = { outcome: 'refused', answer: '550 nobody', code: 'EENVELOPE 550' }

const deliveryOf = async ({ boss }: Town, id: string) =>
  (await boss('GET', `/invitations/${id}`)).body.delivery

/** Resolves when a commit has left it so. */
async function untilDelivery(town: Town, id: string, status: string): Promise<void> {
  const { storage } = town.directory.ground.service
  for (;;) {
    let stop = () => {}
    const applied = new Promise<void>((resolve) => {
      stop = storage.onApplied(() => resolve())
    })
    const isSo = (await deliveryOf(town, id)).status === status
    if (!isSo) await applied
    stop()
    if (isSo) return
  }
}

test('queued, sending before it is handed over, sent once it was taken', async () => {
  const { post, until } = slowPost()
  const town = await townOf('client-portal', { post })
  const { body } = await town.boss('POST', '/invitations', at)
  expect(body.delivery).toMatchObject({ status: 'queued', tries: 0 })
  const { letter, done } = await until(1)
  expect(letter).toMatchObject({
    to: at.email,
    organization: 'client-portal',
    inviter: 'Boss',
    role: 'Client',
  })
  expect(await deliveryOf(town, body.id)).toMatchObject({ status: 'sending', tries: 1 })
  done(sent)
  await town.directory.ground.errands.settled()
  expect(await deliveryOf(town, body.id)).toMatchObject({ status: 'sent', tries: 1, answer: '250 taken' })
  // What makes the token went with the letter.
  const view = town.directory.ground.service.storage.view(town.id)
  const { rows } = await view.entities('@errand', 10, undefined, 'invitation/')
  expect(rows.map(({ attributes }) => Object.keys(attributes))).toEqual([['due']])
})

test('what a server takes later is the same letter: one id, one link', async () => {
  const { server, post } = await mailed()
  server.refuses = (attempt) => (attempt === 1 ? { at: 'data', code: 451, text: 'greylisted' } : undefined)
  const town = await townOf('client-portal', { post })
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const [delivered] = await server.until(1)
  await untilDelivery(town, id, 'sent')
  expect(server.attempts).toBe(2)
  expect(delivered?.mail.messageId).toBe(`<${id}.1@example.com>`)
  expect(await deliveryOf(town, id)).toMatchObject({ status: 'sent', tries: 2 })
  expect((await accept(town, tokenIn(delivered?.mail.text))).status).toBe(201)
})

test('tried again with the same id and link, ever more slowly', async () => {
  const { post, until, letters } = slowPost()
  const time = { at: Date.now() }
  const town = await townOf('client-portal', { post, now: () => time.at })
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const pauses: number[] = []
  for (let count = 1; count <= 14; count++) {
    const { done } = await until(count)
    done(later)
    await town.directory.ground.errands.settled()
    expect(await deliveryOf(town, id)).toMatchObject({
      status: 'queued',
      tries: count,
      answer: '451 not now',
    })
    const errand = town.directory.ground.service.storage.view(town.id).entity('@errand', `invitation/${id}`)
    const due = Number(errand?.attributes.due)
    pauses.push(due - time.at)
    time.at = due
    // Whatever is left wakes the runner.
    await town.boss('POST', '/invitations', { email: `w${count}@example.com`, sendMail: false })
  }
  expect(pauses.slice(0, 4)).toEqual([1000, 2000, 4000, 8000])
  expect(pauses.at(-1)).toBe(60 * 60 * 1000)
  expect(new Set(letters.map(({ letter }) => `${letter.id} ${letter.link}`)).size).toBe(1)
})

test('a start without mail loses no letter: it waits, ever longer, and the next one with mail sends it', async () => {
  const { post, until } = slowPost()
  let page: string | undefined
  const time = { at: Date.now() }
  const linkOf = (token: string) => (page === undefined ? undefined : `${page}#${token}`)
  const town = await townOf('client-portal', { post: { ...post, linkOf }, now: () => time.at })
  const { errands, service } = town.directory.ground
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const pauses: number[] = []
  for (let tries = 1; tries <= 3; tries++) {
    await errands.settled()
    expect(await deliveryOf(town, id)).toMatchObject({ status: 'queued', tries })
    const due = Number(service.storage.view(town.id).entity('@errand', `invitation/${id}`)?.attributes.due)
    pauses.push(due - time.at)
    time.at = due
    if (tries === 3) page = 'https://app.example.com/invite'
    await town.boss('POST', '/invitations', { email: `w${tries}@example.com`, sendMail: false })
  }
  expect(pauses).toEqual([1000, 2000, 4000])
  const { letter, done } = await until(1)
  expect(letter).toMatchObject({ id: `${id}.1`, to: at.email })
  done(sent)
  await untilDelivery(town, id, 'sent')
  expect((await accept(town, letter.link.split('#')[1] ?? '')).status).toBe(201)
})

test('what a server refuses for good has failed, with its words, and can be sent again by hand', async () => {
  const { server, post } = await mailed()
  server.refuses = () => ({ at: 'rcpt', code: 550, text: 'no such user' })
  const time = { at: Date.now() }
  const town = await townOf('client-portal', { post, now: () => time.at })
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const failed = { status: 'failed', tries: 1, answer: expect.stringContaining('550') }
  await untilDelivery(town, id, 'failed')
  expect(await deliveryOf(town, id)).toMatchObject(failed)
  expect(server.attempts).toBe(1)
  server.refuses = () => undefined
  time.at += 60_000
  await town.boss('POST', `/invitations/${id}/resend`, {})
  const [delivered] = await server.until(1)
  expect(delivered?.mail.messageId).toBe(`<${id}.2@example.com>`)
  expect((await accept(town, tokenIn(delivered?.mail.text))).status).toBe(201)
})

test('what was revoked or accepted meanwhile is not sent any more', async () => {
  const { post, until, letters } = slowPost()
  const time = { at: Date.now() }
  const town = await townOf('client-portal', { post, now: () => time.at })
  const { errands } = town.directory.ground
  const revoked = (await town.boss('POST', '/invitations', at)).body
  const first = await until(1)
  await town.boss('POST', `/invitations/${revoked.id}/revoke`)
  first.done(later)
  await errands.settled()
  const accepted = (await town.boss('POST', '/invitations', { email: 'bob@example.com' })).body
  const second = await until(2)
  expect((await accept(town, tokenIn(second.letter.link))).status).toBe(201)
  second.done(later)
  await errands.settled()
  time.at += 60_000
  await town.boss('POST', '/invitations', { email: 'w@example.com', sendMail: false })
  await errands.settled()
  expect(letters).toHaveLength(2)
  expect((await town.boss('GET', `/invitations/${accepted.id}`)).body.status).toBe('accepted')
})

test.each([
  {
    when: 'the address is a user’s by now',
    meanwhile: async (town: Town) => {
      expect((await town.boss('POST', '/users', { id: 'ann', ...at })).status).toBe(201)
    },
    answer: 'they are in the organization already',
  },
  {
    when: 'whoever invited was deleted',
    meanwhile: async (town: Town) => {
      expect((await town.boss('DELETE', '/users/eve')).status).toBe(204)
    },
    answer: 'whoever invited is not in the organization any more',
  },
  {
    when: 'whoever invited is inactive',
    meanwhile: async (town: Town) => {
      expect((await town.boss('PATCH', '/users/eve', { active: false })).status).toBe(200)
    },
    answer: 'whoever invited is not in the organization any more',
  },
])('a letter whose link would open nothing is not sent: $when', async ({ meanwhile, answer }) => {
  const { post, until, letters } = slowPost()
  const time = { at: Date.now() }
  const undelivered: unknown[] = []
  const onUndelivered = (one: { readonly code: string }) => undelivered.push(one.code)
  const town = await townOf('client-portal', { post, now: () => time.at, onUndelivered })
  const { errands } = town.directory.ground
  const eve = await town.user('eve', 'admin')
  const { body } = await eve('POST', '/invitations', at)
  ;(await until(1)).done(later)
  await errands.settled()
  await meanwhile(town)
  time.at += 60_000
  await town.boss('POST', '/invitations', { email: 'w@example.com', sendMail: false })
  await errands.settled()
  expect(letters).toHaveLength(1)
  expect(await deliveryOf(town, body.id)).toMatchObject({ status: 'failed', tries: 1, answer })
  expect(undelivered).toEqual([later.code, 'ECLOSED'])
})

test('an operator’s letter is sent, though an operator is none of the organization’s users', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kith-presets-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const schema = new URL('../../schema/', import.meta.url)
  const preset = JSON.parse(await readFile(new URL('presets/client-portal.json', schema), 'utf8'))
  const model = await readFile(new URL('models/client-portal.fga', schema), 'utf8')
  const open = model.replace(/(can_create_invitation|can_manage_clients): admin$/gm, '$1: admin or operator')
  await writeFile(join(folder, 'open.json'), JSON.stringify({ ...preset, id: 'open', model: './m.fga' }))
  await writeFile(join(folder, 'm.fga'), open)
  const { server, post } = await mailed()
  const town = await townOf('open', { post, folders: [folder] })
  expect((await town.directory.ask('PUT', `/v1/orgs/${town.id}/operators/office`)).status).toBe(204)
  const { status, body } = await town.as('office')('POST', '/invitations', at)
  expect([status, body.role]).toEqual([201, 'client'])
  await town.directory.ground.errands.settled()
  expect(await deliveryOf(town, body.id)).toMatchObject({ status: 'sent' })
  const [delivered] = await server.until(1)
  expect((await accept(town, tokenIn(delivered?.mail.text))).status).toBe(201)
})

test('one that is accepted while its letter is under way stays accepted', async () => {
  const { post, until } = slowPost()
  const town = await townOf('client-portal', { post })
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const { letter, done } = await until(1)
  expect((await accept(town, tokenIn(letter.link))).status).toBe(201)
  done(sent)
  await town.directory.ground.errands.settled()
  const { body } = await town.boss('GET', `/invitations/${id}`)
  expect(body).toMatchObject({ status: 'accepted', delivery: { status: 'sent' } })
})

test('a letter that a newer one has replaced says nothing of the newer one', async () => {
  const { post, until } = slowPost()
  const time = { at: Date.now() }
  const town = await townOf('client-portal', { post, now: () => time.at })
  const { id } = (await town.boss('POST', '/invitations', at)).body
  const old = await until(1)
  time.at += 60_000
  expect((await town.boss('POST', `/invitations/${id}/resend`, {})).status).toBe(200)
  old.done(refused)
  const fresh = await until(2)
  expect(await deliveryOf(town, id)).toMatchObject({ status: 'sending', tries: 1 })
  fresh.done(sent)
  await town.directory.ground.errands.settled()
  expect(await deliveryOf(town, id)).toMatchObject({ status: 'sent' })
  expect([old.letter.id, fresh.letter.id]).toEqual([`${id}.1`, `${id}.2`])
  expect((await accept(town, tokenIn(old.letter.link))).status).toBe(410)
  expect((await accept(town, tokenIn(fresh.letter.link))).status).toBe(201)
})

test('a server that answers slowly holds two letters, and no other errand', async () => {
  const { post, until, letters } = slowPost()
  const town = await townOf('client-portal', { post })
  const { errands } = town.directory.ground
  for (let count = 0; count < 6; count++)
    await town.boss('POST', '/invitations', { email: `a${count}@example.com` })
  await until(2)
  expect(letters).toHaveLength(2)
  for (let count = 1; count <= 6; count++) (await until(count)).done(sent)
  await errands.settled()
  expect(letters).toHaveLength(6)
})

test('stopped while a letter is under way: it stays, and is the first thing that the next start sends', async () => {
  const { post, until, letters } = slowPost()
  const town = await townOf('client-portal', { post })
  const { ground } = town.directory
  const { id } = (await town.boss('POST', '/invitations', at)).body
  await until(1)
  await ground.errands.stop()
  expect(await deliveryOf(town, id)).toMatchObject({ status: 'sending', tries: 1 })
  const errand = ground.service.storage.view(town.id).entity('@errand', `invitation/${id}`)
  expect(errand?.attributes).toMatchObject({ send: 1 })
  expect(letters).toHaveLength(1)
})
