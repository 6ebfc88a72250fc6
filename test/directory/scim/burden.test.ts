/** Bodies that are small and would cost much: what a key may ask for at once is bounded. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { act } from '../../../src/directory/act.ts'
import { lookForPlatform } from '../../../src/directory/look.ts'
import { idpGroupsOf } from '../../../src/directory/rules/idp.ts'
import { providedUser } from '../../../src/directory/scim/users.ts'
import type { Sight } from '../../../src/directory/sight.ts'
import { StoreView } from '../../../src/storage/view.ts'
import { openProvider, patch, urn } from './provider.ts'

const { directory, provider } = await openProvider()

const address = (at: number) => ({ value: `other${at}@burden.local`, type: `kind${at}` })

test('a group is read once however often all of it is replaced, and what came before counts for nothing', async () => {
  const [ann, bob, cyd] = [await provider.user('ann'), await provider.user('bob'), await provider.user('cyd')]
  const group = await provider.group('Replaced', [ann])
  const members = (op: string, ...ids: readonly string[]) => ({
    op,
    path: 'members',
    value: ids.map((value) => ({ value })),
  })
  const edges = vi.spyOn(StoreView.prototype, 'edges')
  const isOfGroup = ([object]: readonly unknown[]) => object === `idp_group:${group}`
  const again = Array.from({ length: 500 }, () => [members('replace'), members('add', ann, cyd)]).flat()
  const answer = await provider.ask(
    'PATCH',
    `/Groups/${group}`,
    patch(...again.slice(2), members('replace', cyd), members('add', bob)),
  )
  expect(answer.status).toBe(204)
  expect(edges.mock.calls.filter(isOfGroup).length).toBeLessThan(5)
  edges.mockRestore()
  const { body } = await provider.ask('GET', `/Groups/${group}`)
  expect(body.members.map(({ value }: { value: string }) => value).sort()).toEqual([bob, cyd].sort())

  const lost = patch(members('add', 'nobody'), members('replace', ann))
  expect((await provider.ask('PATCH', `/Groups/${group}`, lost)).status).toBe(400)
  expect((await provider.ask('GET', `/Groups/${group}`)).body.members).toHaveLength(2)
})

test('a page of users reads each of their groups once, shown or not, and each has the version that it has alone', async () => {
  const people = await Promise.all(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((name) => provider.user(name)))
  const groups: string[] = []
  for (const name of ['Page one', 'Page two', 'Page three']) groups.push(await provider.group(name, people))
  const entity = vi.spyOn(StoreView.prototype, 'entity')
  onTestFinished(() => entity.mockRestore())
  for (const query of ['', '&excludedAttributes=groups', '&attributes=userName,meta']) {
    entity.mockClear()
    const { body } = await provider.ask('GET', `/Users?count=500${query}`)
    const read = entity.mock.calls.flatMap(([type, id]) => (type === 'idp_group' ? [id] : []))
    expect(read).toEqual(expect.arrayContaining(groups))
    expect(read).toHaveLength(new Set(read).size)
    for (const { id, meta, groups: shown } of body.Resources) {
      const { headers } = await provider.ask('GET', `/Users/${id}`)
      expect(meta.version).toBe(headers.get('etag'))
      if (query !== '') expect(shown).toBeUndefined()
      else if (people.includes(id)) expect(shown).toHaveLength(groups.length)
    }
  }
})

test('whoever is in very many groups of the provider is read in slices, and others have their turns', async () => {
  const id = await provider.user('everywhere')
  const count = 400
  const request = { org: provider.org, actor: 'user:boss', provenance: {} }
  await act(directory.ground, request, (draft) => {
    for (let at = 0; at < count; at++) {
      draft.put('idp_group', `idp_${at}`, { name: `Group ${at}` })
      draft.write(`idp_group:idp_${at}`, 'member', `user:${id}`)
    }
  })
  const turnsOf = async (read: (sight: Sight) => Promise<unknown>) => {
    let [turns, now, isOver] = [0, 0, false]
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    await lookForPlatform(directory.ground, { org: provider.org }, async (sight) => {
      // Each look at the clock is a millisecond later than the one before.
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++)
      turn()
      await read(sight)
      clock.mockRestore()
    })
    isOver = true
    return turns
  }
  const names: string[] = []
  const readNames = async (sight: Sight) => names.push(...(await idpGroupsOf(sight, id)))
  expect(await turnsOf(readNames)).toBeGreaterThan(count / 10)
  const all = Array.from({ length: count }, (_, at) => [`idp_${at}`, `Group ${at}`]).flat()
  expect(names.sort()).toEqual(all.sort())
  expect(await turnsOf((sight) => providedUser(sight, id))).toBeGreaterThan(count / 10)
  expect((await provider.ask('GET', `/Users/${id}`)).body.groups).toHaveLength(count)
})

test('an operation without a path counts as many as it has keys', async () => {
  const id = await provider.user('keys')
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`emails[type eq "k${at}"].display`, 'x']))
  const answer = await provider.ask('PATCH', `/Users/${id}`, patch({ op: 'add', value: keys(1001) }))
  expect(answer).toMatchObject({
    status: 400,
    body: { schemas: [urn.error], scimType: 'invalidSyntax', detail: expect.stringContaining('1000') },
  })
})

test.each([
  [
    'one by one',
    Array.from({ length: 101 }, (_, at) => ({ op: 'add', path: 'emails', value: [address(at)] })),
  ],
  [
    'by filters',
    [
      {
        op: 'add',
        value: Object.fromEntries(
          Array.from({ length: 101 }, (_, at) => [`emails[type eq "k${at}"].value`, address(at).value]),
        ),
      },
    ],
  ],
])('values come %s up to as many as a whole user may have', async (how, operations) => {
  const id = await provider.user(`many ${how}`)
  const before = (await provider.ask('GET', `/Users/${id}`)).body
  const answer = await provider.ask('PATCH', `/Users/${id}`, patch(...operations))
  expect(answer).toMatchObject({
    status: 400,
    body: { scimType: 'invalidValue', detail: '`emails` has more than 100 values' },
  })
  expect((await provider.ask('GET', `/Users/${id}`)).body).toEqual(before)
})

test('a group that a deleted one was in has another version', async () => {
  const below = await provider.group('Below')
  const above = await provider.group('Above', [below])
  const version = async () => (await provider.ask('GET', `/Groups/${above}`)).headers.get('etag') ?? ''
  const before = await version()
  expect((await provider.ask('DELETE', `/Groups/${below}`)).status).toBe(204)
  expect(await version()).not.toBe(before)
  const stale = await provider.ask('GET', `/Groups/${above}`, undefined, { 'if-none-match': before })
  expect(stale).toMatchObject({ status: 200, body: { members: [] } })
})
