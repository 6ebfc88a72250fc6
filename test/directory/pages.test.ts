import { expect, test } from 'vitest'
import type { Ground } from '../../src/directory/ground.ts'
import { Rosters } from '../../src/directory/lists/roster.ts'
import { listResources } from '../../src/directory/resources/resources.ts'
import { sharedDirectory } from './http.ts'
import { plant } from './plant.ts'

/** More than one list may come to; two that UTF-16 has the other way round than UTF-8. */
const ids = [...Array.from({ length: 1300 }, (_, index) => `a${index}`), '\u{ff5e}x', '\u{1f600}']
const seenBy: Readonly<Record<string, (index: number) => boolean>> = {
  boss: () => true,
  few: (index) => index % 300 === 7,
  most: (index) => index % 10 !== 0,
  last: (index) => index >= 1300,
  nobody: () => false,
}

const directory = await sharedDirectory()
const organization = await directory.organization('enterprise')
await plant(directory, organization, (garden) => {
  const people = Object.entries(seenBy).filter(([user]) => user !== 'boss')
  for (const [user] of people) garden.user(user)
  for (const [index, id] of ids.entries()) {
    garden.resource('agent', id)
    for (const [user, sees] of people) if (sees(index)) garden.give('agent', id, { user })
  }
})

const fresh = () => new Rosters(directory.ground.service.storage)

/** How the ground of each page comes about: whether its roster is there. */
const ways: Readonly<Record<string, (page: number) => Promise<Rosters>>> = {
  'from storage': async () => fresh(),
  'from memory': async () => await built(directory.ground.rosters),
  'from one, then the other': async (page) =>
    page % 2 === 0 ? fresh() : await built(directory.ground.rosters),
}

async function built(rosters: Rosters): Promise<Rosters> {
  await rosters.of(organization.id, 'agent')
  return rosters
}

test.each(Object.keys(ways))('X5: pages %s are what each may know of, in the order of bytes', async (way) => {
  for (const [user, sees] of Object.entries(seenBy)) {
    const paged: string[] = []
    let token = ''
    for (let page = 0; page === 0 || token !== ''; page++) {
      const rosters = (await ways[way]?.(page)) as Rosters
      const ground: Ground = { ...directory.ground, rosters }
      const visit = { org: organization.id, actor: `user:${user}`, kind: 'agent', pageSize: 190 }
      const { result } = await listResources(ground, { ...visit, continuationToken: token })
      paged.push(...result.rows.map(({ id }) => id))
      token = result.continuationToken
    }
    const expected = ids.filter((_, index) => sees(index))
    expect(paged, user).toEqual(expected.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  }
})

test('the first page of an organization waits for no roster, and begins it', async () => {
  const rosters = fresh()
  expect(rosters.ready(organization.id, 'agent')).toBeUndefined()
  const roster = await rosters.of(organization.id, 'agent')
  expect(rosters.ready(organization.id, 'agent')).toBe(roster)
  expect([...roster.rows()]).toHaveLength(ids.length)
})

test('what changes while a roster is built is in it as it is then', async () => {
  const rosters = fresh()
  rosters.ready(organization.id, 'agent')
  await plant(directory, organization, (garden) => garden.resource('agent', 'a7', 'Renamed'))
  const roster = await rosters.of(organization.id, 'agent')
  expect(roster.row('a7')?.text).toBe('a7\nrenamed')
})
