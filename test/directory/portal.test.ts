/** Two levels of people, bots given one by one: who may do what with a bot, its settings, keys and history. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Client, sharedDirectory } from './http.ts'
import { idsOf, ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()
let stage: Stage
let client: Client
beforeEach(async () => {
  stage = await stageOf(directory, 'client-portal')
  client = await stage.user('cleo', 'client')
  for (const id of ['b1', 'b2', 'b3']) await stage.resource('bot', id)
})

const grant = (ids: readonly string[]) => stage.boss('POST', '/users/cleo/bots', { ids })

test('D3, D14, D24: bots are made by admins, and reached by clients that were given them', async () => {
  refused(await client('POST', '/resources/bot', { name: 'Mine' }), 403, 'forbidden')
  expect(idsOf(await client('GET', '/resources/bot'))).toEqual([])
  refused(await client('GET', '/resources/bot/b1'), 404, 'not_found')
  const given = ok(await grant(['b1', 'b2']), 201)
  expect(given.body.resources).toMatchObject([
    { id: 'b1', level: 'client' },
    { id: 'b2', level: 'client' },
  ])
  expect(idsOf(await client('GET', '/resources/bot'))).toEqual(['b1', 'b2'])
  expect(idsOf(await stage.boss('GET', '/users/cleo/bots'))).toEqual(['b1', 'b2'])
  expect((await client('GET', '/users/cleo')).body).toMatchObject({ role: 'client', grants: { agent: 2 } })
  ok(await stage.boss('DELETE', '/users/cleo/bots/b1'), 204)
  expect(idsOf(await client('GET', '/resources/bot'))).toEqual(['b2'])
  refused(await stage.share('bot', 'b1', { user: 'nobody' }), 422, 'unknown_reference', 'user')
  refused(await stage.boss('POST', '/users/nobody/bots', { ids: ['b1'] }), 404, 'not_found')
  refused(await grant(['b3', 'b9']), 422, 'unknown_reference', 'ids[1]')
  expect(idsOf(await client('GET', '/resources/bot'))).toEqual(['b2'])
})

test('D4, D16: every area by admins, the look alone by clients', async () => {
  ok(await grant(['b1']), 201)
  for (const area of ['settings', 'integrations', 'behaviour']) {
    const path = `/resources/bot/b1/configure/${area}`
    expect(ok(await stage.boss('PATCH', path, { tone: 'kind', token: 's3cret' }), 200).body.tone).toBe('kind')
    expect(ok(await stage.boss('PATCH', path, { token: null }), 200).body).toEqual({ tone: 'kind' })
    refused(await client('PATCH', path, { tone: 'rude' }), 403, 'forbidden')
    refused(await client('GET', path), 403, 'forbidden')
    expect(ok(await stage.boss('GET', path), 200).body).toEqual({ tone: 'kind' })
  }
  ok(await client('PATCH', '/resources/bot/b1/configure/ui', { color: 'blue' }), 200)
  refused(await client('PATCH', '/resources/bot/b2/configure/ui', { color: 'blue' }), 404, 'not_found')
  refused(await stage.boss('PATCH', '/resources/bot/b1/configure/engine', {}), 422, 'not_in_preset', 'area')
  expect(JSON.stringify((await client('GET', '/resources/bot/b1')).body)).not.toContain('kind')
})

test('D5: live for those who were given it, from the day it is published', async () => {
  ok(await grant(['b1']), 201)
  expect((await client('GET', '/resources/bot/b1')).body.status).toBe('draft')
  refused(await client('POST', '/resources/bot/b1/publish'), 403, 'forbidden')
  expect(await stage.may('cleo', 'can_use', 'bot:b1')).toBe(false)
  expect(ok(await stage.boss('POST', '/resources/bot/b1/publish'), 200).body.status).toBe('live')
  expect(await stage.may('cleo', 'can_use', 'bot:b1')).toBe(true)
  ok(await stage.boss('POST', '/resources/bot/b1/publish'), 200)
  expect(ok(await stage.boss('POST', '/resources/bot/b1/unpublish'), 200).body.status).toBe('draft')
  expect(await stage.may('cleo', 'can_use', 'bot:b1')).toBe(false)
})

test('D6: a secret is shown once, kept as a hash, and good until it is revoked', async () => {
  ok(await grant(['b1']), 201)
  const keys = '/resources/bot/b1/api-keys'
  refused(await client('POST', keys, { name: 'mine' }), 403, 'forbidden')
  const made = ok(await stage.boss('POST', keys, { name: 'site' }), 201).body
  expect(made).toMatchObject({ name: 'site', createdBy: 'user:boss' })
  const random = made.secret.slice(made.id.length + 1)
  expect(random.length).toBe(43)
  const listed = ok(await stage.boss('GET', keys), 200).body
  expect(listed.keys).toEqual([
    { id: made.id, name: 'site', createdAt: made.createdAt, createdBy: 'user:boss' },
  ])
  const kept = directory.ground.service.storage.view(stage.id).entity('@api-keys', 'bot:b1')
  expect(JSON.stringify(kept)).not.toContain(random)
  const verified = async (secret: string) =>
    ok(await stage.boss('POST', `${keys}/verify`, { secret }), 200).body.valid
  expect(await verified(made.secret)).toBe(true)
  expect(await verified(`${made.secret}x`)).toBe(false)
  ok(await stage.boss('POST', '/resources/bot/b2/api-keys', { name: 'other' }), 201)
  expect(
    ok(await stage.boss('POST', '/resources/bot/b2/api-keys/verify', { secret: made.secret }), 200).body
      .valid,
  ).toBe(false)
  ok(await stage.boss('DELETE', `${keys}/${made.id}`), 204)
  expect(await verified(made.secret)).toBe(false)
  refused(await stage.boss('DELETE', `${keys}/${made.id}`), 404, 'not_found')
  expect((await stage.boss('GET', keys)).body.keys).toEqual([])
})

test('D7: an admin deletes no bot, not even one who is an operator too', async () => {
  refused(await stage.boss('DELETE', '/resources/bot/b1'), 403, 'bot_delete_forbidden')
  const operator = (user: string) => directory.ask('PUT', `/v1/orgs/${stage.id}/operators/${user}`)
  ok(await operator('boss'), 204)
  refused(await stage.boss('DELETE', '/resources/bot/b1'), 403, 'bot_delete_forbidden')
  ok(await stage.boss('GET', '/resources/bot/b1'), 200)
  ok(await operator('office'), 204)
  ok(await stage.boss('POST', '/resources/bot/b1/conversations', { message: 'hello' }), 201)
  ok(await stage.boss('POST', '/resources/bot/b1/api-keys', { name: 'k' }), 201)
  ok(await stage.as('office')('DELETE', '/resources/bot/b1'), 204)
  refused(await stage.boss('GET', '/resources/bot/b1'), 404, 'not_found')
  // Made anew it is another: nothing of the first is left.
  await stage.resource('bot', 'b1')
  expect(idsOf(await stage.boss('GET', '/resources/bot/b1/conversations'))).toEqual([])
  expect((await stage.boss('GET', '/resources/bot/b1/api-keys')).body.keys).toEqual([])
})

test('D15, D17, D18: clients edit what they were given, see its history, and add to it', async () => {
  const history = '/resources/bot/b1/conversations'
  refused(await client('PATCH', '/resources/bot/b1', { name: 'x' }), 404, 'not_found')
  refused(await client('GET', history), 404, 'not_found')
  ok(await grant(['b1']), 201)
  ok(await client('PATCH', '/resources/bot/b1', { name: 'Renamed' }), 200)
  const first = ok(await stage.boss('POST', history, { title: 'Hello', message: 'Who are you?' }), 201).body
  expect(idsOf(await client('GET', history))).toEqual([first.id])
  // To interact a client needs the bot to be live.
  refused(await client('POST', `${history}/${first.id}`, { message: 'And I?' }), 403, 'forbidden')
  ok(await stage.boss('POST', '/resources/bot/b1/publish'), 200)
  expect(ok(await client('POST', `${history}/${first.id}`, { message: 'And I?' }), 200).body).toMatchObject({
    number: 2,
    by: 'user:cleo',
  })
  const second = ok(await client('POST', history, { message: 'Mine' }), 201).body
  expect(idsOf(await client('GET', history))).toEqual([first.id, second.id].toSorted())
  const messages = ok(await client('GET', `${history}/${first.id}?pageSize=1`), 200).body
  expect(messages.messages).toMatchObject([{ number: 1, by: 'user:boss', text: 'Who are you?' }])
  const token = encodeURIComponent(messages.continuationToken)
  const rest = await client('GET', `${history}/${first.id}?pageSize=1&continuationToken=${token}`)
  expect(rest.body).toMatchObject({ messages: [{ number: 2, text: 'And I?' }], continuationToken: '' })
  refused(await client('GET', `${history}/cnv_none`), 404, 'not_found')
  refused(await client('POST', '/resources/bot/b2/conversations', { message: 'x' }), 404, 'not_found')
})

describe('D19: a client can do nothing else', () => {
  test.each([
    ['POST', '/resources/bot', { name: 'x' }],
    ['POST', '/resources/bot/b1/publish', undefined],
    ['POST', '/resources/bot/b1/unpublish', undefined],
    ['POST', '/resources/bot/b1/api-keys', { name: 'x' }],
    ['GET', '/resources/bot/b1/api-keys', undefined],
    ['DELETE', '/resources/bot/b1', undefined],
    ['GET', '/resources/bot/b1/shares', undefined],
    ['POST', '/resources/bot/b1/shares', { user: 'cleo' }],
    ['DELETE', '/resources/bot/b1/shares?user=cleo', undefined],
    ['POST', '/users/cleo/bots', { ids: ['b1'] }],
    ['GET', '/users', undefined],
    ['POST', '/users', { name: 'x' }],
    ['GET', '/users/boss', undefined],
    ['PATCH', '/users/boss', { name: 'x' }],
    ['PATCH', '/users/cleo', { role: 'admin' }],
    ['DELETE', '/users/boss', undefined],
    ['PATCH', '', { name: 'Mine' }],
  ])('%s %s', async (method, path, body) => {
    ok(await grant(['b1']), 201)
    const answer = await client(method, path, body)
    expect(answer.status).toBe(403)
  })
})
