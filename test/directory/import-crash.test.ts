/** A sidecar that is killed between preview and confirmation, and amid confirmations: nothing twice, nothing lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSidecar } from '../crash/sidecar.ts'

test('T28: killed amid imports', async () => {
  const data = mkdtempSync(join(tmpdir(), 'kith-import-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  let started = await startSidecar(data)
  const restart = async () => {
    await started.kill()
    started = await startSidecar(data)
  }
  const ask = async (method: string, path: string, body?: object | string) => {
    const response = await fetch(`${started.url}${path}`, {
      method,
      headers: {
        'content-type': typeof body === 'string' ? 'text/csv' : 'application/json',
        'kith-actor': 'user:boss',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }
  const made = await ask('POST', '/v1/orgs', {
    name: 'Acme',
    preset: 'default',
    owner: { id: 'boss', name: 'Boss' },
  })
  const org = `/v1/orgs/${made.body.id}`
  const { plans } = (await ask('GET', '/v1/presets/default')).body
  if (plans !== undefined) await ask('PUT', `${org}/plan`, { plan: plans.ladder.at(-1).id })
  const people = Array.from({ length: 20 }, (_, at) => `u${String(at).padStart(2, '0')}`)
  await Promise.all(people.map((id) => ask('POST', `${org}/users`, { id, email: `${id}@example.com` })))
  const file = `email,role\n${people.map((id) => `${id}@example.com,member`).join('\n')}\nghost@example.com,member\n`

  /** A group of its own, and a preview for it. */
  const prepare = async (name: string) => {
    const group = await ask('POST', `${org}/groups`, { name, description: name })
    const members = `${org}/groups/${group.body.id}/members`
    const preview = await ask('POST', `${members}/imports`, file)
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
    const page = await ask('GET', `${members}?pageSize=200`)
    return page.body.members.map(({ id }: { id: string }) => id).filter((id: string) => id !== 'boss')
  }
  /** Every row of it is in the change log once. */
  const demandOnce = async ({ group, importId }: { readonly group: string; readonly importId: string }) => {
    const { body } = await ask('GET', `${org}/changes?source=csv&target=group:${group}&pageSize=200`)
    const rows: readonly { readonly subject: string; readonly importId: string }[] = body.changes
    expect(new Set(rows.map((each) => each.importId))).toEqual(new Set([importId]))
    expect(rows.map(({ subject }) => subject).sort()).toEqual(people.map((id) => `user:${id}`))
  }

  const first = await prepare('Before')
  await restart()
  expect((await ask('GET', first.import)).body).toEqual(first.preview)
  expect(await idsIn(first.members)).toEqual([])
  const confirmed = await ask('POST', `${first.import}/confirm`, {})
  expect(confirmed.body).toMatchObject({ counts: { added: 20 }, alreadyConfirmed: false })
  await restart()
  const again = await ask('POST', `${first.import}/confirm`, {})
  expect(again.body).toEqual({ ...confirmed.body, alreadyConfirmed: true })
  expect(await idsIn(first.members)).toEqual(people)
  await demandOnce(first)

  for (let round = 0; round < 2; round++) {
    const all = await Promise.all([0, 1, 2, 3].map((at) => prepare(`Round ${round} ${at}`)))
    const said = new Set<string>()
    // Whatever the kill cuts off rejects; what was said before it counts.
    const running = Promise.allSettled(
      all.map(async (each) => {
        const answer = await ask('POST', `${each.import}/confirm`, { mode: 'valid_only' })
        if (answer.status === 200) said.add(each.import)
      }),
    )
    while (said.size < 1 + round) await new Promise(setImmediate)
    await started.kill()
    await running
    started = await startSidecar(data)
    for (const each of all) {
      const ids = await idsIn(each.members)
      // Whole or not at all, and what was said is there.
      expect([0, people.length]).toContain(ids.length)
      if (said.has(each.import)) expect(ids).toEqual(people)
      const answer = await ask('POST', `${each.import}/confirm`, {})
      expect(answer.body).toMatchObject({
        counts: { added: 20, errors: 1 },
        alreadyConfirmed: ids.length > 0,
      })
      expect(await idsIn(each.members)).toEqual(people)
      await demandOnce(each)
    }
  }
  await started.kill()
})
