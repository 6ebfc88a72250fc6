/** What a dry run tells of what follows by rules: also what would be asked right after the change, and how much is left beyond. */
import { expect, test } from 'vitest'
import { act } from '../../src/directory/act.ts'
import { dear, texts, withRules } from './dear.ts'
import { sharedDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()
// What is left over stays.
await directory.ground.errands.stop()

const attributes = { ...texts, last: ['x'] }
/** May cost as much, and never does. */
const feigned = `name == 'Nobody' && ${dear}`

/** Of Ann little is known. */
async function ruledWithAnn(text: string, count: number): Promise<Stage> {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  return await withRules(stage, text, count)
}

test('a dry run shows what comes right after the change too', async () => {
  const stage = await ruledWithAnn(dear, 150)
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
  const stage = await ruledWithAnn(feigned, 700)
  const tried = async () => (await stage.boss('PATCH', '/users/ann?dryRun=true', { attributes })).body
  const first = await tried()
  expect(first.waiting).toBeGreaterThan(0)
  expect(first.waiting).toBeLessThan(700)
  expect(await tried()).toMatchObject({ waiting: first.waiting })
})

test('rules that the change leaves to be asked of everybody are counted', async () => {
  const stage = await ruledWithAnn("name == 'Nobody'", 3)
  const plans = (await directory.ground.presets.get('enterprise')).plans
  const request = { org: stage.id, actor: 'user:boss', provenance: {}, dryRun: {} }
  const { rehearsal } = await act(directory.ground, request, (draft) => {
    draft.write(draft.organization, plans?.relation ?? '', `${plans?.type}:${plans?.ladder[0]?.id}`)
  })
  expect(rehearsal).toMatchObject({ waiting: 3 })

  const setting = async () => {
    const rule = { rule: "name == 'Ann Lee'" }
    const { body } = await stage.boss('PUT', '/groups/g001/rule?dryRun=true', rule)
    return { waiting: body.waiting, state: body.result.evaluation.state }
  }
  expect(await setting()).toEqual({ waiting: 0, state: 'done' })
  await stage.commit((draft) => {
    for (let at = 0; at < 500; at++) draft.put('user', `u${at}`, { name: `U ${at}` })
  })
  expect(await setting()).toEqual({ waiting: 1, state: 'running' })
})
