/** A rule asked of many people: after the commit, in slices, cut off and begun anew; and what the night finds. */
import { EventEmitter, once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { evaluate } from '../../src/directory/rules/reevaluation.ts'
import { type Repair, sweep } from '../../src/directory/rules/sweep.ts'
import { createApp } from '../../src/http/app.ts'
import { type RuleUser, ruleUser } from '../../src/model/rule/user.ts'
import { kithOn } from '../../src/service/open.ts'
import { type Directory, openDirectory, sharedDirectory } from './http.ts'
import { plant as sow } from './plant.ts'
import { patch, providerOf, urn } from './scim/provider.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const departments = ['Sales', 'Support', 'Legal']
const many = 1300

async function crowded(
  count = many,
  on = directory,
): Promise<Stage & { readonly ruled: string; readonly path: string }> {
  const stage = await stageOf(on, 'enterprise')
  await stage.commit((draft) => {
    for (let at = 0; at < count; at++) {
      const department = departments[at % 3] ?? ''
      draft.put('user', `u${at}`, { name: `U ${at}`, email: `u${at}@x.test`, attributes: { department, at } })
    }
  })
  const group = await stage.group('Ruled')
  return { ...stage, ruled: group, path: `/groups/${group}/rule` }
}

const byRule = async (stage: Stage & { readonly ruled: string }) =>
  (
    await stage.directory.ground.service.storage
      .view(stage.id)
      .tuples({ object: `group:${stage.ruled}`, relation: 'rule_member' }, 5000)
  ).rows

test('T56: a rule that costs much, asked of everybody in its commit, lets others have their turns', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const list = Array.from({ length: 60 }, () => '')
  const attributes = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, list]))
  await stage.commit((draft) => {
    for (let at = 0; at < 100; at++) draft.put('user', `u${at}`, { name: `U ${at}`, attributes })
  })
  const group = await stage.group('Ruled')
  const rule = "attrs.exists(k, attrs[k].exists(v, v == 'x'))"
  const turns = async (fields: object) => {
    let [count, isOver] = [0, false]
    const turn = () => {
      count++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const { status } = await stage.boss('PUT', `/groups/${group}/rule`, { rule, ...fields })
    isOver = true
    expect(status).toBe(200)
    return count
  }
  expect(await turns({ confirm: true })).toBeGreaterThan(10)
  // Looked at beforehand as well.
  expect(await turns({})).toBeGreaterThan(20)
})

/** People without end. @returns what resolves when the first is asked for, and when no more are */
function endless(directory: Directory) {
  const tell = new EventEmitter()
  const crowd = new Map<string, RuleUser>()
  crowd[Symbol.iterator] = function* () {
    tell.emit('begun')
    try {
      for (let at = 0; ; at++) yield [`u${at}`, ruleUser({ email: `u${at}@x.test` }, [])]
    } finally {
      tell.emit('ended')
    }
  }
  vi.spyOn(directory.ground.people, 'of').mockResolvedValue(crowd)
  return { begun: once(tell, 'begun'), ended: once(tell, 'ended') }
}

test('a preview whose client is gone is not gone on with', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const { begun, ended } = endless(directory)
  onTestFinished(() => void vi.restoreAllMocks())
  const leaving = new AbortController()
  const asked = fetch(`${directory.address}/v1/orgs/${stage.id}/rules/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'kith-actor': 'user:boss' },
    body: JSON.stringify({ rule: "email == 'x'" }),
    signal: leaving.signal,
  })
  await begun
  leaving.abort()
  await expect(asked).rejects.toThrow('aborted')
  await ended
})

test('a preview that takes too long is told so, and is not gone on with', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const { ended } = endless(directory)
  onTestFinished(() => void vi.restoreAllMocks())
  const app = createApp(kithOn(directory.ground.service), {
    directory: directory.ground,
    requestTimeoutMs: 50,
  })
  const answer = await app.request(`/v1/orgs/${stage.id}/rules/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'kith-actor': 'user:boss' },
    body: JSON.stringify({ rule: "email == 'x'" }),
  })
  expect(await answer.json()).toMatchObject({ error: { code: 'deadline_exceeded' } })
  await ended
})

test('T56: a rule over many is asked of everybody after it is set, and says how far it is', async () => {
  const stage = await crowded()
  const set = await stage.boss('PUT', stage.path, { rule: "department == 'Sales'" })
  expect([set.status, set.body.evaluation]).toMatchObject([
    200,
    { state: 'running', why: 'the rule was set', done: 0, added: 0, endedAt: null },
  ])
  // Who is changed meanwhile is asked at once.
  await stage.boss('POST', '/users', { id: 'zoe', attributes: { department: 'Sales' } })
  expect((await stage.boss('GET', `/groups/${stage.ruled}/members/zoe`)).status).toBe(200)
  await directory.ground.errands.settled()
  const { body } = await stage.boss('GET', stage.path)
  expect(body.evaluation).toMatchObject({ state: 'done', added: 434, errors: 0 })
  expect(body.evaluation.total).toBeGreaterThan(many)
  expect(body.evaluation.done).toBe(body.evaluation.total)
  expect(await byRule(stage)).toHaveLength(435)
  const refused = await stage.boss('PUT', stage.path, { rule: "department == 'Legal'" })
  expect(refused.body.error).toMatchObject({
    code: 'confirm_required',
    willAdd: 433,
    willRemove: 435,
    members: 435,
  })
  await stage.boss('PUT', stage.path, { rule: "department == 'Legal'", confirm: true })
  await directory.ground.errands.settled()
  expect((await stage.boss('GET', stage.path)).body.evaluation).toMatchObject({ added: 433, removed: 435 })
  const rows = await byRule(stage)
  expect(rows).toHaveLength(433)
  // Written once each: the log of the organization has no member twice.
  const changes = await stage.boss('GET', `/changes?source=rule&action=member.add&pageSize=200`)
  expect(changes.body.changes).toHaveLength(200)
})

test('T56: begun anew, switched off and deleted while it runs', async () => {
  const stage = await crowded()
  const set = (body: object) => stage.boss('PUT', stage.path, { confirm: true, ...body })
  // The first is given up for the second, whatever it has done by then.
  await set({ rule: "department == 'Sales'" })
  await set({ rule: "department == 'Support'" })
  await directory.ground.errands.settled()
  expect((await byRule(stage)).map(({ subject }) => Number(subject.slice(6)) % 3)).toEqual(Array(433).fill(1))
  await set({ rule: 'true' })
  await stage.boss('POST', `${stage.path}/disable`)
  await directory.ground.errands.settled()
  const kept = await byRule(stage)
  expect(kept.length).toBeLessThan(many)
  expect((await stage.boss('GET', stage.path)).body).toMatchObject({
    enabled: false,
    evaluation: { state: 'done' },
  })
  await stage.boss('POST', `${stage.path}/enable`)
  await stage.boss('DELETE', stage.path)
  await directory.ground.errands.settled()
  expect(await byRule(stage)).toEqual([])
})

test('T56: a run that is cut off in any place is taken up where it was', async () => {
  const own = await openDirectory()
  const { ground } = own
  const stage = await crowded(many, own)
  await ground.errands.stop()
  await stage.boss('PUT', stage.path, { rule: "department == 'Sales'" })
  const { storage } = ground.service
  const [errand] = (await storage.view(stage.id).entities('@errand', 10, undefined, 'rules/')).rows
  expect(errand?.id).toBe(`rules/${stage.ruled}`)
  const run = (signal: AbortSignal) =>
    evaluate(
      ground,
      { org: stage.id, id: `rules/${stage.ruled}`, attributes: errand?.attributes ?? {} },
      signal,
    )
  const cut = new AbortController()
  const off = storage.onApplied(() => cut.abort())
  await expect(run(cut.signal)).rejects.toThrow()
  off()
  expect(await byRule(stage)).toHaveLength(200)
  expect((await stage.boss('GET', stage.path)).body.evaluation).toMatchObject({
    state: 'running',
    added: 200,
    total: many + 1,
    done: many + 1 - 234,
  })
  // The night does not take it for a fault, and leaves it alone.
  const repairs: Repair[] = []
  await sweep(ground, { org: stage.id }, new AbortController().signal, (each) => repairs.push(each))
  expect([repairs, (await byRule(stage)).length]).toEqual([[], 200])
  await run(new AbortController().signal)
  expect(await byRule(stage)).toHaveLength(434)
  expect((await stage.boss('GET', stage.path)).body.evaluation).toMatchObject({ state: 'done', added: 434 })
  expect((await storage.view(stage.id).entities('@errand', 10, undefined, 'rules/')).rows).toEqual([])
})

test('T56: the night finds nothing, and puts right what came past the rules', async () => {
  const stage = await crowded(30)
  await stage.boss('PUT', stage.path, { rule: "department == 'Sales'" })
  const { ground } = directory
  const repairs: Repair[] = []
  const night = () =>
    sweep(ground, { org: stage.id }, new AbortController().signal, (repair) => repairs.push(repair))
  const before = ground.service.storage.view(stage.id).revision
  await night()
  expect(repairs).toEqual([])
  expect(ground.service.storage.view(stage.id).revision).toBe(before)
  const [errand] = (
    await ground.service.storage.view(stage.id).entities('@errand', 10, undefined, 'rule-sweep')
  ).rows
  const due = Number(errand?.attributes.due)
  expect([3, 4]).toContain(new Date(due).getUTCHours())
  expect([due > Date.now(), due < Date.now() + 24.1 * 3_600_000]).toEqual([true, true])
  await sow(directory, stage, (garden) => {
    garden.byRule(stage.ruled, 'u1')
    garden.notByRule(stage.ruled, 'u0')
  })
  await night()
  expect(repairs).toEqual([{ org: stage.id, group: stage.ruled, added: 1, removed: 1 }])
  expect((await byRule(stage)).map(({ subject }) => subject)).not.toContain('user:u1')
  const { body } = await stage.boss('GET', '/logs?type=auto_assignment&pageSize=2')
  expect(body.logs.map(({ user, why }: { user: string; why: string }) => [user, why])).toEqual([
    ['u0', 'the nightly sweep found it'],
    ['u1', 'the nightly sweep found it'],
  ])
  await stage.boss('DELETE', stage.path)
  await night()
  expect((await ground.service.storage.view(stage.id).entities('@errand', 10)).rows).toEqual([])
})

test('T56: a rule that looks at the clock is followed at night, and that is no repair', async () => {
  let now = Date.parse('2026-03-01T12:00:00Z')
  const clocked = await openDirectory({ now: () => now })
  const stage = await stageOf(clocked, 'enterprise')
  const group = await stage.group('Probation over')
  await stage.boss('POST', '/users', { id: 'ann', attributes: { since: '2026-02-01T00:00:00Z' } })
  const rule = "has(attrs.since) && now - timestamp(attrs.since) > duration('720h')"
  expect((await stage.boss('PUT', `/groups/${group}/rule`, { rule })).body.evaluation).toMatchObject({
    added: 0,
  })
  now += 3 * 86_400_000
  const repairs: Repair[] = []
  const { signal } = new AbortController()
  await sweep(clocked.ground, { org: stage.id }, signal, (repair) => repairs.push(repair))
  expect((await stage.boss('GET', `/groups/${group}/members/ann`)).body).toMatchObject({
    sources: ['rule'],
  })
  expect(repairs).toEqual([])
})

test("T49: by the identity provider's groups and attributes, in the commit that changes them", async () => {
  const stage = await crowded(3)
  const provider = providerOf(directory, stage.id)
  const members = async () => (await byRule(stage)).map(({ subject }) => subject.slice(5))
  const sales = { [urn.enterprise]: { department: 'Field' } }
  const ann = await provider.user('ann@x.test', { schemas: [urn.user, urn.enterprise], ...sales })
  const bob = await provider.user('bob@x.test')
  const set = await stage.boss('PUT', stage.path, { rule: "department == 'Field' || 'Sales Team' in groups" })
  expect([set.status, await members()]).toEqual([200, [ann]])
  const group = await provider.group('Sales Team', [bob])
  expect(await members()).toEqual([ann, bob].sort())
  const { body } = await stage.boss('POST', '/rules/preview', {
    rule: `'${group}' in groups`,
    group: stage.ruled,
    users: [ann, bob],
  })
  expect(body).toMatchObject({ willAdd: 0, willRemove: 1, users: [{ result: 'out' }, { result: 'in' }] })
  const change = (path: string, ...operations: readonly object[]) =>
    provider.ask('PATCH', path, patch(...operations))
  await change(`/Groups/${group}`, { op: 'replace', path: 'displayName', value: 'Support Team' })
  expect(await members()).toEqual([ann])
  await change(`/Groups/${group}`, { op: 'replace', path: 'displayName', value: 'Sales Team' })
  await change(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: ann }] })
  expect(await members()).toEqual([ann, bob].sort())
  await change(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${bob}"]` })
  expect(await members()).toEqual([ann])
  await change(`/Users/${ann}`, { op: 'replace', path: 'active', value: false })
  expect(await members()).toEqual([])
  await change(`/Users/${ann}`, { op: 'replace', path: 'active', value: true })
  await change(`/Users/${ann}`, { op: 'remove', path: `${urn.enterprise}:department` })
  expect(await members()).toEqual([ann])
  expect((await provider.ask('DELETE', `/Groups/${group}`)).status).toBe(204)
  expect(await members()).toEqual([])
  const repairs: Repair[] = []
  await sweep(directory.ground, { org: stage.id }, new AbortController().signal, (each) => repairs.push(each))
  expect(repairs).toEqual([])
})

test('T57: the log keeps the newest 10,000, and of one change 100 errors', async () => {
  const stage = await crowded(400)
  await stage.boss('PUT', stage.path, { rule: 'attrs.none > 1' })
  const logs = (query: string) => stage.boss('GET', `/logs?type=auto_assignment&pageSize=200${query}`)
  expect((await logs('&event=error')).body.logs).toHaveLength(100)
  expect((await stage.boss('GET', stage.path)).body.evaluation).toMatchObject({ errors: 401 })
  for (let round = 0; round < 13; round++) {
    await stage.boss('PUT', stage.path, { rule: 'has(attrs.at)', confirm: true })
    await stage.boss('PUT', stage.path, { rule: 'attrs.at < -1 && has(attrs.at)', confirm: true })
  }
  let seen = 0
  for (let token = ''; ; ) {
    const page = await logs(token === '' ? '' : `&continuationToken=${token}`)
    seen += page.body.logs.length
    token = page.body.continuationToken
    if (token === '') break
  }
  expect(seen).toBe(10_000)
  expect(
    (await logs('&event=error')).body.logs.filter(({ user }: { user: string }) => user === 'u0'),
  ).toEqual([])
})
