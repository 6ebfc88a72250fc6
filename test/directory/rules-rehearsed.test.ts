/** What a dry run tells of what follows by rules: also what would be asked right after the change, and how much is left beyond. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act } from '../../src/directory/act.ts'
import type { Draft } from '../../src/directory/draft.ts'
import { putRule } from '../../src/directory/rules/kept.ts'
import { dear, texts } from './dear.ts'
import { type Directory, openDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

let directory: Directory
beforeAll(async () => {
  directory = await openDirectory()
  // What is left over stays.
  await directory.ground.errands.stop()
})
afterAll(() => directory.close())

const attributes = { ...texts, last: ['x'] }
/** May cost as much, and never does. */
const feigned = `name == 'Nobody' && ${dear}`

/** An organization with Ann, of whom little is known, and with groups in which nobody is by their rules. */
async function ruled(text: string, count: number): Promise<Stage> {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  await act(directory.ground, requestOf(stage), (draft: Draft) => {
    for (let at = 0; at < count; at++) {
      const id = `g${String(at).padStart(3, '0')}`
      draft.put('group', id, { name: id })
      draft.write(`group:${id}`, 'organization', draft.organization)
      const kept = { kind: 'expression' as const, text, enabled: true }
      putRule(draft, id, { ...kept, updatedAt: draft.view.now, updatedBy: 'user:boss' })
    }
  })
  return stage
}

function requestOf({ id }: Stage) {
  return { org: id, actor: 'user:boss', provenance: {} }
}

test('a dry run shows what comes right after the change too', async () => {
  const stage = await ruled(dear, 150)
  const groups = new Set<string>()
  for (let token = ''; ; ) {
    const path = `/users/ann?dryRun=true&pageSize=1000&continuationToken=${token}`
    const { status, body } = await stage.boss('PATCH', path, { attributes })
    expect({ status, waiting: body.waiting }).toEqual({ status: 200, waiting: 0 })
    for (const { object } of body.rows) if (object.startsWith('group:g')) groups.add(object)
    token = body.continuationToken
    if (token === '') break
  }
  expect(groups.size).toBe(150)
})

test('what is too much for it is counted, and the same each time', async () => {
  const stage = await ruled(feigned, 700)
  const tried = async () => (await stage.boss('PATCH', '/users/ann?dryRun=true', { attributes })).body
  const first = await tried()
  expect(first.waiting).toBeGreaterThan(0)
  expect(first.waiting).toBeLessThan(700)
  expect(await tried()).toMatchObject({ waiting: first.waiting })
})

test('rules that the change leaves to be asked of everybody are counted', async () => {
  const stage = await ruled("name == 'Nobody'", 3)
  const plans = (await directory.ground.presets.get('enterprise')).plans
  const { rehearsal } = await act(directory.ground, { ...requestOf(stage), dryRun: {} }, (draft) => {
    draft.write(draft.organization, plans?.relation ?? '', `${plans?.type}:${plans?.ladder[0]?.id}`)
  })
  expect(rehearsal).toMatchObject({ waiting: 3 })

  const setting = async () => {
    const rule = { rule: "name == 'Ann Lee'" }
    const { body } = await stage.boss('PUT', '/groups/g001/rule?dryRun=true', rule)
    return { waiting: body.waiting, state: body.result.evaluation.state }
  }
  expect(await setting()).toEqual({ waiting: 0, state: 'done' })
  await act(directory.ground, requestOf(stage), (draft) => {
    for (let at = 0; at < 500; at++) draft.put('user', `u${at}`, { name: `U ${at}` })
  })
  expect(await setting()).toEqual({ waiting: 1, state: 'running' })
})
