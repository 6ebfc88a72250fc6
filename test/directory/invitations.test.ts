import { describe, expect, test } from 'vitest'
import { openRing } from '../callers/ring.ts'
import { closedBy } from './http.ts'
import { accept, invited, linkBase, lookAt, mailed, tokenIn, townOf } from './invite-town.ts'

describe('the way of an invitation', () => {
  test('D12, D21, D22, D23: both roles get a letter, and come in by its link with the role they were invited to', async () => {
    const { server, post } = await mailed()
    const town = await townOf('client-portal', { post })
    for (const [at, role] of ['admin', 'client'].entries()) {
      const email = `${role}@example.com`
      const made = await town.boss('POST', '/invitations', { email, role: role.toUpperCase() })
      expect(made.status).toBe(201)
      expect(made.body).toMatchObject({ email, role, status: 'pending', delivery: { status: 'queued' } })
      expect(made.body).not.toHaveProperty('token')
      expect(made.body).not.toHaveProperty('link')
      const delivered = (await server.until(at + 1))[at]
      expect(delivered?.recipients).toEqual([email])
      const { mail } = delivered ?? {}
      expect(mail?.subject).toBe('Boss invites you to client-portal')
      for (const part of [mail?.text, mail?.html]) {
        expect(part?.toLowerCase()).toContain('create your account')
        expect(part).toContain(role === 'admin' ? 'as Admin' : 'as Client')
        expect(part).toContain(`${linkBase}#${town.id}.`)
        expect(part).toContain('UTC')
      }
      await town.directory.ground.errands.settled()
      const { body } = await town.boss('GET', `/invitations/${made.body.id}`)
      expect(body.delivery).toMatchObject({
        status: 'sent',
        tries: 1,
        answer: expect.stringContaining('250'),
      })
      const token = tokenIn(mail?.text)
      const accepted = await accept(town, token, { name: 'New', email: email.toUpperCase() })
      expect(accepted.status).toBe(201)
      expect(accepted.body).toMatchObject({ organization: town.id, user: { email, name: 'New', role } })
      const { id } = accepted.body.user
      expect((await town.boss('GET', `/users/${id}`)).body).toMatchObject({ email, role })
      expect(await town.check(id, 'admin', `organization:${town.id}`)).toBe(role === 'admin')
      expect((await accept(town, token)).status).toBe(410)
    }
  })

  test('D13: created, viewed, revoked; each state is listed', async () => {
    const town = await townOf('client-portal')
    const { boss } = town
    const pending = await invited(boss, { email: 'p@example.com' })
    const revoked = await invited(boss, { email: 'r@example.com' })
    const accepted = await invited(boss, { email: 'a@example.com' })
    expect((await boss('POST', `/invitations/${revoked.id}/revoke`)).body).toMatchObject({
      status: 'revoked',
    })
    expect((await boss('POST', `/invitations/${revoked.id}/revoke`)).status).toBe(200)
    expect((await accept(town, revoked.token)).status).toBe(410)
    expect((await accept(town, accepted.token, { id: 'anne' })).status).toBe(201)
    expect((await boss('POST', `/invitations/${accepted.id}/revoke`)).status).toBe(409)
    const statusOf = async (status: string) => {
      const { body } = await boss('GET', `/invitations?status=${status}`)
      return body.invitations.map(({ id }: { id: string }) => id)
    }
    expect(await statusOf('pending')).toEqual([pending.id])
    expect(await statusOf('revoked')).toEqual([revoked.id])
    expect(await statusOf('accepted')).toEqual([accepted.id])
    expect(await statusOf('expired')).toEqual([])
    const all = (await boss('GET', '/invitations?q=example')).body.invitations
    expect(all).toHaveLength(3)
    expect(JSON.stringify(all)).not.toContain('hash')
    for (const { token } of [pending, revoked, accepted]) expect(JSON.stringify(all)).not.toContain(token)
    expect((await boss('GET', `/invitations/${accepted.id}`)).body).toMatchObject({ acceptedBy: 'user:anne' })
    expect((await boss('GET', '/invitations?status=lost')).status).toBe(422)
    expect((await boss('GET', '/invitations/inv_none')).status).toBe(404)
  })

  test('D20: who may invite is in the model: an admin, and no client', async () => {
    const town = await townOf('client-portal')
    await town.people('cleo')
    const { id } = await invited(town.boss, { email: 'a@example.com' })
    const cleo = town.as('cleo')
    expect((await cleo('POST', '/invitations', { email: 'b@example.com' })).status).toBe(403)
    expect((await cleo('GET', '/invitations')).status).toBe(403)
    expect((await cleo('GET', `/invitations/${id}`)).status).toBe(403)
    expect((await cleo('POST', `/invitations/${id}/resend`, {})).status).toBe(403)
    expect((await cleo('POST', `/invitations/${id}/revoke`)).status).toBe(403)
  })

  test.each([
    ['no-address', {}],
    ['a@x.test\r\nBcc: evil@x.test', {}],
    ['a@x.test, evil@x.test', {}],
    ['Ann <a@x.test>', {}],
    ['\u00e4@x.test', {}],
  ])('D21: a bad address is refused, and nothing is sent: %j', async (email) => {
    const { server, post } = await mailed()
    const { boss, directory } = await townOf('client-portal', { post })
    const { status, body } = await boss('POST', '/invitations', { email })
    expect(status).toBe(422)
    expect(body.error).toMatchObject({ code: 'invalid_field', field: 'email' })
    await directory.ground.errands.settled()
    expect(server.attempts).toBe(0)
    expect((await boss('GET', '/invitations')).body.invitations).toEqual([])
  })

  test.each<[string, object, string]>([
    ['a role there is not', { role: 'owner' }, 'role'],
    ['no address', { email: undefined }, 'email'],
    ['too short', { expiresInDays: 0 }, 'expiresInDays'],
    ['too long', { expiresInDays: 31 }, 'expiresInDays'],
    ['a field there is not', { rank: 1 }, 'rank'],
    ['a resource there is not', { resources: [{ type: 'agent', id: 'none' }] }, 'resources[0]'],
    ['a kind there is not', { resources: [{ type: 'ship', id: 'x' }] }, 'resources[0].type'],
    ['mail that is not configured', { sendMail: true }, 'sendMail'],
  ])('D21: what is wrong is said by field: %s', async (_, wrong, field) => {
    const { boss } = await townOf('client-portal')
    const { status, body } = await boss('POST', '/invitations', { email: 'a@example.com', ...wrong })
    expect(body.error).toMatchObject({ field })
    expect(status).toBe(422)
    expect((await boss('GET', '/invitations')).body.invitations).toEqual([])
  })

  test('D23: of twenty who accept at once one comes in', async () => {
    const town = await townOf('client-portal')
    const { token } = await invited(town.boss, { email: 'a@example.com' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => accept(town, token, { id: `a${at}` })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(410)])
    const users = (await town.boss('GET', '/users')).body.users
    expect(users).toHaveLength(2)
  })
})

test('the link shows what it is an invitation to, as often as it is opened, and changes nothing', async () => {
  const town = await townOf('client-portal')
  const { token, body } = await invited(town.boss, { email: 'a@example.com', role: 'admin' })
  const before = (await town.boss('GET', '/changes')).body.changes
  for (let at = 0; at < 3; at++) {
    const looked = await lookAt(town, token)
    expect(looked.status).toBe(200)
    expect(looked.body).toEqual({
      organization: { id: town.id, name: 'client-portal' },
      email: 'a@example.com',
      inviter: { name: 'Boss' },
      role: { id: 'admin', label: 'Admin' },
      expiresAt: body.expiresAt,
    })
  }
  expect((await town.boss('GET', '/changes')).body.changes).toEqual(before)
  expect((await accept(town, token)).status).toBe(201)
  expect((await lookAt(town, token)).status).toBe(410)
})

describe('whose invitation it is', () => {
  test('one for each address, however it is spelt, and none for who is there', async () => {
    const town = await townOf('client-portal')
    const { boss } = town
    const first = await invited(boss, { email: 'ann@example.com' })
    const again = await boss('POST', '/invitations', { email: 'ANN@Example.com' })
    expect(again.status).toBe(409)
    expect(again.body.error).toMatchObject({
      code: 'already_invited',
      hint: expect.stringContaining(`/invitations/${first.id}/resend`),
    })
    await town.people('bob')
    for (const email of ['bob@example.com', 'BOSS@example.com']) {
      const { status, body } = await boss('POST', '/invitations', { email })
      expect(body.error).toMatchObject({ code: 'already_member', field: 'email' })
      expect(status).toBe(409)
    }
    // Somebody made the account meanwhile.
    await town.people('ann')
    expect((await accept(town, first.token)).body.error).toMatchObject({ code: 'already_member' })
    expect((await boss('POST', `/invitations/${first.id}/resend`, {})).status).toBe(409)
  })

  test('of twenty who invite one address at once one does', async () => {
    const { boss } = await townOf('client-portal')
    const asked = Array.from({ length: 20 }, () => boss('POST', '/invitations', { email: 'a@example.com' }))
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([201, ...Array(19).fill(409)])
  })

  test('whoever signed in by another address does not come in by it', async () => {
    const town = await townOf('client-portal')
    const { token } = await invited(town.boss, { email: 'ann@example.com' })
    const { status, body } = await accept(town, token, { email: 'eve@example.com' })
    expect(status).toBe(403)
    expect(body.error).toMatchObject({ code: 'email_differs', hint: expect.stringContaining('invited') })
    // What only looks the same is somebody else's.
    expect((await accept(town, token, { email: 'ａnn@example.com' })).status).toBe(403)
    expect((await accept(town, token, { email: 'Ann@Example.com', id: 'boss' })).status).toBe(409)
    expect((await accept(town, token, { email: 'Ann@Example.com', id: 'ann' })).status).toBe(201)
  })

  test('it gives what whoever invited can still give', async () => {
    const town = await townOf('client-portal')
    const { boss } = town
    await town.people(['ada', 'admin'])
    const { token } = await invited(town.as('ada'), { email: 'new@example.com', role: 'admin' })
    const invalid = async () => {
      for (const answer of [await lookAt(town, token), await accept(town, token)]) {
        expect(answer.body.error).toMatchObject({ code: 'invitation_invalid' })
        expect(answer.status).toBe(410)
      }
    }
    await boss('PATCH', '/users/ada', { role: 'client' })
    await invalid()
    await boss('PATCH', '/users/ada', { role: 'admin', active: false })
    await invalid()
    await boss('PATCH', '/users/ada', { active: true })
    expect((await lookAt(town, token)).status).toBe(200)
    await boss('DELETE', '/users/ada')
    await invalid()
    // Whoever sends it again vouches for it.
    const [{ id }] = (await boss('GET', '/invitations')).body.invitations
    const resent = await boss('POST', `/invitations/${id}/resend`, {})
    expect(resent.body).toMatchObject({ inviter: 'user:boss', sends: 2 })
    expect((await accept(town, token)).status).toBe(410)
    expect((await accept(town, resent.body.token)).body).toMatchObject({ user: { role: 'admin' } })
  })

  test('nobody invites into more than they may give', async () => {
    const town = await townOf('sharing')
    await town.people(['ad', 'admin'], ['mo', 'member'])
    const hidden = await town.group('Hidden', { visibility: 'private' })
    const known = await town.group('Known', { visibility: 'public' })
    const agent = (await town.boss('POST', '/resources/agent', { name: 'Own' })).body.id
    const ask = async (who: string, gifts: object) => {
      const { status, body } = await town.as(who)('POST', '/invitations', {
        email: 'a@example.com',
        ...gifts,
      })
      return [status, body.error?.code, body.error?.field]
    }
    expect(await ask('mo', {})).toEqual([403, 'forbidden', undefined])
    expect(await ask('ad', { groups: [{ id: hidden, role: 'viewer' }] })).toEqual([
      422,
      'unknown_reference',
      'groups[0]',
    ])
    expect(await ask('ad', { groups: [{ id: known, role: 'viewer' }] })).toEqual([
      403,
      'forbidden',
      undefined,
    ])
    expect(await ask('ad', { resources: [{ type: 'agent', id: agent, level: 'viewer' }] })).toEqual([
      422,
      'unknown_reference',
      'resources[0]',
    ])
    expect((await town.boss('GET', '/invitations')).body.invitations).toEqual([])
  })

  test('what was never a token and what has ended are answered alike', async () => {
    const town = await townOf('client-portal')
    const other = await town.neighbour('client-portal')
    const used = await invited(town.boss, { email: 'a@example.com' })
    const revoked = await invited(town.boss, { email: 'b@example.com' })
    const open = await invited(town.boss, { email: 'c@example.com' })
    await accept(town, used.token)
    await town.boss('POST', `/invitations/${revoked.id}/revoke`)
    const [place] = open.token.split('.')
    const none = `${place}.${'x'.repeat(43)}`
    const nowhere = `01ARZ3NDEKTSV4RRFFQ69G5FAV.${'x'.repeat(43)}`
    const bodies = new Set<string>()
    for (const token of [
      used.token,
      revoked.token,
      none,
      nowhere,
      'x',
      `${open.token}x`,
      open.token.toUpperCase(),
    ]) {
      for (const path of ['/v1/invitations', `/v1/orgs/${town.id}/invitations`]) {
        for (const verb of ['look', 'accept']) {
          const answer = await town.directory.ask('POST', `${path}/${verb}`, { token })
          expect(answer.status).toBe(410)
          bodies.add(JSON.stringify(answer.body))
        }
      }
    }
    // A token of one organization opens nothing under another's name.
    const foreign = await town.directory.ask('POST', `/v1/orgs/${other.id}/invitations/accept`, open)
    expect(foreign.status).toBe(422)
    const stolen = { token: open.token }
    const crossed = await town.directory.ask('POST', `/v1/orgs/${other.id}/invitations/accept`, stolen)
    bodies.add(JSON.stringify(crossed.body))
    expect(bodies.size).toBe(1)
    const own = await town.directory.ask('POST', `/v1/orgs/${town.id}/invitations/accept`, stolen)
    expect(own.status).toBe(201)
  })

  test('of another organization nothing is found', async () => {
    const town = await townOf('client-portal')
    const other = await town.neighbour('client-portal')
    const { id } = await invited(other.boss, { email: 'a@example.com' })
    for (const [method, path] of [
      ['GET', `/invitations/${id}`],
      ['POST', `/invitations/${id}/resend`],
      ['POST', `/invitations/${id}/revoke`],
    ] as const) {
      expect((await town.boss(method, path, method === 'GET' ? undefined : {})).status).toBe(404)
    }
    expect((await town.boss('GET', '/invitations')).body.invitations).toEqual([])
    expect((await invited(town.boss, { email: 'a@example.com' })).id).not.toBe(id)
    const stranger = await town.directory.ask('GET', `/v1/orgs/${other.id}/invitations`, undefined, {
      'kith-actor': 'user:nobody',
    })
    expect(stranger.status).toBe(404)
  })

  test('a product without invitations says so', async () => {
    const { boss } = await townOf('training')
    const { status, body } = await boss('POST', '/invitations', { email: 'a@example.com' })
    expect(body.error).toMatchObject({ code: 'not_in_preset' })
    expect(status).toBe(422)
    expect((await boss('GET', '/invitations')).status).toBe(422)
  })
})

describe('what comes with it', () => {
  test('groups with a role, and resources with a level, given in the commit that lets them in', async () => {
    const town = await townOf('default')
    const { boss } = town
    const sales = await town.group('Sales')
    const gone = await town.group('Gone')
    const agent = (await boss('POST', '/resources/agent', { name: 'Bot' })).body.id
    const { token, body } = await invited(boss, {
      email: 'ann@example.com',
      groups: [{ id: sales, role: 'manager' }, { id: gone }],
      resources: [{ type: 'agent', id: agent }],
    })
    expect(body.groups).toMatchObject([{ id: sales, role: 'manager' }, { id: gone }])
    expect(body.resources).toMatchObject([{ type: 'agent', id: agent }])
    // Nothing is given before it is accepted.
    expect((await boss('GET', `/groups/${sales}/members`)).body.members).toHaveLength(
      (await boss('GET', `/groups/${gone}/members`)).body.members.length,
    )
    await boss('DELETE', `/groups/${gone}`)
    expect((await accept(town, token, { id: 'ann', name: 'Ann' })).status).toBe(201)
    expect((await boss('GET', `/groups/${sales}/members/ann`)).body).toMatchObject({ role: 'manager' })
    const [level] = body.resources
    const shares = (await boss('GET', `/resources/agent/${agent}/shares`)).body.shares
    expect(shares).toContainEqual(expect.objectContaining({ id: 'ann', level: level.level }))
    const { changes } = (await boss('GET', '/changes')).body
    const revision = changes[0].revision
    const rows = changes.filter((row: { revision: number }) => row.revision === revision)
    expect(rows.map(({ action }: { action: string }) => action).sort()).toEqual([
      'invitation.accept',
      'member.add',
      'share',
      'user.create',
    ])
    for (const row of rows) expect(row).toMatchObject({ source: 'invitation', actor: 'user:ann' })
    expect(JSON.stringify(changes)).not.toContain(token)
  })

  test('an archived group is not given, and keeps the invitation closed until it is back', async () => {
    const town = await townOf('default')
    const { boss } = town
    const sales = await town.group('Sales')
    const { token } = await invited(boss, { email: 'ann@example.com', groups: [{ id: sales }] })
    await boss('POST', `/groups/${sales}/archive`)
    expect((await accept(town, token)).body.error).toMatchObject({ code: 'invitation_invalid' })
    await boss('POST', `/groups/${sales}/unarchive`)
    expect((await accept(town, token)).status).toBe(201)
  })

  test.each([
    ['twice', (id: string) => [{ id }, { id }], 'groups'],
    ['a role there is not', (id: string) => [{ id, role: 'boss' }], 'groups[0].role'],
    ['nowhere', () => [{ id: 'grp_none' }], 'groups[0]'],
  ])('a group that cannot be given: %s', async (_, groupsOf, field) => {
    const town = await townOf('default')
    const groups = groupsOf(await town.group('Sales'))
    const { status, body } = await town.boss('POST', '/invitations', { email: 'a@example.com', groups })
    expect(body.error).toMatchObject({ field })
    expect(status).toBe(422)
  })

  test('who looks after invitations does not see what is hidden from them', async () => {
    const town = await townOf('sharing')
    await town.people(['ad', 'admin'])
    const group = await town.group('Secret', { visibility: 'private' })
    const { id } = await invited(town.boss, {
      email: 'a@example.com',
      groups: [{ id: group, role: 'viewer' }],
    })
    expect((await town.boss('GET', `/invitations/${id}`)).body.groups).toHaveLength(1)
    const seen = await town.as('ad')('GET', `/invitations/${id}`)
    expect(seen.body).toMatchObject({ email: 'a@example.com', groups: [] })
  })
})

test('rehearsed: nothing is made, and no token is shown', async () => {
  const town = await townOf('client-portal')
  const { boss } = town
  const rehearsed = await boss('POST', '/invitations?dryRun=true', { email: 'a@example.com' })
  expect(rehearsed.status).toBe(200)
  expect(rehearsed.body.result).toMatchObject({ email: 'a@example.com' })
  expect(rehearsed.body.result).not.toHaveProperty('token')
  expect((await boss('GET', '/invitations')).body.invitations).toEqual([])
  const { id, token } = await invited(boss, { email: 'a@example.com' })
  expect((await boss('POST', `/invitations/${id}/resend?dryRun=true`, {})).body.result).not.toHaveProperty(
    'token',
  )
  expect((await boss('POST', `/invitations/${id}/revoke?dryRun=true`)).body.result).toMatchObject({
    status: 'revoked',
  })
  expect((await town.directory.ask('POST', '/v1/invitations/accept?dryRun=true', { token })).status).toBe(422)
  expect((await accept(town, token)).status).toBe(201)
})

test('who signs in is said by callers with the right for it, and by no others', async () => {
  const ring = await openRing()
  const town = await townOf('client-portal', { closed: await closedBy(ring) })
  const { token } = await invited(town.boss, { email: 'a@example.com' })
  const other = await town.neighbour('client-portal')
  const ask = async (path: string, ...scopes: string[]) => {
    const authorization = `Bearer ${await ring.key(...scopes)}`
    const { status } = await town.directory.ask('POST', path, { token }, { authorization })
    return status
  }
  for (const path of ['/v1/invitations', `/v1/orgs/${town.id}/invitations`]) {
    expect(await ask(`${path}/look`, `directory:${town.id}`, `act:${town.id}`)).toBe(403)
    expect(await ask(`${path}/accept`, `directory:${town.id}`, `act:${town.id}`)).toBe(403)
    expect(await ask(`${path}/accept`, `login:${other.id}`)).toBe(404)
    expect(await ask(`${path}/look`, `login:${town.id}`)).toBe(200)
  }
  expect(await ask('/v1/invitations/accept', `login:${town.id}`)).toBe(201)
})
