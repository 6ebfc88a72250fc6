/** What several screens come to: each kind added and removed, each admin's work, what a dialog shows before it confirms. */
import { expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'

const directory = await sharedDirectory()

test('Z17, Z36, T1: each kind is added and removed, and all is as it was', async () => {
  const boss = (await directory.organization('training')).as('boss')
  await boss('POST', '/users', { id: 'ann', name: 'Ann' })
  await boss('POST', '/resources/bot', { id: 'b', name: 'Bot' })
  await boss('POST', '/resources/persona', { id: 'p', name: 'Persona' })
  const group = (await boss('POST', '/groups', { name: 'Sales' })).body.id
  const whole = async () => [
    (await boss('GET', `/groups/${group}/members`)).body.members,
    (await boss('GET', `/groups/${group}/resources/bot`)).body.resources,
    (await boss('GET', `/groups/${group}/resources/persona`)).body.resources,
    (await boss('GET', `/groups/${group}/candidates?kind=user`)).body.candidates.length,
  ]
  const before = await whole()
  const steps = [
    ['members', { user: 'ann' }, 'members/ann'],
    ['resources/bot', { ids: ['b'] }, 'resources/bot/b'],
    ['resources/persona', { ids: ['p'] }, 'resources/persona/p'],
  ] as const
  for (const [path, body] of steps) {
    expect((await boss('POST', `/groups/${group}/${path}`, body)).status).toBe(201)
  }
  expect(await whole()).not.toEqual(before)
  for (const [, , path] of steps) expect((await boss('DELETE', `/groups/${group}/${path}`)).status).toBe(204)
  expect(await whole()).toEqual(before)
})

test('D2: an admin does all that the product has, a client none of it', async () => {
  const organization = await directory.organization('client-portal')
  const [boss, cleo] = [organization.as('boss'), organization.as('cleo')]
  const done = async (client: typeof boss, id: string): Promise<number[]> => {
    const calls = [
      ['POST', '/users', { id: `${id}-user`, role: 'client' }],
      ['PATCH', `/users/${id}-user`, { name: 'Named' }],
      ['GET', `/users/${id}-user`, undefined],
      ['POST', '/resources/bot', { id, name: 'Bot' }],
      ['PATCH', `/resources/bot/${id}/configure/settings`, { tone: 'kind' }],
      ['POST', `/resources/bot/${id}/publish`, undefined],
      ['POST', `/resources/bot/${id}/api-keys`, { name: 'first' }],
      ['POST', `/resources/bot/${id}/shares`, { user: `${id}-user` }],
      ['DELETE', `/users/${id}-user`, undefined],
    ] as const
    const statuses: number[] = []
    for (const [method, path, body] of calls) statuses.push((await client(method, path, body)).status)
    return statuses
  }
  await boss('POST', '/users', { id: 'cleo', role: 'client' })
  expect(await done(boss, 'one')).toEqual([201, 200, 200, 201, 200, 200, 201, 201, 204])
  expect((await done(cleo, 'two')).every((status) => status === 403 || status === 404)).toBe(true)
})

test('D25: who has a bot, and what one would be given, before it is confirmed', async () => {
  const boss = (await directory.organization('client-portal')).as('boss')
  await boss('POST', '/users', { id: 'cleo', name: 'Cleo', role: 'client' })
  await boss('POST', '/resources/bot', { id: 'b', name: 'Bot' })
  await boss('POST', '/resources/bot/b/publish')
  const asked = await boss('POST', '/resources/bot/b/shares?dryRun=true', { user: 'cleo' })
  const gained = asked.body.rows.map(({ relation }: { relation: string }) => relation)
  const four = ['can_configure_ui', 'can_edit', 'can_interact_history', 'can_view_history']
  expect(gained).toEqual(expect.arrayContaining(four))
  expect((await boss('GET', '/resources/bot/b/shares')).body.shares).toEqual([])
  await boss('POST', '/resources/bot/b/shares', { user: 'cleo' })
  const shares = (await boss('GET', '/resources/bot/b/shares')).body.shares
  expect(shares).toEqual([{ kind: 'user', id: 'cleo', name: 'Cleo', level: 'client' }])
})
