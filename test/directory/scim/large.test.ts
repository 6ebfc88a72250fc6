/** A group of 5,000: pushed whole, changed by one, and each of them named in the log. */
import { beforeAll, expect, test } from 'vitest'
import { problemOf } from '../../../src/http/problem.ts'
import { scimProblemOf } from '../../../src/http/scim/problem.ts'
import { Fault, type FaultCode } from '../../../src/lib/fault.ts'
import { filtered, openProvider, patch, urn } from './provider.ts'

const { directory, stage, provider } = await openProvider()
const ids = Array.from({ length: 5000 }, (_, index) => `u${String(index).padStart(4, '0')}`)

beforeAll(async () => {
  const putEntities = ids.map((id) => ({ type: 'user', id, attributes: { name: `User ${id}` } }))
  await directory.ground.service.storage.commit(stage.id, { putEntities })
})

async function heardOf(user: string): Promise<readonly (readonly [action: string, target: string])[]> {
  const { body } = await stage.boss('GET', `/changes?subject=user:${user}`)
  return body.changes.map(({ action, target }: { action: string; target: string }) => [action, target])
}

/** Of the whole log, the newest first. */
async function actionsOn(group: string): Promise<readonly string[]> {
  const actions: string[] = []
  let token = ''
  do {
    const { body } = await stage.boss(
      'GET',
      `/changes?target=idp_group:${group}&pageSize=100&continuationToken=${token}`,
    )
    actions.push(...body.changes.map(({ action }: { action: string }) => action))
    token = body.continuationToken
  } while (token !== '')
  return actions
}

test('put, changed by one, put again', async () => {
  const id = await provider.group('Everybody')
  const path = `/Groups/${id}`
  const put = (some: readonly string[]) =>
    provider.ask('PUT', path, {
      displayName: 'Everybody',
      members: some.map((value) => ({ value, display: value })),
    })
  const all = await put(ids)
  expect([all.status, all.body.members.length]).toEqual([200, 5000])
  expect(await stage.check('u4999', 'member', `idp_group:${id}`)).toBe(true)
  const swap = patch(
    { op: 'Remove', path: 'members', value: [{ value: 'u0000' }] },
    { op: 'Add', path: 'members', value: [{ value: 'boss' }] },
  )
  expect((await provider.ask('PATCH', path, swap)).status).toBe(204)
  const { members } = (await provider.ask('GET', path)).body
  const seen = members.map(({ value }: { value: string }) => value)
  expect(seen.sort()).toEqual(['boss', ...ids.slice(1)])
  expect((await put(['u0000', 'u0001'])).body.members.map(({ value }: { value: string }) => value)).toEqual([
    'u0000',
    'u0001',
  ])
  expect(await stage.check('u4999', 'member', `idp_group:${id}`)).toBe(false)
  expect(await heardOf('u4999')).toEqual([
    ['member.remove', `idp_group:${id}`],
    ['member.add', `idp_group:${id}`],
  ])
  expect((await heardOf('u0000')).map(([action]) => action)).toEqual([
    'member.add',
    'member.remove',
    'member.add',
  ])
  const steps = ['member.add', ...ids.slice(1).map(() => 'member.remove'), 'member.add', 'member.remove']
  expect(await actionsOn(id)).toEqual([...steps, ...ids.map(() => 'member.add'), 'idp-group.create'])
})

test('what is read of it can be put back, as large as that is', async () => {
  const id = await provider.group('Read and written', ids)
  const { body } = await provider.ask('GET', `/Groups/${id}`)
  // With a name each, as those are who are read from elsewhere.
  const members = body.members.map((member: object) => ({ ...member, display: 'Somebody With A Name' }))
  expect(JSON.stringify(members).length).toBeGreaterThan(616_448)
  const answer = await provider.ask('PUT', `/Groups/${id}`, { ...body, members })
  expect([answer.status, answer.body.members?.length]).toEqual([200, 5000])
  const push = patch({ op: 'replace', path: 'members', value: members })
  expect((await provider.ask('PATCH', `/Groups/${id}`, push)).status).toBe(204)
  const most = { displayName: 'Most', members: [], nonsense: 'x'.repeat(4_194_304) }
  for (const [method, path] of [
    ['POST', '/Groups'],
    ['PUT', `/Groups/${id}`],
    ['PATCH', `/Groups/${id}`],
  ] as const) {
    expect(await provider.ask(method, path, most)).toMatchObject({ status: 413, body: { status: '413' } })
  }
})

test('one request names so many members and no more, in one operation or in several', async () => {
  const id = await provider.group('Too many')
  const some = (count: number, from = 0) =>
    Array.from({ length: count }, (_, at) => ({ value: `n${from + at}` }))
  const add = (members: readonly object[]) => ({ op: 'add', path: 'members', value: members })
  for (const [method, path, body] of [
    ['POST', '/Groups', { displayName: 'More', members: some(32_769) }],
    ['PUT', `/Groups/${id}`, { displayName: 'More', members: some(32_769) }],
    ['PATCH', `/Groups/${id}`, patch(add(some(20_000)), add(some(20_000, 20_000)))],
  ] as const) {
    expect(await provider.ask(method, path, body)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringContaining('32768') },
    })
  }
  // Looked for, and not there.
  const fewer = await provider.ask('PATCH', `/Groups/${id}`, patch(add(some(32_768))))
  expect(fewer.body.detail).toContain('n0')
})

test('all of them are paged through, each once, with filters and without', async () => {
  const seen: string[] = []
  for (let startIndex = 1; ; startIndex += 500) {
    const { body } = await provider.ask('GET', `/Users?startIndex=${startIndex}&count=1000&attributes=id`)
    expect(body.totalResults).toBe(5001)
    if (body.itemsPerPage === 0) break
    seen.push(...body.Resources.map(({ id }: { id: string }) => id))
  }
  expect(seen).toEqual(['boss', ...ids])
  const found = await provider.ask('GET', `/Users${filtered('displayName ew "99"')}&startIndex=50&count=2`)
  expect(found.body).toMatchObject({ totalResults: 50, itemsPerPage: 1, Resources: [{ id: 'u4999' }] })
})

test.each<readonly [FaultCode, number, string | undefined]>([
  ['rate_limited', 429, undefined],
  ['overloaded', 503, undefined],
  ['resource_exhausted', 413, undefined],
  ['unauthenticated', 401, undefined],
  ['store_id_not_found', 404, undefined],
  ['precondition_failed', 412, undefined],
  ['unimplemented', 501, undefined],
  ['name_taken', 409, 'uniqueness'],
  ['last_holder', 409, undefined],
  ['invalid_field', 400, 'invalidValue'],
  ['validation_error', 400, 'invalidSyntax'],
  ['internal_error', 500, undefined],
])('%s is an error of SCIM with status %i', (code, status, scimType) => {
  const fault = new Fault(code, 'what happened in /secret/path')
  const { body, status: said } = scimProblemOf(fault, problemOf(fault))
  expect([said, body]).toEqual([
    status,
    {
      schemas: [urn.error],
      status: String(status),
      detail: expect.any(String),
      ...(scimType && { scimType }),
    },
  ])
  if (code === 'internal_error') expect(body.detail).toBe('Internal Server Error')
})
