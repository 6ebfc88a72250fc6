/** What follows of itself from a change: memberships by rule, in the very commit that changes somebody. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act } from '../../src/directory/act.ts'
import { putRule } from '../../src/directory/rules/kept.ts'
import { type Directory, openDirectory } from './http.ts'
import { stageOf } from './stage.ts'

let directory: Directory
beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory.close())

test('a user comes in, moves and leaves by the rule, each in one revision', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const group = await stage.group('Sales')
  const request = { org: stage.id, actor: 'user:boss', provenance: {} }
  await act(directory.ground, request, (draft) =>
    putRule(draft, group, {
      kind: 'expression',
      text: "department == 'Sales'",
      enabled: true,
      updatedAt: 0,
      updatedBy: 'user:boss',
    }),
  )
  const members = async () =>
    (await stage.boss('GET', `/groups/${group}/members`)).body.members.map(
      (each: { readonly id: string }) => each.id,
    )
  const before = directory.ground.service.storage.view(stage.id).revision
  const made = await stage.boss('POST', '/users', { id: 'ann', attributes: { department: 'Sales' } })
  expect(made.status).toBe(201)
  expect(directory.ground.service.storage.view(stage.id).revision).toBe(before + 1)
  expect(await members()).toEqual(['ann'])
  await stage.boss('PATCH', '/users/ann', { attributes: { department: 'Support' } })
  expect(await members()).toEqual([])
  expect((await stage.boss('DELETE', `/groups/${group}`)).status).toBe(204)
  expect((await stage.boss('PATCH', '/users/ann', { attributes: { department: 'Sales' } })).status).toBe(200)
})
