/** A sidecar that is killed amid changes of groups: what was said is there, and what is there is whole. */
import { expect, test } from 'vitest'
import { Mortal, until } from './mortal.ts'

test('X7, T8: killed amid writes', async () => {
  const mortal = await Mortal.start()
  const said = new Map<string, string>()
  const deleted = new Set<string>()
  const org = await mortal.organization('sharing')
  for (let round = 0; round < 2; round++) {
    const work = async (own: number, isOver: () => boolean): Promise<void> => {
      for (let at = 0; !isOver(); at++) {
        const name = `Group ${round} ${own} ${at}`
        const made = await mortal.ask('POST', `/v1/orgs/${org}/groups`, { name })
        if (made.status !== 201) throw new Error(JSON.stringify(made.body))
        said.set(made.body.id, name)
        if (at % 3 !== 0) continue
        // From here on it may be there or not, until its end was said.
        said.delete(made.body.id)
        await mortal.ask('DELETE', `/v1/orgs/${org}/groups/${made.body.id}`)
        deleted.add(made.body.id)
      }
    }
    const before = said.size
    await mortal.restartAmid(8, work, () => until(() => said.size >= before + 40))
    const there = new Map<string, string>()
    let token = ''
    do {
      const page = await mortal.ask('GET', `/v1/orgs/${org}/groups?pageSize=200&continuationToken=${token}`)
      for (const { id, name } of page.body.groups) there.set(id, name)
      token = encodeURIComponent(page.body.continuationToken)
    } while (token !== '')
    for (const [id, name] of said) expect(there.get(id)).toBe(name)
    for (const id of deleted) expect(there.has(id)).toBe(false)
    expect(new Set(there.values()).size).toBe(there.size)
    // Whole: each one that is there has its maker as its owner, and its name is taken.
    for (const [id, name] of [...there].slice(-8)) {
      const members = await mortal.ask('GET', `/v1/orgs/${org}/groups/${id}/members`)
      expect(members.body.members).toMatchObject([{ id: 'boss', role: 'owner' }])
      expect((await mortal.ask('POST', `/v1/orgs/${org}/groups`, { name })).status).toBe(409)
    }
  }
})
