/** Over a real server: of many who want one name at once, one gets it, and nobody is left without an owner. */
import { expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { stageOf } from './stage.ts'

const directory = await sharedDirectory()

const times = (count: number) => Array.from({ length: count }, (_, at) => at)

test.each(['training', 'enterprise', 'sharing'])('T8: %s: twenty at once, one 201', async (preset) => {
  const stage = await stageOf(directory, preset)
  const body = preset === 'enterprise' ? { name: 'Sales', description: 'x' } : { name: 'Sales' }
  const answers = await Promise.all(times(20).map(() => stage.boss('POST', '/groups', body)))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...times(19).map(() => 409)])
  expect((await stage.boss('GET', '/groups')).body.groups).toHaveLength(1)
})

test('E31: two owners who take each other out at once: one stays', async () => {
  const stage = await stageOf(directory, 'sharing')
  await stage.people('ann', 'bob')
  for (let round = 0; round < 5; round++) {
    const made = await stage.as('ann')('POST', '/groups', { name: `Round ${round}` })
    const path = `/groups/${made.body.id}/members`
    await stage.as('ann')('POST', path, { user: 'bob', role: 'owner' })
    const answers = await Promise.all([
      stage.as('ann')('DELETE', `${path}/bob`),
      stage.as('bob')('DELETE', `${path}/ann`),
    ])
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    const [{ plain }] = [
      directory.ground.service.storage.view(stage.id).edges(`group:${made.body.id}`, 'owner'),
    ]
    expect(plain).toHaveLength(1)
  }
})

test('T18: groups that are put below each other at once make no ring', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const [a, b] = [await stage.group('A'), await stage.group('B')]
  const answers = await Promise.all([
    stage.boss('PATCH', `/groups/${a}`, { parentId: b }),
    stage.boss('PATCH', `/groups/${b}`, { parentId: a }),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('T70: the same member, added ten times at once, is one row', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const id = await stage.group('A')
  const add = () => stage.boss('POST', `/groups/${id}/members`, { user: 'ann' })
  const statuses = (await Promise.all(times(10).map(add))).map(({ status }) => status)
  expect(statuses.sort()).toEqual([...times(9).map(() => 200), 201])
  expect((await stage.boss('GET', `/groups/${id}/members`)).body.members).toHaveLength(1)
})
