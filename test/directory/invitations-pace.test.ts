/** Time and invitations: how long one is open, when another may be sent, and how many there may be. */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { actForPlatform } from '../../src/directory/act.ts'
import { leaveErrand } from '../../src/directory/errands.ts'
import { accept, invited, lookAt, mailed, townOf } from './invite-town.ts'
import type { Stage } from './stage.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Its clock stands where the test puts it. */
async function timedTown(
  preset = 'client-portal',
  { mail: isMailed = false, folders = [] }: { mail?: boolean; folders?: readonly string[] } = {},
) {
  const time = { at: Date.parse('2026-11-22T12:00:00Z') }
  const mail = isMailed ? await mailed() : undefined
  const town = await townOf(preset, { now: () => time.at, folders, ...(mail && { post: mail.post }) })
  return { time, town, boss: town.boss, server: mail?.server }
}

const statusOf = async ({ boss }: Stage, id: string) => (await boss('GET', `/invitations/${id}`)).body.status

test('it is open for seven days, or as long as it says, and no longer', async () => {
  const { time, town, boss } = await timedTown()
  const week = await invited(boss, { email: 'week@example.com' })
  const day = await invited(boss, { email: 'day@example.com', expiresInDays: 1 })
  expect(week.body.expiresAt - week.body.createdAt).toBe(7 * dayMs)
  expect(day.body.expiresAt - day.body.createdAt).toBe(dayMs)
  time.at += dayMs - 1
  expect((await lookAt(town, day.token)).status).toBe(200)
  time.at += 1
  expect((await lookAt(town, day.token)).status).toBe(410)
  expect((await accept(town, day.token)).status).toBe(410)
  expect(await statusOf(town, day.id)).toBe('expired')
  expect((await boss('GET', '/invitations?status=expired')).body.invitations).toHaveLength(1)
  expect((await accept(town, week.token)).status).toBe(201)
})

test('the address of one that expired is free, and it can be sent again', async () => {
  const { time, town, boss } = await timedTown()
  const first = await invited(boss, { email: 'a@example.com', expiresInDays: 2 })
  time.at += 2 * dayMs
  const second = await invited(boss, { email: 'a@example.com' })
  expect((await boss('POST', `/invitations/${first.id}/resend`, {})).body.error).toMatchObject({
    code: 'already_invited',
  })
  await boss('POST', `/invitations/${second.id}/revoke`)
  const again = await boss('POST', `/invitations/${first.id}/resend`, {})
  expect(again.body).toMatchObject({ status: 'pending', sends: 2, expiresAt: time.at + 2 * dayMs })
  expect((await boss('POST', `/invitations/${second.id}/resend`, {})).status).toBe(409)
  expect((await accept(town, first.token)).status).toBe(410)
  expect((await accept(town, again.body.token)).status).toBe(201)
  expect((await boss('POST', `/invitations/${first.id}/resend`, {})).status).toBe(409)
})

test('what has expired is noted by an errand, which leaves nothing behind', async () => {
  const { time, town, boss } = await timedTown('client-portal', { mail: true })
  const { errands, service } = town.directory.ground
  await boss('POST', '/invitations', { email: 'a@example.com', expiresInDays: 1 })
  await errands.settled()
  const kept = async (type: string) => (await service.storage.view(town.id).entities(type, 100)).rows
  const tokens = await kept('@invitation-token')
  expect(tokens).toHaveLength(1)
  const paces = (await kept('@pace')).length
  time.at += dayMs
  // Whatever is left wakes the runner.
  await boss('POST', '/invitations', { email: 'b@example.com' })
  await errands.settled()
  // The letter's end, and the sweep.
  expect((await kept('@errand')).map(({ id }) => id.split('/')[0]).sort()).toEqual([
    'invitation',
    'invitation-sweep',
  ])
  expect((await kept('@invitation-token')).map(({ id }) => id)).not.toContain(tokens[0]?.id)
  expect(await kept('@pace')).toHaveLength(paces)
  const [expired] = (await boss('GET', '/invitations?q=a@example')).body.invitations
  expect(expired).toMatchObject({ status: 'expired', endedAt: time.at })
})

test('what ended is kept for 90 days, and what was counted for a day; then nothing is left of them', async () => {
  const { time, town, boss } = await timedTown()
  const { errands, service } = town.directory.ground
  const names = ['accepted', 'revoked', 'expired', 'again']
  const made = new Map<string, { readonly id: string; readonly token: string }>()
  for (const name of names) made.set(name, await invited(boss, { email: `${name}@example.com` }))
  const { accepted, revoked, expired, again } = Object.fromEntries(made)
  expect((await accept(town, accepted?.token ?? '')).status).toBe(201)
  await boss('POST', `/invitations/${revoked?.id}/revoke`)
  const kept = async (type: string) => (await service.storage.view(town.id).entities(type, 100)).rows
  const pass = async (days: number) => {
    time.at += days * dayMs
    // Whatever is left wakes the runner.
    const { ground } = town.directory
    await actForPlatform(ground, { org: town.id, provenance: {} }, (draft) => leaveErrand(draft, 'none', {}))
    await errands.settled()
  }
  await pass(8)
  expect(await kept('@pace')).toEqual([])
  // What is open again is kept.
  await boss('POST', `/invitations/${again?.id}/resend`, { sendMail: false })
  await pass(83)
  const left = (await boss('GET', '/invitations')).body.invitations.map(({ id }: { id: string }) => id)
  expect(left.sort()).toEqual([expired?.id, again?.id].sort())
  await pass(100)
  expect(await kept('@invitation')).toEqual([])
  await pass(2)
  expect((await kept('@errand')).map(({ id }) => id)).not.toContain('invitation-sweep')
  expect((await boss('GET', '/changes?action=invitation.accept')).body.changes).toHaveLength(1)
})

test('a letter again after a minute, and five a day to one address, whatever is revoked between', async () => {
  const { time, town, boss, server } = await timedTown('client-portal', { mail: true })
  const make = () => boss('POST', '/invitations', { email: 'a@example.com' })
  const { id } = (await make()).body
  const resend = () => boss('POST', `/invitations/${id}/resend`, {})
  time.at += minuteMs - 1
  const early = await resend()
  expect(early.status).toBe(429)
  expect(early.headers.get('retry-after')).toBe('1')
  expect(early.body.error.code).toBe('rate_limited')
  expect((await boss('GET', `/invitations/${id}`)).body.sends).toBe(1)
  time.at += 1
  expect((await resend()).status).toBe(200)
  await boss('POST', `/invitations/${id}/revoke`)
  for (let at = 3; at <= 5; at++) {
    const made = await make()
    expect(made.status).toBe(201)
    await boss('POST', `/invitations/${made.body.id}/revoke`)
  }
  const sixth = await make()
  expect(sixth.status).toBe(429)
  expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(20 * 60 * 60)
  // A link that is passed on is no letter.
  const passed = await boss('POST', '/invitations', { email: 'A@example.com', sendMail: false })
  expect(passed.status).toBe(201)
  expect(passed.body.link).toBe(`https://app.example.com/invite#${passed.body.token}`)
  await boss('POST', `/invitations/${passed.body.id}/revoke`)
  time.at += dayMs
  expect((await make()).status).toBe(201)
  await town.directory.ground.errands.settled()
  // Those that were revoked before their turn were not sent.
  expect(server?.delivered.length).toBeLessThanOrEqual(6)
})

test('so many by one person, and so many by all, in a day', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kith-presets-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const schema = new URL('../../schema/', import.meta.url)
  const preset = JSON.parse(readFileSync(new URL('presets/client-portal.json', schema), 'utf8'))
  const invitations = { days: 7, perPerson: 2, perOrganization: 3 }
  const model = { ...preset, id: 'narrow', invitations, model: './m.fga' }
  writeFileSync(join(folder, 'narrow.json'), JSON.stringify(model))
  writeFileSync(join(folder, 'm.fga'), readFileSync(new URL('models/client-portal.fga', schema)))
  const { time, town, boss } = await timedTown('narrow', { folders: [folder] })
  await town.people(['ada', 'admin'])
  const ada = town.as('ada')
  const ask = async (client: typeof boss, name: string) =>
    (await client('POST', '/invitations', { email: `${name}@example.com` })).status
  expect([await ask(boss, 'a'), await ask(boss, 'b'), await ask(boss, 'c')]).toEqual([201, 201, 429])
  expect([await ask(ada, 'd'), await ask(ada, 'e')]).toEqual([201, 429])
  // What was refused counted for nobody.
  time.at += dayMs
  expect([await ask(boss, 'c'), await ask(ada, 'e')]).toEqual([201, 201])
})
