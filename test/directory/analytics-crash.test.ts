/** A sidecar that is killed amid events of use: what was said to be counted is, and what is sent again counts once. */
import { expect, test } from 'vitest'
import { Mortal, until } from './mortal.ts'

test('killed amid events, T60: none is lost, and none counts twice', async () => {
  const mortal = await Mortal.start()
  const org = await mortal.organization('training')
  const group = (await mortal.demand('POST', `/v1/orgs/${org}/groups`, { name: 'All' })).id
  await mortal.demand('POST', `/v1/orgs/${org}/groups/${group}/members`, { user: 'boss' })
  const path = `/v1/orgs/${org}/analytics/events`
  const countedIn = async () => {
    const { groups, total } = await mortal.demand('GET', `/v1/orgs/${org}/analytics/groups`)
    expect(groups).toMatchObject([{ group, queries: total.queries, correct: total.correct }])
    return total.queries as number
  }
  const sent: { id: string; user: string; correct: boolean }[] = []
  let said = 0
  /** Some send one, some ten at once. */
  const work = async (own: number, isOver: () => boolean): Promise<void> => {
    for (let at = 0; !isOver(); at++) {
      const events = Array.from({ length: own % 2 === 0 ? 1 : 10 }, (_, i) => ({
        id: `${own} ${at} ${i}`,
        user: 'boss',
        correct: true,
      }))
      sent.push(...events)
      said += (await mortal.demand('POST', path, { events })).counted
    }
  }
  await mortal.restartAmid(8, work, () => until(() => said >= 300))
  const counted = await countedIn()
  expect(counted).toBeGreaterThanOrEqual(said)
  expect(counted).toBeLessThanOrEqual(sent.length)
  for (let i = 0; i < sent.length; i += 1000)
    await mortal.demand('POST', path, { events: sent.slice(i, i + 1000) })
  expect(await countedIn()).toBe(sent.length)
})
