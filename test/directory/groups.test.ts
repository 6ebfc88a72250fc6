/** Groups are made, found, changed and deleted as each preset says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Directory, type Organization, openDirectory } from './http.ts'

let directory: Directory
beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory.close())

const withGroups = ['training', 'sharing', 'enterprise', 'group-only', 'default']

/** With plans that include groups. */
async function opened(preset: string): Promise<{ organization: Organization; boss: Client }> {
  const organization = await directory.organization(preset)
  await upgrade(organization)
  return { organization, boss: organization.as('boss') }
}

async function upgrade({ id }: Organization): Promise<void> {
  const write = (body: object) => directory.ask('POST', `/stores/${id}/write`, body)
  const object = `organization:${id}`
  await write({ deletes: { tuple_keys: [{ object, relation: 'plan', user: 'plan:free' }] } })
  await write({ writes: { tuple_keys: [{ object, relation: 'plan', user: 'plan:enterprise' }] } })
}

const full = { name: 'Sales Team', description: 'All who sell' }
const bodyOf = (preset: string) => (preset === 'group-only' ? { name: full.name } : full)

test.each(withGroups)('%s: made, listed, shown, deleted', async (preset) => {
  const { boss } = await opened(preset)
  const made = await boss('POST', '/groups', bodyOf(preset))
  expect(made).toMatchObject({ status: 201, body: { ...bodyOf(preset), status: 'Active' } })
  const { id } = made.body
  expect(id).toMatch(/^grp_[a-z0-9]{12}$/)
  const listed = await boss('GET', '/groups')
  expect(listed).toMatchObject({ status: 200, body: { groups: [{ id, ...bodyOf(preset) }] } })
  expect((await boss('GET', `/groups/${id}`)).body).toMatchObject({ id, ...bodyOf(preset) })
  expect((await boss('DELETE', `/groups/${id}`)).status).toBe(204)
  expect((await boss('GET', `/groups/${id}`)).status).toBe(404)
  expect((await boss('POST', '/groups', bodyOf(preset))).status).toBe(201)
})

describe('members', () => {
  test.each(withGroups)('%s: added, listed, removed', async (preset) => {
    const { boss } = await opened(preset)
    const { id } = (await boss('POST', '/groups', bodyOf(preset))).body
    await boss('POST', '/users', { id: 'ann', name: 'Ann Lee', email: 'ann@example.com' })
    const role = preset === 'sharing' || preset === 'default' ? { role: 'viewer' } : {}
    const added = await boss('POST', `/groups/${id}/members`, { user: 'ann', ...role })
    expect(added).toMatchObject({ status: 201, body: { id: 'ann', name: 'Ann Lee', sources: ['manual'] } })
    const again = await boss('POST', `/groups/${id}/members`, { user: 'ann' })
    expect(again).toMatchObject({ status: 200, body: { id: 'ann' } })
    const listed = await boss('GET', `/groups/${id}/members?q=ANN`)
    expect(listed.body.members).toMatchObject([{ id: 'ann', email: 'ann@example.com' }])
    expect((await boss('DELETE', `/groups/${id}/members/ann`)).status).toBe(204)
    expect((await boss('GET', `/groups/${id}/members?q=ANN`)).body.members).toEqual([])
  })
})
