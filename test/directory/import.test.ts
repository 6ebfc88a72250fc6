/** Members from a file: seen, then confirmed, exactly once. */
import { describe, expect, test } from 'vitest'
import { actForPlatform } from '../../src/directory/act.ts'
import { enterUser } from '../../src/directory/people/users.ts'
import { sharedDirectory } from './http.ts'
import { type Stage, stageOf } from './stage.ts'
import { type Uploads, uploadsTo } from './upload.ts'

let now = Date.parse('2026-11-22T12:00:00Z')
const directory = await sharedDirectory({ now: () => now })

const people = ['ann', 'bob', 'cyd', 'dan', 'eve'] as const

async function setting(preset = 'enterprise'): Promise<Uploads & { readonly stage: Stage }> {
  const stage = await stageOf(directory, preset)
  await stage.people(...people)
  return { stage, ...uploadsTo(directory, stage, await stage.group('Sales')) }
}

const mail = (id: string) => `${id}@example.com`

/** The lines of a file, below its header. */
const lines = (...rows: readonly string[]) => `email,role\n${rows.join('\n')}\n`

const rowsOf = (rows: readonly { readonly row: number }[]) => rows.map(({ row }) => row)

describe.each(['enterprise', 'default'])('%s', (preset) => {
  test('T24, T25: the template is a file of its header alone', async () => {
    const { stage, members } = await setting(preset)
    const { status, body, headers } = await stage.boss('GET', `${members}/import-template.csv`)
    expect([status, body]).toEqual([200, 'email,role\r\n'])
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="members.csv"')
  })

  test('T27, T28: a preview writes nothing, and is confirmed once', async () => {
    const { stage, members, upload, confirm, get, roles } = await setting(preset)
    await stage.boss('POST', members, { user: 'dan' })
    const before = await roles()
    const file = `email,role\n${mail('ann')},member\n${mail('bob')},Manager\n${mail('cyd')},\n${mail('dan')},member\nnobody,member\n`
    const { status, body } = await upload(file)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'pending',
      counts: { rows: 5, blank: 0, added: 3, changed: 0, skipped: 1, errors: 1 },
      added: [
        { row: 2, email: mail('ann'), user: 'ann', role: 'member' },
        { row: 3, email: mail('bob'), user: 'bob', role: 'manager' },
        { row: 4, email: mail('cyd'), user: 'cyd', role: 'member' },
      ],
      changed: [],
      skipped: [{ row: 5, email: mail('dan'), reason: 'same_role' }],
      errors: [{ row: 6, column: 'email', value: 'nobody', code: 'invalid_email' }],
      warnings: [],
    })
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(15 * 60_000)
    expect(await roles()).toEqual(before)
    expect((await get(body.importId)).body).toEqual(body)
    const first = await confirm(body.importId)
    const { expiresAt: _, ...said } = body
    expect(first).toMatchObject({
      status: 200,
      body: { ...said, status: 'confirmed', mode: 'valid_only', alreadyConfirmed: false },
    })
    expect(await roles()).toEqual([...before, 'ann member', 'bob manager', 'cyd member'].sort())
    const again = await confirm(body.importId, { mode: 'all_or_nothing' })
    expect(again).toMatchObject({ status: 200, body: { ...first.body, alreadyConfirmed: true } })
    expect(await roles()).toHaveLength(before.length + 3)
  })
})

test('T26: a role that is none is an error of its row, and says what there is', async () => {
  const { upload } = await setting()
  const { body } = await upload(
    lines(`${mail('ann')},boss`, `${mail('bob')},MANAGER`, `${mail('cyd')}, member `),
  )
  expect(body.errors).toEqual([
    {
      row: 2,
      column: 'role',
      value: 'boss',
      code: 'unknown_role',
      message: 'found `boss`, expected one of manager, member: put in one of them',
      expected: 'one of manager, member',
      hint: 'put in one of them',
    },
  ])
  expect(body.added.map(({ role }: { role: string }) => role)).toEqual(['manager', 'member'])
})

test('T26: another role is a change, by any word of the product, and is shown as one', async () => {
  const { stage, members, upload, confirm, roles } = await setting('default')
  await stage.boss('POST', members, { user: 'ann', role: 'member' })
  await stage.boss('POST', members, { user: 'bob', role: 'owner' })
  const { body } = await upload(
    lines(`${mail('ann')},Editor`, `${mail('bob')},viewer`, `${mail('cyd')},VIEWER`),
  )
  expect(body).toMatchObject({
    changed: [
      { row: 2, user: 'ann', from: 'member', role: 'manager' },
      { row: 3, user: 'bob', from: 'owner', role: 'member' },
    ],
    added: [{ row: 4, user: 'cyd', role: 'member' }],
  })
  expect((await confirm(body.importId)).status).toBe(200)
  expect(await roles()).toEqual(['ann manager', 'bob member', 'boss owner', 'cyd member'])
  const same = await upload(lines(`${mail('ann')},`, `${mail('bob')},member`))
  expect(same.body.skipped).toEqual([
    { row: 2, email: mail('ann'), reason: 'already_member' },
    { row: 3, email: mail('bob'), reason: 'same_role' },
  ])
})

test('T27: of a file in which all is wrong nothing is planned, and nothing is done', async () => {
  const { preview, confirm, roles, get } = await setting()
  const id = await preview(lines('x,member', `${mail('ghost')},member`))
  const { body } = await get(id)
  expect(body.errors.map(({ code }: { code: string }) => code)).toEqual(['invalid_email', 'unknown_user'])
  const before = await roles()
  expect((await confirm(id)).body.counts).toMatchObject({ added: 0, errors: 2 })
  expect(await roles()).toEqual(before)
})

test('T28: twenty confirm at once, and it is done once', async () => {
  const { stage, preview, confirm, roles } = await setting()
  const id = await preview(lines(`${mail('ann')},member`, `${mail('bob')},manager`))
  const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(id)))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  expect(answers.filter(({ body }) => !body.alreadyConfirmed)).toHaveLength(1)
  expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, alreadyConfirmed: null }))).size).toBe(1)
  expect(await roles()).toEqual(expect.arrayContaining(['ann member', 'bob manager']))
  const log = await stage.boss('GET', '/changes?source=csv')
  expect(log.body.changes).toHaveLength(2)
})

test('T28: what has expired is gone, for ever, and in the end forgotten', async () => {
  const { preview, confirm, get, roles, upload } = await setting()
  const id = await preview(lines(`${mail('ann')},member`))
  now += 15 * 60_000 - 1
  expect((await get(id)).status).toBe(200)
  now += 1
  const gone = { status: 410, body: { error: { code: 'import_expired', hint: 'upload the file again' } } }
  for (const answer of [await confirm(id), await get(id), await get(`${id}/rejected.csv`)]) {
    expect(answer).toMatchObject(gone)
  }
  expect(await roles()).not.toContain('ann member')
  // The errand of the next one wakes the sweep.
  await upload(lines())
  await directory.ground.errands.settled()
  expect(await confirm(id)).toMatchObject(gone)
  now += 24 * 60 * 60_000
  await upload(lines())
  await directory.ground.errands.settled()
  expect((await confirm(id)).status).toBe(404)
})

test('T28: swept: nothing of a file stays behind', async () => {
  const { stage, preview, confirm, upload } = await setting()
  const kept = async () => {
    const view = directory.ground.service.storage.view(stage.id)
    const types = ['@import', '@import-rows', '@errand']
    const found = await Promise.all(types.map(async (type) => (await view.entities(type, 100)).rows))
    return found.map((rows) => rows.length)
  }
  await preview(lines(`${mail('ann')},member`))
  await confirm(await preview(lines(`${mail('bob')},member`)))
  expect(await kept()).toEqual([2, 2, 2])
  now += 15 * 60_000
  const last = await upload(lines())
  await directory.ground.errands.settled()
  expect(await kept()).toEqual([3, 2, 3])
  expect((await stage.boss('DELETE', `/groups/x/members/imports/${last.body.importId}`)).status).toBe(404)
  now += 24 * 60 * 60_000
  await upload(lines())
  await directory.ground.errands.settled()
  // The last one and the one whose preview has just expired, of which its end is known for a day.
  expect(await kept()).toEqual([2, 1, 2])
})

test("T28: an import is its maker's, of its group, of its organization", async () => {
  const one = await setting()
  const other = await setting()
  const id = await one.preview(lines(`${mail('ann')},member`))
  await one.stage.people(['zoe', 'admin'])
  const elsewhere = await one.stage.group('Elsewhere')
  const routes = [
    ['GET', ''],
    ['GET', '/rejected.csv'],
    ['POST', '/confirm'],
    ['DELETE', ''],
  ] as const
  for (const [method, path] of routes) {
    const at = `${one.members}/imports/${id}${path}`
    expect((await one.stage.as('zoe')(method, at)).status).toBe(404)
    expect((await one.stage.boss(method, `/groups/${elsewhere}/members/imports/${id}${path}`)).status).toBe(
      404,
    )
    expect((await other.stage.boss(method, at)).status).toBe(404)
    expect((await other.stage.boss(method, `${other.members}/imports/${id}${path}`)).status).toBe(404)
    for (const wrong of ['imp_000000000000', '..%2F..', '__proto__', 'x'.repeat(600)]) {
      expect((await one.stage.boss(method, `${one.members}/imports/${wrong}${path}`)).status).toBe(404)
    }
  }
  expect((await one.confirm(id)).body.counts.added).toBe(1)
})

test('T29: a thousand rows are imported, and of a thousand and one none', async () => {
  const { stage, upload, confirm, roles } = await setting()
  await crowd(stage, 1000)
  const all = Array.from({ length: 1000 }, (_, at) => `u${at}@crowd.example,member`)
  const before = await roles()
  const refused = await upload(lines(...all, `${mail('ann')},member`))
  expect(refused).toMatchObject({
    status: 422,
    body: { error: { code: 'too_many_rows', field: 'file', hint: 'split it into several files' } },
  })
  const { status, body } = await upload(lines(...all))
  expect([status, body.counts]).toEqual([
    201,
    { rows: 1000, blank: 0, added: 1000, changed: 0, invited: 0, skipped: 0, errors: 0 },
  ])
  expect(await roles()).toEqual(before)
  expect((await confirm(body.importId, { mode: 'all_or_nothing' })).body.counts.added).toBe(1000)
  expect(await roles()).toHaveLength(before.length + 1000)
  expect((await upload(lines(...all))).body.counts).toMatchObject({ added: 0, skipped: 1000 })
})

/** Many users in one commit: `uN@crowd.example`. */
async function crowd({ id: org }: Stage, count: number): Promise<void> {
  await actForPlatform(directory.ground, { org, provenance: {} }, (draft) => {
    const role = draft.preset.organization.roles.at(-1)
    if (role === undefined) throw new Error('the preset has no roles')
    for (let at = 0; at < count; at++) enterUser(draft, `u${at}`, { email: `u${at}@crowd.example` }, role)
  })
}

describe('a confirmation', () => {
  test('all or nothing: one row that is wrong, and none is imported', async () => {
    const { preview, confirm, roles } = await setting()
    const id = await preview(lines(`${mail('ann')},member`, 'x,member', `${mail('bob')},chief`))
    const before = await roles()
    expect(await confirm(id, { mode: 'all_or_nothing' })).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'rows_rejected',
          message: 'nothing was imported: not all rows can be, see 3, 4',
          errors: [
            { row: 3, code: 'invalid_email' },
            { row: 4, code: 'unknown_role' },
          ],
        },
      },
    })
    expect(await roles()).toEqual(before)
    expect((await confirm(id, { mode: 'valid_only' })).body).toMatchObject({
      counts: { added: 1, errors: 2 },
    })
  })

  test('what changed since the preview is rejected, what came true is skipped', async () => {
    const { stage, members, preview, confirm, roles } = await setting()
    const { boss } = stage
    await boss('POST', members, { user: 'eve' })
    const rows = people.map((id) => `${mail(id)},${id === 'eve' ? 'manager' : 'member'}`)
    const ids = [await preview(lines(...rows)), await preview(lines(...rows))]
    // ann comes in as more than was shown, bob as just that; cyd goes; dan's address is another's; eve is out.
    await boss('POST', members, { user: 'ann', role: 'manager' })
    await boss('POST', members, { user: 'bob' })
    await boss('DELETE', '/users/cyd')
    await boss('PATCH', '/users/dan', { email: 'daniel@example.com' })
    await boss('POST', '/users', { id: 'dan2', email: mail('dan') })
    await boss('DELETE', `${members}/eve`)
    const before = await roles()
    const none = await confirm(ids[0] ?? '', { mode: 'all_or_nothing' })
    expect(rowsOf(none.body.error.errors)).toEqual([2, 4, 5, 6])
    expect(none.body.error.errors.map(({ code }: { code: string }) => code)).toEqual([
      'changed_since_preview',
      'unknown_user',
      'changed_since_preview',
      'changed_since_preview',
    ])
    const { body } = await confirm(ids[1] ?? '')
    expect(body.errors).toEqual(none.body.error.errors)
    expect(body).toMatchObject({
      skipped: [{ row: 3, reason: 'same_role' }],
      counts: { added: 0, changed: 0, skipped: 1, errors: 4 },
    })
    expect(await roles()).toEqual(before)
  })

  test('says of each row who did it, whence, and by which import', async () => {
    const { stage, members, group, preview, confirm } = await setting('default')
    await stage.boss('POST', members, { user: 'ann', role: 'member' })
    const newest = async () => (await stage.boss('GET', '/changes?pageSize=1')).body.changes[0].revision
    const before = await newest()
    const id = await preview(
      lines(`${mail('ann')},manager`, `${mail('bob')},member`, `${mail('boss')},owner`),
    )
    // A preview is no change of anything.
    expect(await newest()).toBe(before)
    await confirm(id)
    const { body } = await stage.boss('GET', '/changes?source=csv')
    const said = { actor: 'user:boss', source: 'csv', importId: id, target: `group:${group}` }
    expect(body.changes).toMatchObject([
      {
        ...said,
        action: 'member.change',
        subject: 'user:ann',
        old: { role: 'member' },
        new: { role: 'manager' },
      },
      { ...said, action: 'member.add', subject: 'user:bob', new: { role: 'member' } },
    ])
    expect(
      new Set(rowsOf(body.changes.map((each: { revision: number }) => ({ row: each.revision })))).size,
    ).toBe(1)
  })

  test('as a dry run tells who would gain what, and does nothing', async () => {
    const { stage, members, preview, confirm, roles } = await setting()
    const id = await preview(lines(`${mail('ann')},member`))
    const before = await roles()
    const dry = await stage.boss('POST', `${members}/imports/${id}/confirm?dryRun=true`, {})
    expect(dry.body).toMatchObject({ dryRun: true, result: { status: 'confirmed', counts: { added: 1 } } })
    expect(dry.body.rows.length).toBeGreaterThan(0)
    expect(await roles()).toEqual(before)
    expect((await confirm(id)).body.alreadyConfirmed).toBe(false)
  })

  test.each([
    [{ mode: 'some' }, 'mode'],
    [{ more: 1 }, 'more'],
    [[], 'body'],
  ])('of %j is refused, and nothing is done', async (body, field) => {
    const { preview, confirm, roles } = await setting()
    const id = await preview(lines(`${mail('ann')},member`))
    const before = await roles()
    expect(await confirm(id, body)).toMatchObject({ status: 422, body: { error: { field } } })
    expect(await roles()).toEqual(before)
  })

  test('can be forgone: discarded is not found, and what was done stays', async () => {
    const { stage, members, preview, confirm, roles } = await setting()
    const [one, two] = [await preview(lines(`${mail('ann')},`)), await preview(lines(`${mail('bob')},`))]
    await confirm(two)
    for (const id of [one, two]) {
      const at = `${members}/imports/${id}`
      expect((await stage.boss('DELETE', `${at}?dryRun=true`)).status).toBe(200)
      expect((await stage.boss('DELETE', at)).status).toBe(204)
      expect((await stage.boss('DELETE', at)).status).toBe(404)
      expect((await confirm(id)).status).toBe(404)
    }
    expect(await roles()).toContain('bob member')
    expect(await roles()).not.toContain('ann member')
  })
})

describe('what is guarded', () => {
  test('nobody gives more by a file than by hand', async () => {
    const { stage, members, upload, confirm, roles } = await setting()
    await stage.boss('POST', members, { user: 'ann', role: 'manager' })
    await stage.boss('POST', members, { user: 'dan', role: 'manager' })
    await stage.boss('POST', members, { user: 'eve', role: 'member' })
    const rows = [
      `${mail('bob')},manager`,
      `${mail('cyd')},member`,
      `${mail('dan')},member`,
      `${mail('eve')},manager`,
    ]
    const { body } = await upload(lines(...rows), 'ann')
    expect(body).toMatchObject({
      added: [{ row: 3, user: 'cyd' }],
      changed: [],
      errors: [2, 4, 5].map((row) => ({ row, column: 'role', code: 'role_not_allowed' })),
    })
    expect((await confirm(body.importId, {}, 'ann')).status).toBe(200)
    expect(await roles()).toEqual(expect.arrayContaining(['cyd member', 'dan manager', 'eve member']))
    expect((await stage.as('ann')('POST', members, { user: 'bob', role: 'manager' })).status).toBe(403)
  })

  test('who may not import is refused before the file is looked at, member or not', async () => {
    const { stage, members, upload } = await setting()
    await stage.boss('POST', members, { user: 'ann' })
    expect((await upload('"', 'ann')).body.error.code).toBe('forbidden')
    expect([403, 404]).toContain((await upload('"', 'bob')).status)
    expect((await upload('"', 'nobody')).status).toBe(404)
    for (const path of ['import-template.csv', 'imports/imp_000000000000']) {
      expect((await stage.as('ann')('GET', `${members}/${path}`)).status).toBe(403)
    }
  })

  test('rights are those of the moment of the confirmation', async () => {
    const { stage, members, preview, confirm } = await setting()
    await stage.boss('POST', members, { user: 'ann', role: 'manager' })
    const id = await preview(lines(`${mail('bob')},member`), 'ann')
    await stage.boss('PATCH', `${members}/ann`, { role: 'member' })
    expect((await confirm(id, {}, 'ann')).body.error.code).toBe('forbidden')
    await stage.boss('PATCH', `${members}/ann`, { role: 'manager' })
    expect((await confirm(id, {}, 'ann')).body.counts.added).toBe(1)
  })

  test('an archived group takes nobody, before the preview or after', async () => {
    const { stage, group, preview, upload, confirm } = await setting()
    const id = await preview(lines(`${mail('ann')},member`))
    await stage.boss('POST', `/groups/${group}/archive`)
    expect((await upload(lines(`${mail('ann')},member`))).body.error.code).toBe('archived')
    expect(await confirm(id)).toMatchObject({ status: 409, body: { error: { code: 'archived' } } })
    await stage.boss('POST', `/groups/${group}/unarchive`)
    expect((await confirm(id)).status).toBe(200)
  })

  test('a plan without groups takes nobody', async () => {
    const { stage, preview, upload, confirm } = await setting()
    const id = await preview(lines(`${mail('ann')},member`))
    await stage.plan('free')
    for (const { status, body } of [await upload(lines()), await confirm(id)]) {
      expect([status, body.error.code.split(':')[0]]).toEqual([403, 'plan_required'])
    }
  })

  test('whoever is inactive stays out, before the preview or after', async () => {
    const { stage, preview, upload, confirm, roles } = await setting()
    const rows = lines(`${mail('ann')},member`, `${mail('bob')},member`)
    const id = await preview(rows)
    expect((await stage.boss('PATCH', '/users/ann', { active: false })).status).toBe(200)
    const errors = [{ row: 2, column: 'email', code: 'inactive_user' }]
    expect((await upload(rows)).body).toMatchObject({ added: [{ user: 'bob' }], errors })
    expect((await confirm(id, { mode: 'all_or_nothing' })).body.error).toMatchObject({ errors })
    expect((await confirm(id)).body).toMatchObject({ counts: { added: 1 }, errors })
    expect(await roles()).not.toContain('ann member')
  })

  test('a group that is gone takes its imports with it', async () => {
    const { stage, group, preview, confirm } = await setting()
    const id = await preview(lines(`${mail('ann')},member`))
    await stage.boss('DELETE', `/groups/${group}`)
    expect((await confirm(id)).status).toBe(404)
  })

  test('somebody keeps a role that is kept', async () => {
    const { preview, get, confirm, roles } = await setting('default')
    const id = await preview(lines(`${mail('boss')},member`, `${mail('ann')},member`))
    expect((await get(id)).body).toMatchObject({
      counts: { added: 1 },
      errors: [{ row: 2, code: 'last_holder' }],
    })
    const handed = await preview(lines(`${mail('boss')},member`, `${mail('bob')},owner`))
    expect((await confirm(handed)).body.counts).toMatchObject({ added: 1, changed: 1, errors: 0 })
    expect(await roles()).toEqual(['bob owner', 'boss member'])
    // Whoever was the other owner is none by now.
    expect((await confirm(id, { mode: 'all_or_nothing' })).status).toBe(409)
  })

  test('somebody keeps a role that is kept, also when who was to take it over may not any more', async () => {
    const { stage, members, preview, confirm, roles } = await setting('default')
    const id = await preview(lines(`${mail('boss')},member`, `${mail('bob')},owner`, `${mail('ann')},member`))
    await stage.boss('POST', members, { user: 'bob', role: 'member' })
    expect((await confirm(id)).body).toMatchObject({
      counts: { added: 1, changed: 0, errors: 2 },
      errors: [
        { row: 2, code: 'last_holder' },
        { row: 3, code: 'changed_since_preview' },
      ],
    })
    expect(await roles()).toEqual(['ann member', 'bob member', 'boss owner'])
  })

  test.each([
    ['training', 422],
    ['sharing', 422],
    ['group-only', 422],
    ['client-portal', 403],
  ])('%s has no files', async (preset, status) => {
    const stage = await stageOf(directory, preset)
    const group = preset === 'client-portal' ? 'g' : await stage.group('G')
    const { upload, members } = uploadsTo(directory, stage, group)
    for (const answer of [await upload(lines()), await stage.boss('GET', `${members}/import-template.csv`)]) {
      expect([answer.status, answer.body.error.code]).toEqual([status, 'not_in_preset'])
    }
  })

  test('previews wait in bounded number, for each user and together', async () => {
    const { stage, preview, upload, confirm } = await setting()
    const ids: string[] = []
    for (let at = 0; at < 10; at++) ids.push(await preview(lines(`${mail('ann')},member`)))
    const refused = { status: 429, body: { error: { code: 'too_many_imports' } } }
    expect(await upload(lines())).toMatchObject(refused)
    await confirm(ids[0] ?? '')
    await preview(lines())
    expect(await upload(lines())).toMatchObject(refused)
    const admins = Array.from({ length: 9 }, (_, at) => `admin${at}`)
    await stage.people(...admins.map((id) => [id, 'admin'] as const))
    for (const admin of admins) for (let at = 0; at < 10; at++) await preview(lines(), admin)
    // A hundred wait and one is over: that one makes room, and after it nothing does.
    now += 1
    await stage.people(['last', 'admin'])
    expect(await upload(lines(), 'last')).toMatchObject(refused)
    now += 15 * 60_000
    await preview(lines(), 'last')
  })
})

describe('who is nobody yet', () => {
  const strangers = lines(
    'new@example.com,manager',
    'NEW@example.com,member',
    `${mail('ann')},`,
    'more@example.com,',
  )

  /** With `?invite=true`. */
  async function inviting(uploads: Awaited<ReturnType<typeof setting>>, file: string, actor = 'boss') {
    const path = `/v1/orgs/${uploads.stage.id}${uploads.members}/imports?invite=true`
    return await directory.ask('POST', path, file, {
      'kith-actor': `user:${actor}`,
      'content-type': 'text/csv',
    })
  }

  test('is invited with the group attached, where that is asked for, once', async () => {
    const uploads = await setting()
    const { stage, confirm, get, roles } = uploads
    const listed = async () => (await stage.boss('GET', '/invitations')).body.invitations
    expect((await uploads.upload(strangers)).body.errors).toMatchObject([
      { row: 2, code: 'unknown_user' },
      { row: 5, code: 'unknown_user' },
    ])
    const { status, body } = await inviting(uploads, strangers)
    expect([status, body.counts]).toEqual([
      201,
      { rows: 4, blank: 0, added: 1, changed: 0, invited: 2, skipped: 1, errors: 0 },
    ])
    expect(body.invited).toEqual([
      { row: 2, email: 'new@example.com', role: 'manager' },
      { row: 5, email: 'more@example.com', role: 'member' },
    ])
    expect(await listed()).toEqual([])
    const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(body.importId)))
    const first = answers.find((each) => !each.body.alreadyConfirmed)
    const token = expect.any(String)
    expect(first?.body.invited).toMatchObject([
      { row: 2, token },
      { row: 5, token },
    ])
    const invitations = await listed()
    expect(invitations).toHaveLength(2)
    const found = invitations.find(({ email }: { email: string }) => email === 'new@example.com')
    expect(found).toMatchObject({
      groups: [{ id: uploads.group, role: 'manager' }],
      id: first?.body.invited[0].invitation,
      inviter: 'user:boss',
      status: 'pending',
    })
    // The token is shown once.
    const tokens = first?.body.invited.map(({ token }: { token: string }) => token)
    const later = [await get(body.importId), ...answers.filter((each) => each.body.alreadyConfirmed)]
    for (const each of later)
      for (const token of tokens) expect(JSON.stringify(each.body)).not.toContain(token)
    const log = (await stage.boss('GET', '/changes?source=csv')).body.changes
    expect(log.map(({ action, importId }: Record<string, string>) => [action, importId])).toEqual(
      [
        ['invitation.create', body.importId],
        ['invitation.create', body.importId],
        ['member.add', body.importId],
      ].sort(),
    )
    const accepted = await directory.ask('POST', '/v1/invitations/accept', {
      token: tokens[0],
      user: { id: 'newcomer', name: 'New' },
    })
    expect(accepted.status).toBe(201)
    expect(await roles()).toContain('newcomer manager')
    expect((await inviting(uploads, strangers)).body).toMatchObject({
      counts: { invited: 0, skipped: 4, errors: 0 },
      skipped: [
        { row: 2, reason: 'same_role' },
        { row: 3, reason: 'duplicate_in_file' },
        { row: 4, reason: 'already_member' },
        { row: 5, reason: 'already_invited' },
      ],
      errors: [],
    })
  })

  test('and is somebody by the time is rejected; whom the preview did not invite stays uninvited', async () => {
    const uploads = await setting()
    const { stage, preview, confirm, roles } = uploads
    const { body } = await inviting(uploads, strangers)
    await stage.boss('POST', '/users', { id: 'new', email: 'new@example.com' })
    expect((await confirm(body.importId, { mode: 'all_or_nothing' })).body.error.errors).toMatchObject([
      { row: 2, code: 'changed_since_preview' },
    ])
    expect((await stage.boss('GET', '/invitations')).body.invitations).toEqual([])
    const plain = await preview(lines('new@example.com,member'))
    await stage.boss('DELETE', '/users/new')
    expect((await confirm(plain)).body.errors).toMatchObject([{ row: 2, code: 'unknown_user' }])
    expect((await confirm(body.importId)).body.counts).toMatchObject({ invited: 2, added: 1 })
    expect(await roles()).toContain('ann member')
  })

  test('is invited by nobody who may not', async () => {
    const uploads = await setting()
    const { stage, members } = uploads
    await stage.boss('POST', members, { user: 'ann', role: 'manager' })
    expect(await inviting(uploads, strangers, 'ann')).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    })
    expect((await uploads.upload(strangers, 'ann')).status).toBe(201)
    const path = `/v1/orgs/${stage.id}${members}/imports?invite=perhaps`
    const headers = { 'kith-actor': 'user:boss', 'content-type': 'text/csv' }
    expect(await directory.ask('POST', path, strangers, headers)).toMatchObject({
      status: 422,
      body: { error: { field: 'invite' } },
    })
  })
})
