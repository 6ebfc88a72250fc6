/** A sidecar that is killed between preview and confirmation, and amid confirmations: nothing twice, nothing lost. */
import { expect, test } from 'vitest'
import { Mortal, until } from './mortal.ts'

test('T28: killed amid imports', async () => {
  const mortal = await Mortal.start()
  const org = `/v1/orgs/${await mortal.organization('default')}`
  const { plans } = (await mortal.ask('GET', '/v1/presets/default')).body
  if (plans !== undefined) await mortal.ask('PUT', `${org}/plan`, { plan: plans.ladder.at(-1).id })
  const people = Array.from({ length: 20 }, (_, at) => `u${String(at).padStart(2, '0')}`)
  await Promise.all(
    people.map((id) => mortal.ask('POST', `${org}/users`, { id, email: `${id}@example.com` })),
  )
  const file = `email,role\n${people.map((id) => `${id}@example.com,member`).join('\n')}\nghost@example.com,member\n`

  /** A group of its own, and a preview for it. */
  const prepare = async (name: string) => {
    const group = await mortal.ask('POST', `${org}/groups`, { name, description: name })
    const members = `${org}/groups/${group.body.id}/members`
    const preview = await mortal.ask('POST', `${members}/imports`, file)
    expect([preview.status, preview.body.counts]).toMatchObject([201, { added: 20, errors: 1 }])
    const { importId } = preview.body
    return {
      group: group.body.id,
      members,
      importId,
      import: `${members}/imports/${importId}`,
      preview: preview.body,
    }
  }
  const idsIn = async (members: string): Promise<readonly string[]> => {
    const page = await mortal.ask('GET', `${members}?pageSize=200`)
    return page.body.members.map(({ id }: { id: string }) => id).filter((id: string) => id !== 'boss')
  }
  /** Every row of it is in the change log once. */
  const demandOnce = async ({ group, importId }: { readonly group: string; readonly importId: string }) => {
    const { body } = await mortal.ask('GET', `${org}/changes?source=csv&target=group:${group}&pageSize=200`)
    const rows: readonly { readonly subject: string; readonly importId: string }[] = body.changes
    expect(new Set(rows.map((each) => each.importId))).toEqual(new Set([importId]))
    expect(rows.map(({ subject }) => subject).sort()).toEqual(people.map((id) => `user:${id}`))
  }

  const first = await prepare('Before')
  await mortal.restart()
  expect((await mortal.ask('GET', first.import)).body).toEqual(first.preview)
  expect(await idsIn(first.members)).toEqual([])
  const confirmed = await mortal.ask('POST', `${first.import}/confirm`, {})
  expect(confirmed.body).toMatchObject({ counts: { added: 20 }, alreadyConfirmed: false })
  await mortal.restart()
  const again = await mortal.ask('POST', `${first.import}/confirm`, {})
  expect(again.body).toEqual({ ...confirmed.body, alreadyConfirmed: true })
  expect(await idsIn(first.members)).toEqual(people)
  await demandOnce(first)

  for (let round = 0; round < 2; round++) {
    const all = await Promise.all([0, 1, 2, 3].map((at) => prepare(`Round ${round} ${at}`)))
    const said = new Set<string>()
    const confirm = async (own: number): Promise<void> => {
      const path = all[own]?.import ?? ''
      const answer = await mortal.ask('POST', `${path}/confirm`, { mode: 'valid_only' })
      if (answer.status === 200) said.add(path)
    }
    await mortal.restartAmid(all.length, confirm, () => until(() => said.size > round))
    for (const each of all) {
      const ids = await idsIn(each.members)
      // Whole or not at all, and what was said is there.
      expect([0, people.length]).toContain(ids.length)
      if (said.has(each.import)) expect(ids).toEqual(people)
      const answer = await mortal.ask('POST', `${each.import}/confirm`, {})
      expect(answer.body).toMatchObject({
        counts: { added: 20, errors: 1 },
        alreadyConfirmed: ids.length > 0,
      })
      expect(await idsIn(each.members)).toEqual(people)
      await demandOnce(each)
    }
  }
})
