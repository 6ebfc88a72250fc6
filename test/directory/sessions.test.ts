/** How fresh answers are: grants and removals on the next check, tokens, sessions begun anew, and how old a decision may be. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Answer, sharedDirectory } from './http.ts'
import { ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const ask = (stage: Stage, object: string, more: object = {}, headers = {}): Promise<Answer> =>
  directory.ask(
    'POST',
    `/v1/orgs/${stage.id}/check`,
    { user: 'ann', relation: 'can_query', object, ...more },
    headers,
  )
const refresh = (stage: Stage, body: object = { user: 'ann' }, headers = {}): Promise<Answer> =>
  directory.ask('POST', `/v1/orgs/${stage.id}/sessions/refresh`, body, headers)

test('T23, T31, T69: a grant at once by each consistency and after a refresh, and a removal whatever is in memory', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.user('ann')
  const group = await stage.group('G', { members: ['boss'] })
  await stage.resource('agent', 'a')
  ok(await stage.attach(group, 'agent', ['a']), 201)
  const allowed = async (more: object = {}, headers = {}) => {
    const answer = ok(await ask(stage, 'agent:a', more, headers), 200)
    const age = Number(answer.headers.get('x-decision-age'))
    expect(Number.isInteger(age) && age >= 0 && age <= 300).toBe(true)
    return answer.body.allowed
  }
  for (let round = 0; round < 3; round++) {
    for (let warm = 0; warm < 3; warm++) expect(await allowed()).toBe(false)
    await stage.join(group, 'ann')
    expect(await allowed({ consistency: 'full' })).toBe(true)
    expect(await allowed({ consistency: 'minimize_latency' })).toBe(true)
    const session = ok(await refresh(stage), 200)
    expect(session.body).toMatchObject({
      user: { id: 'ann', role: 'readonly' },
      groups: [{ id: group, name: 'G', role: 'member' }],
      maxAge: 300,
    })
    const { zookie } = session.body
    expect(session.headers.get('kith-zookie')).toBe(zookie)
    expect(await allowed({ consistency: `at_least(${zookie})` })).toBe(true)
    expect(await allowed({}, { 'kith-at-least-as-fresh': zookie })).toBe(true)
    expect(await allowed()).toBe(true)
    await stage.leave(group, 'ann')
    expect(await allowed()).toBe(false)
    expect(await allowed({ consistency: `at_least(${zookie})` })).toBe(false)
  }
})

test('T69: what was decided is as old as it says, and not older than the window', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const [child, group] = [await stage.group('Child'), await stage.group('G')]
  const move = async (parentId: string | null) =>
    ok(await stage.boss('PATCH', `/groups/${child}`, { parentId }), 200)
  await move(group)
  let ahead = 0
  const now = performance.now.bind(performance)
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
  onTestFinished(() => spy.mockRestore())
  const age = async () => {
    // Questions of one millisecond share a view, and that the clock was put forward within it is nothing they could see.
    for (const instant = Date.now(); Date.now() === instant; );
    // Of everybody in the child, which might be archived: that takes a walk, and is kept.
    const body = { user: `group:${child}#member`, relation: 'can_view', object: `group:${group}` }
    const answer = ok(await directory.ask('POST', `/v1/orgs/${stage.id}/check`, body), 200)
    expect(answer.body.allowed).toBe(true)
    return Number(answer.headers.get('x-decision-age'))
  }
  expect(await age()).toBe(0)
  ahead = 120_000
  expect(await age()).toBeGreaterThanOrEqual(119)
  ahead = 290_000
  expect(await age()).toBeGreaterThanOrEqual(289)
  ahead = 301_000
  expect(await age()).toBe(0)
  ahead = 320_000
  expect(await age()).toBeGreaterThanOrEqual(18)
  // What bears on it ends it at once.
  await move(null)
  await move(group)
  expect(await age()).toBe(0)
})

test('T23: whose session it is, and how fresh, is said once and rightly', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.user('ann')
  const other = await stageOf(directory, 'enterprise')
  refused(await refresh(other), 404, 'not_found')
  refused(await refresh(stage, { user: 'nobody' }), 404, 'not_found')
  refused(await refresh(stage, {}), 403, 'actor_required', 'user')
  refused(await refresh(stage, { user: 7 }), 422, 'invalid_field', 'user')
  expect(ok(await refresh(stage, {}, { 'kith-actor': 'user:ann' }), 200).body.user.id).toBe('ann')
  const { zookie } = ok(await refresh(stage), 200).body
  for (const consistency of ['fast', 'at_least()', 'at_least(x y)', 7]) {
    refused(await ask(stage, 'agent:a', { consistency }), 422, 'invalid_field', 'consistency')
  }
  const twice = await ask(
    stage,
    'agent:a',
    { consistency: `at_least(${zookie})` },
    { 'kith-at-least-as-fresh': zookie },
  )
  refused(twice, 422, 'invalid_field', 'consistency')
  expect((await ask(stage, 'agent:a', { consistency: 'at_least(forged)' })).status).toBe(400)
  // A token of another organization says nothing here.
  const foreign = ok(
    await directory.ask('GET', `/v1/orgs/${other.id}`, undefined, { 'kith-actor': 'user:boss' }),
    200,
  )
  const theirs =
    foreign.headers.get('kith-zookie') ??
    ok(await other.boss('GET', '/users'), 200).headers.get('kith-zookie')
  expect((await ask(stage, 'agent:a', { consistency: `at_least(${theirs})` })).status).toBe(400)
})
