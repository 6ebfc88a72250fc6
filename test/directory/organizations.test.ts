/** Organizations come with their model, their first user and their tuples, and are there for their own people only. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Directory, openDirectory } from './http.ts'

let directory: Directory
beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory.close())

const presets = ['training', 'sharing', 'enterprise', 'client-portal', 'group-only', 'default']

describe.each(presets)('%s', (preset) => {
  test('is made in one commit, with its first user', async () => {
    const organization = await directory.organization(preset, 'One')
    const boss = organization.as('boss')
    const shown = await boss('GET', '')
    expect(shown).toMatchObject({ status: 200, body: { id: organization.id, name: 'One', preset } })
    const users = await boss('GET', '/users')
    expect(users).toMatchObject({ status: 200, body: { users: [{ id: 'boss', name: 'Boss' }] } })
  })

  test('people are made, found, and their names taken once', async () => {
    const boss = (await directory.organization(preset)).as('boss')
    const ann = await boss('POST', '/users', { id: 'ann', email: 'Ann@Example.com', name: 'Ann Lee' })
    expect(ann).toMatchObject({ status: 201, body: { id: 'ann', name: 'Ann Lee' } })
    const twice = await boss('POST', '/users', { email: 'ann@example.COM', name: 'Other' })
    expect(twice).toMatchObject({ status: 409, body: { error: { code: 'name_taken', field: 'email' } } })
    const found = await boss('GET', '/users?q=LEE')
    expect(found.body.users.map(({ id }: { id: string }) => id)).toEqual(['ann'])
  })
})

test.each([
  [{}, 422, { code: 'invalid_field', field: 'name' }],
  [{ name: 'x', preset: 'nothing' }, 404, { code: 'not_found' }],
  [{ name: 'x', preset: 'default', members: [] }, 422, { code: 'invalid_field', field: 'members' }],
])('%j is refused', async (body, status, error) => {
  expect(await directory.ask('POST', '/v1/orgs', body)).toMatchObject({ status, body: { error } })
})

test('nobody, and somebody of another organization, finds none', async () => {
  const [one, other] = [await directory.organization('default'), await directory.organization('default')]
  expect((await other.as('boss')('POST', '/users', { id: 'eve' })).status).toBe(201)
  expect(await one.as('eve')('GET', '')).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  })
  expect(await one.as('eve')('POST', '/users', { id: 'x' })).toMatchObject({ status: 404 })
  expect(await directory.ask('GET', `/v1/orgs/${one.id}`)).toMatchObject({
    status: 403,
    body: { error: { code: 'actor_required' } },
  })
})
