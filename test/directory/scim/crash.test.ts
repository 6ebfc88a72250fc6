/**
 * A sidecar that is killed amid provisioning. The identity provider does what they do: whatever was not answered it looks for
 * and sends again. What was answered is there, nobody is there twice, and what is there is whole.
 */
import { expect, test } from 'vitest'
import { Mortal, until } from '../mortal.ts'
import { filtered, patch } from './provider.ts'

test('killed amid a synchronisation', async () => {
  const mortal = await Mortal.start()
  const org = await mortal.organization('enterprise')
  const scim = (method: string, path: string, body?: object) =>
    mortal.ask(method, `/scim/v2/${org}${path}`, body, 'application/scim+json')

  /** What was answered: ids by userName, and who is in a group by the last answer about them. */
  const users = new Map<string, string>()
  const members = new Map<string, boolean>()
  const found = async (kind: string, attribute: string, name: string): Promise<string | undefined> => {
    const { body } = await scim('GET', `/${kind}${filtered(`${attribute} eq "${name}"`)}`)
    expect(body.totalResults).toBeLessThan(2)
    return body.Resources[0]?.id
  }
  /** Looked for first, as after any answer that did not come. */
  const made = async (kind: string, attribute: string, name: string): Promise<string> => {
    const known = await found(kind, attribute, name)
    if (known !== undefined) return known
    const { status, body } = await scim('POST', `/${kind}`, { [attribute]: name, externalId: name })
    expect(status).toBe(201)
    return body.id
  }
  for (let round = 0; round < 3; round++) {
    const work = async (own: number, isOver: () => boolean): Promise<void> => {
      const group = await made('Groups', 'displayName', `Team ${own}`)
      for (let at = 0; !isOver(); at++) {
        const userName = `u${round}-${own}-${at}@crash.example`
        const id = await made('Users', 'userName', userName)
        users.set(userName, id)
        // From here on they may be in it or not, until its answer comes.
        members.delete(id)
        const add = patch({ op: 'Add', path: 'members', value: [{ value: id }] })
        expect((await scim('PATCH', `/Groups/${group}`, add)).status).toBe(204)
        members.set(id, true)
        if (at % 3 !== 0) continue
        members.delete(id)
        const off = patch({ op: 'Replace', path: 'active', value: 'False' })
        expect((await scim('PATCH', `/Users/${id}`, off)).status).toBe(200)
        const remove = patch({ op: 'Remove', path: 'members', value: [{ value: id }] })
        expect((await scim('PATCH', `/Groups/${group}`, remove)).status).toBe(204)
        members.set(id, false)
      }
    }
    const before = users.size
    await mortal.restartAmid(6, work, () => until(() => users.size >= before + 30))
    const there = (await scim('GET', '/Users?count=500')).body
    const names = there.Resources.map(({ userName }: { userName: string }) => userName.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    expect(there.totalResults).toBe(names.length)
    const ids = new Map<string, string>(
      there.Resources.map((user: { id: string; userName: string }) => [user.userName, user.id]),
    )
    for (const [userName, id] of users) expect([userName, ids.get(userName)]).toEqual([userName, id])
    const groups = (await scim('GET', '/Groups')).body.Resources as {
      displayName: string
      members: { value: string }[]
    }[]
    expect(new Set(groups.map(({ displayName }) => displayName)).size).toBe(groups.length)
    const inside = groups.flatMap((group) => group.members.map(({ value }) => value))
    expect(new Set(inside).size).toBe(inside.length)
    for (const [id, isIn] of members) expect([id, inside.includes(id)]).toEqual([id, isIn])
    // Whole: whoever is there is found by every name of theirs, and by nobody else's.
    for (const [userName, id] of [...ids].slice(-12)) {
      if (userName === 'boss') continue
      for (const attribute of ['userName', 'externalId']) {
        expect(await found('Users', attribute, userName)).toBe(id)
      }
      expect((await scim('POST', '/Users', { userName: userName.toUpperCase() })).status).toBe(409)
    }
  }
})
