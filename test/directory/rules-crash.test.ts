/** A sidecar that is killed while a rule is asked of everybody: taken up again, nothing twice and nothing left out. */
import { expect, test } from 'vitest'
import { Mortal } from './mortal.ts'

const many = 800

test('T56, X7: killed amid a rule that is asked of everybody', async () => {
  const mortal = await Mortal.start()
  const org = `/v1/orgs/${await mortal.organization('enterprise')}`
  await mortal.demand('PUT', `${org}/plan`, { plan: 'enterprise' })
  const people = Array.from({ length: many }, (_, at) => `u${at}`)
  for (let from = 0; from < many; from += 50) {
    const some = people.slice(from, from + 50)
    await Promise.all(
      some.map((user) => mortal.demand('POST', `${org}/users`, { id: user, attributes: { at: 1 } })),
    )
  }
  const group = (await mortal.demand('POST', `${org}/groups`, { name: 'Ruled', description: 'x' })).id
  const path = `${org}/groups/${group}/rule`
  const evaluation = async () => (await mortal.demand('GET', path)).evaluation
  const all = async (place: string, rows: string): Promise<readonly Record<string, string>[]> => {
    const found: Record<string, string>[] = []
    for (let token = '', isLast = false; !isLast; isLast = token === '') {
      const page = await mortal.demand(
        'GET',
        `${place}pageSize=200&continuationToken=${encodeURIComponent(token)}`,
      )
      found.push(...page[rows])
      token = page.continuationToken
    }
    return found
  }
  const seen = { add: 0, remove: 0 }
  for (const [rule, added, removed] of [
    ['has(attrs.at)', many, 0],
    ['!has(attrs.at)', 1, many],
  ] as const) {
    await mortal.demand('PUT', path, { rule, confirm: true })
    // Begun, and as far as it will be by then.
    for (let now = await evaluation(); now.added + now.removed === 0; ) now = await evaluation()
    await mortal.restart()
    for (let now = await evaluation(); now.state !== 'done'; ) now = await evaluation()
    expect(await evaluation()).toMatchObject({ total: many + 1, done: many + 1, added, removed, errors: 0 })
    seen.add += added
    seen.remove += removed
    const members = await all(`${org}/groups/${group}/members?`, 'members')
    const wanted = rule === '!has(attrs.at)' ? ['boss'] : people
    expect(members.map((each) => each.id)).toEqual([...wanted].sort())
    for (const what of ['add', 'remove'] as const) {
      const told = await all(`${org}/changes?source=rule&action=member.${what}&`, 'changes')
      expect(told).toHaveLength(seen[what])
    }
  }
})
