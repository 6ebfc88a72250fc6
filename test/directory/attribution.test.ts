/** What it costs to say for which groups events of many people count: lists of lists are read once a commit, not once a person. */
import { expect, test, vi } from 'vitest'
import { Attribution } from '../../src/directory/analytics/attribution.ts'
import { StoreView } from '../../src/storage/view.ts'
import { sharedDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const depth = 20
const people = ['ann', 'bob', 'cal', 'dan']

/** Lists of the provider, each in the next and the last in the first; a group names the lowest, one the highest. */
async function nested(stage: Stage): Promise<readonly string[]> {
  await stage.people(...people)
  const [low, high] = [await stage.group('Low'), await stage.group('High')]
  const lists = Array.from({ length: depth }, (_, at) => `idp_group:l${at}`)
  await stage.commit((draft) => {
    for (const [at, list] of lists.entries()) {
      draft.put('idp_group', `l${at}`, { name: `L ${at}` })
      draft.write(lists[(at + 1) % depth] ?? '', 'member', `${list}#member`)
    }
    for (const [at, id] of people.entries()) draft.write(lists[at] ?? '', 'member', `user:${id}`)
    draft.write(`group:${low}`, 'sso_member', `${lists[0]}#member`)
    draft.write(`group:${high}`, 'sso_member', `${lists.at(-1)}#member`)
  })
  return lists
}

test('a list that many are below is read once for all of them', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const lists = await nested(stage)
  const read = vi.spyOn(StoreView.prototype, 'reverse')
  const events = [...people, ...people].map((user) => ({ user }))
  const sent = await stage.boss('POST', '/analytics/events', { events })
  const asked = read.mock.calls.map(([subject]) => subject)
  read.mockRestore()
  expect(sent).toMatchObject({ status: 200, body: { counted: 8 } })
  const times = (list: string) => asked.filter((subject) => subject === `${list}#member`).length
  expect(lists.map(times)).toEqual(lists.map(() => 1))
  const { body } = await stage.boss('GET', '/analytics/groups')
  expect(body.groups).toMatchObject([
    { name: 'High', queries: 8 },
    { name: 'Low', queries: 8 },
  ])
})

test('a walk over many lists gives the loop away between two of them', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await nested(stage)
  let rests = 0
  const slices = { isOver: true, rest: async () => void rests++ }
  await stage.commit(async (draft) => {
    const attribution = new Attribution(draft, slices)
    expect(await attribution.groupsOf('user:ann')).toHaveLength(2)
    expect(rests).toBeGreaterThan(depth)
    const first = rests
    expect(await attribution.groupsOf('user:ann')).toHaveLength(2)
    expect(rests).toBe(first)
  })
})
