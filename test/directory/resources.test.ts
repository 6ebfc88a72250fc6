/** Resources of every kind: made, shown, found, changed and gone; hidden from whoever may not know of them. */
import { describe, expect, test } from 'vitest'
import { type Client, sharedDirectory } from './http.ts'

const directory = await sharedDirectory()

const kinds = [
  ['training', 'agent'],
  ['training', 'persona'],
  ['sharing', 'agent'],
  ['sharing', 'flow'],
  ['sharing', 'data_source'],
  ['sharing', 'conversation'],
  ['enterprise', 'agent'],
  ['enterprise', 'data_source'],
  ['client-portal', 'agent'],
  ['group-only', 'agent'],
  ['group-only', 'workspace'],
  ['default', 'agent'],
  ['default', 'workspace'],
] as const

describe.each(kinds)('%s, %s', (preset, kind) => {
  test('E2, P1, Z2, Z22, X6: is made, shown, found, changed, and gone with all that names it', async () => {
    const organization = await directory.organization(preset)
    const boss = organization.as('boss')
    const made = await boss('POST', `/resources/${kind}`, { id: 'r1', name: 'Coach', features: ['voice'] })
    expect(made).toMatchObject({ status: 201, body: { id: 'r1', type: kind, name: 'Coach' } })
    expect(made.headers.get('kith-zookie')).not.toBeNull()
    expect(await boss('POST', `/resources/${kind}`, { id: 'r1', name: 'Other' })).toMatchObject({
      status: 409,
      body: { error: { code: 'already_exists', field: 'id' } },
    })
    const second = await boss('POST', `/resources/${kind}`, { name: 'Second' })
    expect(second.status).toBe(201)
    expect(ids(await boss('GET', `/resources/${kind}?q=COA`))).toEqual(['r1'])
    expect(ids(await boss('GET', `/resources/${kind}`)).toSorted()).toEqual(['r1', second.body.id].toSorted())

    const changed = await boss('PATCH', `/resources/${kind}/r1`, { description: 'Helps', features: null })
    expect(changed).toMatchObject({ status: 200, body: { name: 'Coach', description: 'Helps' } })
    expect(changed.body.features).toBeUndefined()
    // In one product nobody of the organization deletes one (D7).
    const stays = preset === 'client-portal'
    const gone = await boss('DELETE', `/resources/${kind}/r1`)
    expect(gone.status).toBe(stays ? 403 : 204)
    if (stays) expect(gone.body.error.code).toBe('bot_delete_forbidden')
    expect((await boss('GET', `/resources/${kind}/r1`)).status).toBe(stays ? 200 : 404)
    const tuples = await directory.ask('POST', `/stores/${organization.id}/read`, {})
    const named = tuples.body.tuples.filter(({ key }: { key: { object: string } }) =>
      key.object.endsWith(':r1'),
    )
    expect(named.length > 0).toBe(stays)
  })

  test.each([
    [{}, 'name'],
    [{ name: ' ' }, 'name'],
    [{ name: 'x', id: 'a:b' }, 'id'],
    [{ name: 'x', features: ['a', 1] }, 'features[1]'],
    [{ name: 'x', owner: 'me' }, 'owner'],
  ])('%j is refused', async (body, field) => {
    const boss = (await directory.organization(preset)).as('boss')
    expect(await boss('POST', `/resources/${kind}`, body)).toMatchObject({
      status: 422,
      body: { error: { code: 'invalid_field', field } },
    })
  })
})

test('E2, X6: a kind that the preset does not have is not in it', async () => {
  const boss = (await directory.organization('group-only')).as('boss')
  for (const [method, path] of [
    ['GET', '/resources/persona'],
    ['POST', '/resources/persona'],
    ['GET', '/resources/persona/p1'],
    ['POST', '/resources/spaceship/s1/shares'],
  ] as const) {
    const body = method === 'POST' ? { name: 'x' } : undefined
    const answer = await boss(method, path, path.endsWith('shares') ? { user: 'boss' } : body)
    expect(answer).toMatchObject({ status: 422, body: { error: { code: 'not_in_preset', field: 'type' } } })
  }
})

test('one kind by any of its words', async () => {
  const boss = (await directory.organization('default')).as('boss')
  expect((await boss('POST', '/resources/bots', { id: 'b1', name: 'Bot' })).status).toBe(201)
  for (const word of ['agent', 'bot', 'assistant', 'assistants']) {
    expect(await boss('GET', `/resources/${word}/b1`)).toMatchObject({ body: { id: 'b1', type: 'agent' } })
  }
})

test('X1: what another organization has is not there', async () => {
  const [one, other] = [await directory.organization('sharing'), await directory.organization('sharing')]
  await other.as('boss')('POST', '/resources/agent', { id: 'theirs', name: 'Theirs' })
  const boss = one.as('boss')
  const attempts: readonly (readonly [string, string, unknown?])[] = [
    ['GET', '/resources/agent/theirs'],
    ['PATCH', '/resources/agent/theirs', { name: 'Mine' }],
    ['DELETE', '/resources/agent/theirs'],
    ['GET', '/resources/agent/theirs/shares'],
    ['POST', '/resources/agent/theirs/shares', { user: 'boss', level: 'viewer' }],
    ['DELETE', '/resources/agent/theirs/shares?user=boss'],
    ['GET', '/resources/agent/theirs/effective-role?user=boss'],
  ]
  for (const [method, path, body] of attempts) {
    expect(await boss(method, path, body)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    })
  }
  expect(ids(await boss('GET', '/resources/agent'))).toEqual([])
})

function ids({ body }: Awaited<ReturnType<Client>>): readonly string[] {
  return body.resources.map(({ id }: { id: string }) => id)
}
