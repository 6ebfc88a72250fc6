/** What asking people of rules may cost one commit, and what is left to be asked right after it. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Errand } from '../../src/directory/errands.ts'
import { Allowance } from '../../src/directory/rules/allowance.ts'
import { assignAll } from '../../src/directory/rules/assign.ts'
import { catchUp } from '../../src/directory/rules/catch-up.ts'
import { putRule, rulesetAt } from '../../src/directory/rules/kept.ts'
import { evaluate } from '../../src/directory/rules/reevaluation.ts'
import { type Repair, sweep } from '../../src/directory/rules/sweep.ts'
import { dear, texts, withRules } from './dear.ts'
import { sharedDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()
// Errands are run by hand here.
await directory.ground.errands.stop()

const rulesCount = 300

async function groupsOf(stage: Stage, user: string): Promise<readonly string[]> {
  const view = directory.ground.service.storage.view(stage.id)
  const { rows } = await view.tuples(
    { type: 'group', relation: 'rule_member', subject: `user:${user}` },
    1000,
  )
  return rows.map(({ object }) => object)
}

async function errandsOf({ id: org }: Stage): Promise<readonly Errand[]> {
  const view = directory.ground.service.storage.view(org)
  const { rows } = await view.entities('@errand', 10, undefined, 'rule-person')
  return rows.map(({ id, attributes }) => ({ org, id, attributes }))
}

const attributes = (wanted: boolean) => ({ attributes: { ...texts, last: [wanted ? 'x' : ''] } })

/** As in tens of thousands of groups at the identity provider: two are what one commit may cost. */
function everybodyIsDear(): void {
  const { spendOnPerson } = Allowance.prototype
  const spend = vi.spyOn(Allowance.prototype, 'spendOnPerson')
  spend.mockImplementation(function (this: Allowance) {
    spendOnPerson.call(this, 1_000_000)
  })
  onTestFinished(() => spend.mockRestore())
}

const never = new AbortController().signal

/** Lets as many slices begin, and refuses the next. */
function slicesOf(most: number): AbortSignal {
  const { signal } = new AbortController()
  let begun = 0
  vi.spyOn(signal, 'throwIfAborted').mockImplementation(() => {
    if (++begun > most) throw new Error('without end')
  })
  return signal
}

test('T49: a commit asks as much as it may cost, and the rest is asked right after it, also across a kill', async () => {
  const stage = await withRules(await stageOf(directory, 'enterprise'), dear, rulesCount)
  const ask = async () => {
    const { body } = await stage.boss('GET', '/groups/g000/rule')
    return { groups: (await groupsOf(stage, 'ann')).length, waiting: body.waiting }
  }
  expect((await stage.boss('POST', '/users', { id: 'ann', ...attributes(true) })).status).toBe(201)
  const first = await ask()
  expect(first).toMatchObject({ waiting: 1 })
  expect(first.groups).toBeGreaterThan(20)
  expect(first.groups).toBeLessThan(rulesCount / 2)

  const [errand] = await errandsOf(stage)
  if (errand === undefined) throw new Error('nothing is left')
  const cut = new AbortController()
  const unlisten = directory.ground.service.storage.onApplied(() => cut.abort(new Error('killed')))
  await expect(catchUp(directory.ground, errand, cut.signal)).rejects.toThrow('killed')
  unlisten()
  const second = await ask()
  expect(second).toMatchObject({ waiting: 1 })
  expect(second.groups).toBeGreaterThan(first.groups)
  expect(second.groups).toBeLessThan(rulesCount)

  await catchUp(directory.ground, errand, never)
  expect(await ask()).toEqual({ groups: rulesCount, waiting: 0 })

  // Who changes while they are asked is asked of all rules again, and goes as surely.
  await stage.boss('PATCH', '/users/ann', { name: 'Ann' })
  expect(await ask()).toEqual({ groups: rulesCount, waiting: 1 })
  await stage.boss('PATCH', '/users/ann', attributes(false))
  await catchUp(directory.ground, errand, never)
  expect(await ask()).toEqual({ groups: 0, waiting: 0 })
})

test('T49: whoever has to go goes in the very commit, though it has no room for all rules', async () => {
  const stage = await withRules(await stageOf(directory, 'enterprise'), dear, rulesCount)
  const ids = [295, 296, 297, 298, 299].map((at) => `g${at}`)
  await stage.commit((draft) => {
    const kept = { kind: 'expression' as const, text: dear.replace("'x'", "'y'"), enabled: true }
    for (const id of ids) putRule(draft, id, { ...kept, updatedAt: draft.view.now, updatedBy: 'user:boss' })
  })
  const as = (last: string) => ({ attributes: { ...texts, last: [last] } })
  for (const id of ['ann', 'bob']) {
    await stage.boss('POST', '/users', { id, ...as('y') })
  }
  const catchUpAll = async () => {
    for (const errand of await errandsOf(stage)) await catchUp(directory.ground, errand, never)
  }
  await catchUpAll()
  expect(await groupsOf(stage, 'ann')).toEqual(ids.map((id) => `group:${id}`))
  // Of several people, before any of them is asked of what could add.
  await stage.commit((draft) => {
    draft.put('user', 'boss', { name: 'Boss', ...as('x') })
    for (const id of ['ann', 'bob']) draft.put('user', id, { name: id, ...as('x') })
  })
  for (const id of ['ann', 'bob']) expect(await groupsOf(stage, id)).toEqual([])
  const come = await groupsOf(stage, 'boss')
  expect(come.length).toBeGreaterThan(20)
  expect(come.length).toBeLessThan(rulesCount / 2)
  expect(await errandsOf(stage)).toHaveLength(3)
  await catchUpAll()
  for (const id of ['ann', 'bob', 'boss']) expect(await groupsOf(stage, id)).toHaveLength(rulesCount - 5)
})

test('T56: a rule that costs too much to be asked of everybody in its commit is asked after it', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.commit((draft) => {
    for (let at = 0; at < 300; at++) draft.put('user', `u${at}`, { name: `U ${at}`, ...attributes(true) })
  })
  const group = await stage.group('Ruled')
  const set = await stage.boss('PUT', `/groups/${group}/rule`, { rule: dear })
  expect(set.body.evaluation).toMatchObject({ state: 'running', why: 'the rule was set' })
  const rule = "name.startsWith('U')"
  const cheap = await stage.boss('PUT', `/groups/${group}/rule`, { rule })
  expect(cheap.body.evaluation).toMatchObject({ state: 'done', total: 301 })
})

test('T56: of a group too large to be judged in the commit, two who set its rule at once do not pass each other', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.commit((draft) => {
    for (let at = 0; at < 200; at++) draft.put('user', `u${at}`, { name: `U ${at}`, ...attributes(true) })
  })
  const path = `/groups/${await stage.group('Ruled')}/rule`
  const all = "name.startsWith('U')"
  expect((await stage.boss('PUT', path, { rule: all })).status).toBe(200)
  // Nobody would go, and nothing comes between.
  expect((await stage.boss('PUT', path, { rule: dear })).status).toBe(200)
  const { people } = directory.ground
  const crowd = await people.of(stage.id)
  const looking = vi.spyOn(people, 'of').mockImplementation(async () => {
    looking.mockRestore()
    expect((await stage.boss('PUT', path, { rule: all, confirm: true })).status).toBe(200)
    return crowd
  })
  expect(await stage.boss('PUT', path, { rule: dear })).toMatchObject({
    status: 409,
    body: { error: { code: 'Aborted' } },
  })
  expect((await stage.boss('GET', path)).body.rule).toBe(all)
})

test('T56: whoever is left out is counted among those who would go, in the commit too', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.commit((draft) => {
    for (let at = 0; at < 20; at++) draft.put('user', `u${at}`, { name: `U ${at}` })
  })
  const group = await stage.group('Ruled')
  const path = `/groups/${group}/rule`
  expect((await stage.boss('PUT', path, { rule: "name.startsWith('U')" })).status).toBe(200)
  const { people } = directory.ground
  const crowd = await people.of(stage.id)
  // They are left out after it was foreseen that nobody would go.
  const looking = vi.spyOn(people, 'of').mockImplementation(async () => {
    looking.mockRestore()
    await stage.commit((draft) => {
      for (let at = 0; at < 12; at++) {
        draft.put('@exclusion', `${group}/u${at}`, { at: draft.view.now, by: 'user:boss' })
      }
    })
    return crowd
  })
  expect(await stage.boss('PUT', path, { rule: "name.startsWith('U ')" })).toMatchObject({
    body: { error: { code: 'confirm_required' } },
  })
})

test('whoever costs all that a commit may, before any rule is asked, is asked of all of them nonetheless', async () => {
  everybodyIsDear()
  const stage = await withRules(await stageOf(directory, 'enterprise'), dear, rulesCount)
  expect((await stage.boss('POST', '/users', { id: 'ann', ...attributes(true) })).status).toBe(201)
  const [errand] = await errandsOf(stage)
  if (errand === undefined) throw new Error('nothing is left')
  const cut = new AbortController()
  let commits = 0
  const unlisten = directory.ground.service.storage.onApplied(() => {
    if (++commits === rulesCount) cut.abort(new Error('without end'))
  })
  onTestFinished(unlisten)
  await catchUp(directory.ground, errand, cut.signal)
  expect(await groupsOf(stage, 'ann')).toHaveLength(rulesCount)
  expect(commits).toBeLessThan(rulesCount / 20)
})

test('of whom a commit begins with, one rule is asked whatever is left for it', async () => {
  const stage = await withRules(await stageOf(directory, 'enterprise'), dear, rulesCount)
  await stage.boss('POST', '/users', { id: 'bob' })
  const { left, waiting } = await stage.commit((draft) => {
    const ruleset = rulesetAt(draft)
    const rules = ruleset === undefined ? [] : directory.ground.rulebook.of(draft, ruleset)
    const allowance = new Allowance()
    vi.spyOn(allowance, 'spendOnPerson').mockImplementation(() => {
      while (!allowance.isSpent) allowance.spendOnRule(1_000)
    })
    return assignAll(draft, [{ ids: ['bob', 'boss'], rules, why: 'it is tried' }], allowance)
  })
  expect(left).toMatchObject([
    { id: 'bob', from: rulesCount + 1 },
    { id: 'boss', from: rulesCount },
  ])
  expect(waiting.size).toBe(rulesCount)
})

test('T56: slices of everybody, and of the night, are no more than one commit may cost', async () => {
  everybodyIsDear()
  const stage = await stageOf(directory, 'enterprise')
  const people = 9
  await stage.commit((draft) => {
    for (let at = 0; at < people; at++) draft.put('user', `u${at}`, { name: `U ${at}` })
  })
  const group = await stage.group('Ruled')
  const path = `/groups/${group}/rule`
  const set = await stage.boss('PUT', path, { rule: "name.startsWith('U')" })
  expect(set.body.evaluation).toMatchObject({ state: 'running' })
  const { storage } = directory.ground.service
  const view = () => storage.view(stage.id)
  const members = async () =>
    (await view().tuples({ object: `group:${group}`, relation: 'rule_member' }, 100)).rows
  const counts: number[] = []
  const unlisten = storage.onApplied((_, { tuples }) => {
    const added = tuples.filter(({ tuple }) => tuple.relation === 'rule_member').length
    if (added > 0) counts.push(added)
  })
  onTestFinished(unlisten)
  const before = (await members()).length
  expect(before).toBeLessThanOrEqual(2)
  const [errand] = (await view().entities('@errand', 1, undefined, 'rules/')).rows
  if (errand === undefined) throw new Error('nothing is left')
  await evaluate(directory.ground, { org: stage.id, ...errand }, never)
  expect(await members()).toHaveLength(people)
  expect(Math.max(...counts)).toBeLessThanOrEqual(2)
  const { body } = await stage.boss('GET', path)
  const [total, added] = [people + 1, people - before]
  expect(body.evaluation).toMatchObject({ state: 'done', done: total, total, added })

  const gone = await members()
  await stage.commit((draft) => {
    for (const { object, relation, subject } of gone) draft.delete(object, relation, subject)
  })
  counts.length = 0
  const repairs: Repair[] = []
  await sweep(directory.ground, { org: stage.id }, never, (repair) => repairs.push(repair))
  expect(await members()).toHaveLength(people)
  expect(counts).toEqual(repairs.map(({ added }) => added))
  expect(Math.max(...counts)).toBeLessThanOrEqual(2)
})

test('T56: a rule that cannot say of its members ends, though each of them costs what a commit may', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const people = Array.from({ length: 9 }, (_, at) => `u${at}`)
  const path = `/groups/${await stage.group('Ruled')}/rule`
  const as = (attributes: Readonly<Record<string, number>>) =>
    stage.commit((draft) => {
      for (const id of people) draft.put('user', id, { name: id, attributes })
    })
  await as({ level: 5, rank: 5 })
  expect((await stage.boss('PUT', path, { rule: 'attrs.level > 3' })).body).toMatchObject({
    evaluation: { state: 'done', added: people.length },
  })
  await as({ rank: 5 })
  everybodyIsDear()
  const set = await stage.boss('PUT', path, { rule: 'attrs.level > 3 || attrs.level < 2' })
  expect(set.body.evaluation).toMatchObject({ state: 'running' })
  const { storage } = directory.ground.service
  const [errand] = (await storage.view(stage.id).entities('@errand', 1, undefined, 'rules/')).rows
  if (errand === undefined) throw new Error('nothing is left')
  await evaluate(directory.ground, { org: stage.id, ...errand }, slicesOf(people.length))
  const [total, errors] = [people.length + 1, people.length + 1]
  const { body } = await stage.boss('GET', path)
  expect(body).toMatchObject({ evaluation: { state: 'done', done: total, total, errors, removed: 0 } })
})

test('T56: whoever goes by night is asked once, whatever it costs', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const people = Array.from({ length: 9 }, (_, at) => `u${at}`)
  const group = await stage.group('Ruled')
  await stage.boss('PUT', `/groups/${group}/rule`, { rule: "name == 'nobody'" })
  await stage.commit((draft) => {
    for (const id of people) draft.put('user', id, { name: id })
  })
  await stage.commit((draft) => {
    for (const id of people) draft.write(`group:${group}`, 'rule_member', `user:${id}`)
  })
  everybodyIsDear()
  const repairs: Repair[] = []
  // Two in a commit.
  await sweep(directory.ground, { org: stage.id }, slicesOf(7), (repair) => repairs.push(repair))
  expect(repairs.reduce((sum, { removed }) => sum + removed, 0)).toBe(people.length)
  expect(repairs.length).toBeLessThan(people.length)
})
