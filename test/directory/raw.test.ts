/** Tuples and models of an organization as they are: who may write them, and what holds for them all the same. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startSidecar } from '../../src/sidecar.ts'
import { sharedGuarded } from './http.ts'
import { plant } from './plant.ts'

const { ring, directory } = await sharedGuarded()
const organization = await directory.organization('default')
await plant(directory, organization, (garden) => {
  garden.user('ann')
  for (const id of ['bob', 'cat', 'dan']) garden.user(id)
  garden.group('g')
})

const tuple = (id: string) => ({ user: `user:${id}`, relation: 'direct_member', object: 'group:g' })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('a write into an organization needs `tuples` beside `write`; into another store `write` is enough', async () => {
  const [half, whole] = [await ring.key('write', 'stores', 'model'), await ring.key('write', 'tuples')]
  const [path, body] = [`/stores/${organization.id}/write`, { writes: { tuple_keys: [tuple('ann')] } }]
  expect(await directory.ask('POST', path, body, bearer(half))).toMatchObject({
    status: 403,
    body: { code: 'forbidden', message: expect.stringContaining(`tuples:${organization.id}`) },
  })
  expect((await directory.ask('POST', path, body, bearer(whole))).status).toBe(200)

  const { body: store } = await directory.ask('POST', '/stores', { name: 'plain' }, bearer(half))
  const model = await directory.ask('GET', `/stores/${organization.id}/authorization-models`)
  const [{ id: _, ...json }] = model.body.authorization_models
  await directory.ask('POST', `/stores/${store.id}/authorization-models`, json, bearer(half))
  expect((await directory.ask('POST', `/stores/${store.id}/write`, body, bearer(half))).status).toBe(200)
})

test('so does an import, before a line of it is read', async () => {
  const half = await ring.key('write')
  const path = `/v1/stores/${organization.id}/import`
  expect(await directory.ask('POST', path, tuple('bob'), bearer(half))).toMatchObject({ status: 403 })
  expect(await directory.ask('POST', path, tuple('bob'))).toMatchObject({ status: 200 })
})

test('a model keeps what the preset looks up in it', async () => {
  const path = `/stores/${organization.id}/authorization-models`
  const { body } = await directory.ask('GET', path)
  const [{ id: _, ...model }] = body.authorization_models
  const without = (type: string, relation: string) => {
    const changed = structuredClone(model)
    const found = changed.type_definitions.find((each: { type: string }) => each.type === type)
    delete found.relations[relation]
    delete found.metadata.relations[relation]
    return changed
  }
  expect(await directory.ask('POST', path, without('group', 'can_review'))).toMatchObject({
    status: 422,
    body: { code: 'not_in_preset', message: expect.stringMatching(/`group` has no relation `can_review`/) },
  })
  const more = structuredClone(model)
  more.type_definitions.push({ type: 'robot' })
  expect((await directory.ask('POST', path, more)).status).toBe(201)
  expect((await organization.as('boss')('GET', '/users')).status).toBe(200)
})

test('an organization is brought to the model that its preset has by now, which a dry run shows first', async () => {
  const store = await directory.organization('default')
  const path = `/stores/${store.id}/authorization-models`
  const [{ id: _, ...model }] = (await directory.ask('GET', path)).body.authorization_models
  // As it was: nobody deletes a group but who is named.
  const older = structuredClone(model)
  const group = older.type_definitions.find(({ type }: { type: string }) => type === 'group')
  group.relations.can_delete = { this: {} }
  group.metadata.relations.can_delete = { directly_related_user_types: [{ type: 'user' }] }
  expect((await directory.ask('POST', path, older)).status).toBe(201)
  await plant(directory, store, (garden) => garden.group('g'))
  const may = { tuple_key: { user: 'user:boss', relation: 'can_delete', object: 'group:g' } }
  const allowed = async () => (await directory.ask('POST', `/stores/${store.id}/check`, may)).body.allowed
  expect(await allowed()).toBe(false)
  const present = (await directory.ask('GET', '/v1/presets/default')).body.model
  const write = (query: string) =>
    directory.ask('POST', `${path}${query}`, present, { 'content-type': 'text/plain' })
  const gained = { change: 'gains', subject: 'user:boss', relation: 'can_delete', object: 'group:g' }
  const rehearsed = await write('?dryRun=true')
  expect(rehearsed.body.rows).toContainEqual(expect.objectContaining(gained))
  expect(await allowed()).toBe(false)
  expect((await write('')).status).toBe(201)
  expect(await allowed()).toBe(true)
})

test('a line that the guards refuse ends an import at that line, and what came before it stays', async () => {
  const path = `/v1/stores/${organization.id}/import`
  const lines = (...ids: string[]) => ids.map((id) => JSON.stringify(tuple(id))).join('\n')
  const refused = await directory.ask('POST', path, lines('cat', 'nobody', 'dan'))
  expect(JSON.stringify(refused.body)).toMatch(/line 2: there is no user:nobody/)
  const stored = async (id: string) => {
    const body = { tuple_key: tuple(id) }
    return (await directory.ask('POST', `/stores/${organization.id}/read`, body)).body.tuples.length
  }
  expect([await stored('cat'), await stored('dan')]).toEqual([1, 0])
})

test('over a sidecar that starts, off the socket too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kith-raw-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const config = readConfig({ data: join(folder, 'data'), listen: '127.0.0.1:0' }, {})
  const { address, stop } = await startSidecar(config, () => {})
  onTestFinished(() => stop())
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: await response.text() }
  }
  const { body } = await post('/v1/orgs', { name: 'One', preset: 'default', owner: { id: 'boss' } })
  const { id } = JSON.parse(body)
  const refused = await post(`/stores/${id}/write`, { writes: { tuple_keys: [tuple('nobody')] } })
  expect(refused).toMatchObject({ status: 422, body: expect.stringContaining('unknown_reference') })
})
