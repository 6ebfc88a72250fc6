/** The change log of what flows in and out: files, rules, sign-ins, provisioning and invitations, each with its own source. */
import { expect, test } from 'vitest'
import { type Answer, sharedGuarded } from './http.ts'
import { patch, providerOf, urn } from './scim/provider.ts'
import { type Stage, stageOf } from './stage.ts'
import { uploadsTo } from './upload.ts'

const { directory } = await sharedGuarded()

/** What answers said, by name, for the steps after them. */
type Kept = Record<string, string>

interface Row {
  readonly actor?: string
  readonly source: string
  readonly action: string
  readonly target?: string
  readonly subject?: string
  readonly old?: object
  readonly new?: object
}

interface Step {
  readonly status: number
  /** In the order of what happened; without an actor where nobody of the organization acts. */
  readonly rows: readonly Row[]
  ask(): Promise<Answer>
}

const boss = { actor: 'user:boss', source: 'manual' }
const byRule = { actor: 'user:boss', source: 'rule' }
const sso = { source: 'sso' }
const scim = { source: 'scim' }
const guest = { actor: 'user:guest', source: 'invitation' }

function steps(stage: Stage, id: string, kept: Kept): Readonly<Record<string, Step>> {
  const group = `group:${id}`
  const uploads = uploadsTo(directory, stage, id)
  const provider = providerOf(directory, stage.id)
  const keeping = async (asked: Promise<Answer>, fields: Readonly<Record<string, string>>) => {
    const answer = await asked
    for (const [name, field] of Object.entries(fields)) kept[name] = answer.body[field]
    return answer
  }
  const logIn = (user: object, groups: readonly string[]) =>
    directory.ask('POST', `/v1/orgs/${stage.id}/sso/logins`, { user, groups })
  const department = (name: string) => stage.boss('PATCH', '/users/bob', { attributes: { department: name } })
  const member = (subject: string, more: object = {}) => ({ target: group, subject, ...more })
  const rule = "department == 'Sales'"
  return {
    'a file is read': {
      status: 201,
      rows: [],
      ask: () => keeping(uploads.upload('email,role\nann@example.com,manager\n'), { csv: 'importId' }),
    },
    'and confirmed': {
      status: 200,
      rows: [
        {
          actor: 'user:boss',
          source: 'csv',
          action: 'member.add',
          ...member('user:ann'),
          new: { role: 'manager' },
        },
      ],
      ask: () => uploads.confirm(kept.csv ?? ''),
    },
    'and confirmed again': { status: 200, rows: [], ask: () => uploads.confirm(kept.csv ?? '') },
    'a rule is set': {
      status: 200,
      rows: [{ ...boss, action: 'rule.set', target: group, new: { rule, enabled: true } }],
      ask: () => stage.boss('PUT', `/groups/${id}/rule`, { rule }),
    },
    'somebody comes to match it': {
      status: 200,
      rows: [
        { ...boss, action: 'user.update', target: 'user:bob', new: { attributes: { department: 'Sales' } } },
        { ...byRule, action: 'member.add', ...member('user:bob') },
      ],
      ask: () => department('Sales'),
    },
    'and not to': {
      status: 200,
      rows: [
        { ...boss, action: 'user.update', target: 'user:bob', old: { attributes: { department: 'Sales' } } },
        { ...byRule, action: 'member.remove', ...member('user:bob') },
      ],
      ask: () => department('Legal'),
    },
    'and to once more': {
      status: 200,
      rows: [
        { ...boss, action: 'user.update' },
        { ...byRule, action: 'member.add', ...member('user:bob') },
      ],
      ask: () => department('Sales'),
    },
    'is excluded': {
      status: 204,
      rows: [
        { ...boss, action: 'rule.exclude', ...member('user:bob') },
        { ...byRule, action: 'member.remove', ...member('user:bob') },
      ],
      ask: () => stage.boss('DELETE', `/groups/${id}/members/bob?exclude=true`),
    },
    'and included': {
      status: 204,
      rows: [
        { ...boss, action: 'rule.include', ...member('user:bob') },
        { ...byRule, action: 'member.add', ...member('user:bob') },
      ],
      ask: () => stage.boss('DELETE', `/groups/${id}/rule/exclusions/bob`),
    },
    'the rule is switched off': {
      status: 200,
      rows: [{ ...boss, action: 'rule.set', target: group, old: { enabled: true }, new: { enabled: false } }],
      ask: () => stage.boss('PUT', `/groups/${id}/rule`, { enabled: false }),
    },
    'and goes, with whom it brought in': {
      status: 204,
      rows: [
        { ...boss, action: 'rule.delete', target: group, old: { rule, enabled: false } },
        { ...byRule, action: 'member.remove', ...member('user:bob') },
      ],
      ask: () => stage.boss('DELETE', `/groups/${id}/rule`),
    },
    'a claim is mapped': {
      status: 201,
      rows: [
        { ...boss, action: 'idp-group.create', new: { name: 'Crew' } },
        { ...boss, action: 'sso.map', target: group, new: { role: 'member' } },
      ],
      ask: async () => {
        const answer = await stage.boss('POST', '/sso/mappings', { claim: 'Crew', group: id })
        kept.crew = answer.body.idpGroup.id
        return answer
      },
    },
    'somebody signs in with it': {
      status: 200,
      rows: [
        { ...sso, action: 'sso.login', target: 'user:bob', old: { groups: [] }, new: { groups: ['Crew'] } },
      ],
      ask: () => logIn({ id: 'bob' }, ['Crew']),
    },
    'and again': { status: 200, rows: [], ask: () => logIn({ id: 'bob' }, ['Crew']) },
    'and without': {
      status: 200,
      rows: [
        { ...sso, action: 'sso.login', target: 'user:bob', old: { groups: ['Crew'] }, new: { groups: [] } },
      ],
      ask: () => logIn({ id: 'bob' }, []),
    },
    'somebody new signs in': {
      status: 201,
      rows: [
        { ...sso, action: 'user.create', target: 'user:new', new: { email: 'new@example.com' } },
        { ...sso, action: 'idp-group.create', new: { name: 'Other' } },
        { ...sso, action: 'sso.login', target: 'user:new', new: { groups: ['Other'] } },
      ],
      ask: () => logIn({ id: 'new', email: 'new@example.com' }, ['Other']),
    },
    'it is unmapped': {
      status: 204,
      rows: [{ ...boss, action: 'sso.unmap', target: group, old: { role: 'member' } }],
      ask: () => stage.boss('DELETE', `/sso/mappings/${kept.crew}/${id}`),
    },
    'a user is provisioned': {
      status: 201,
      rows: [{ ...scim, action: 'user.create', new: { role: 'readonly' } }],
      ask: () =>
        keeping(provider.ask('POST', '/Users', { schemas: [urn.user], userName: 'zoe@example.com' }), {
          zoe: 'id',
        }),
    },
    'a group is, with them': {
      status: 201,
      rows: [
        { ...scim, action: 'idp-group.create', new: { name: 'P' } },
        { ...scim, action: 'member.add' },
      ],
      ask: () =>
        keeping(provider.ask('POST', '/Groups', { displayName: 'P', members: [{ value: kept.zoe }] }), {
          p: 'id',
        }),
    },
    'and gets one more': {
      status: 204,
      rows: [{ ...scim, action: 'member.add', subject: 'user:ann' }],
      ask: () => provider.ask('PATCH', `/Groups/${kept.p}`, members('add', 'ann')),
    },
    'and one less': {
      status: 204,
      rows: [{ ...scim, action: 'member.remove', subject: 'user:ann' }],
      ask: () => provider.ask('PATCH', `/Groups/${kept.p}`, members('remove', 'ann')),
    },
    'and another name': {
      status: 204,
      rows: [{ ...scim, action: 'idp-group.update', old: { name: 'P' }, new: { name: 'Q' } }],
      ask: () => provider.ask('PATCH', `/Groups/${kept.p}`, replaced('displayName', 'Q')),
    },
    'the user is inactive': {
      status: 200,
      rows: [{ ...scim, action: 'user.deactivate', new: { active: false } }],
      ask: () => provider.ask('PATCH', `/Users/${kept.zoe}`, replaced('active', false)),
    },
    'and active': {
      status: 200,
      rows: [{ ...scim, action: 'user.reactivate', old: { active: false }, new: { restored: 2, lost: 0 } }],
      ask: () => provider.ask('PATCH', `/Users/${kept.zoe}`, replaced('active', true)),
    },
    'and goes': {
      status: 204,
      rows: [{ ...scim, action: 'user.delete' }],
      ask: () => provider.ask('DELETE', `/Users/${kept.zoe}`),
    },
    'the group goes': {
      status: 204,
      rows: [{ ...scim, action: 'idp-group.delete', old: { name: 'Q' } }],
      ask: () => provider.ask('DELETE', `/Groups/${kept.p}`),
    },
    'somebody is invited': {
      status: 201,
      rows: [
        { ...boss, action: 'invitation.create', new: { email: 'guest@example.com', status: 'pending' } },
      ],
      ask: () => {
        const gift = { groups: [{ id, role: 'member' }], sendMail: false }
        const asked = stage.boss('POST', '/invitations', { email: 'guest@example.com', ...gift })
        return keeping(asked, { invitation: 'id', first: 'token' })
      },
    },
    'and once more': {
      status: 200,
      rows: [{ ...boss, action: 'invitation.resend', new: { status: 'pending' } }],
      ask: () => keeping(stage.boss('POST', `/invitations/${kept.invitation}/resend`), { token: 'token' }),
    },
    'and comes': {
      status: 201,
      rows: [
        { ...guest, action: 'user.create', target: 'user:guest' },
        { ...guest, action: 'member.add', ...member('user:guest'), new: { role: 'member' } },
        { ...guest, action: 'invitation.accept', subject: 'user:guest', new: { status: 'accepted' } },
      ],
      ask: () =>
        directory.ask('POST', '/v1/invitations/accept', { token: kept.token, user: { id: 'guest' } }),
    },
    'and comes again': {
      status: 410,
      rows: [],
      ask: () =>
        directory.ask('POST', '/v1/invitations/accept', { token: kept.token, user: { id: 'guest' } }),
    },
    'another is invited': {
      status: 201,
      rows: [{ ...boss, action: 'invitation.create' }],
      ask: () =>
        keeping(stage.boss('POST', '/invitations', { email: 'other@example.com', sendMail: false }), {
          other: 'id',
        }),
    },
    'and that is revoked': {
      status: 200,
      rows: [
        { ...boss, action: 'invitation.revoke', old: { status: 'pending' }, new: { status: 'revoked' } },
      ],
      ask: () => stage.boss('POST', `/invitations/${kept.other}/revoke`),
    },
    'an admin switches somebody off': {
      status: 200,
      rows: [{ ...boss, action: 'user.deactivate', target: 'user:ann', new: { active: false } }],
      ask: () => stage.boss('PATCH', '/users/ann', { active: false }),
    },
    'and on': {
      status: 200,
      rows: [{ ...boss, action: 'user.reactivate', target: 'user:ann', new: { restored: 2, lost: 0 } }],
      ask: () => stage.boss('PATCH', '/users/ann', { active: true }),
    },
    'and a setting': {
      status: 200,
      rows: [{ ...boss, action: 'organization.update', new: { archivedGroupsGive: true } }],
      ask: () => stage.boss('PATCH', '', { settings: { archivedGroupsGive: true } }),
    },
  }
}

const members = (op: 'add' | 'remove', value: string) => patch({ op, path: 'members', value: [{ value }] })
const replaced = (path: string, value: unknown) => patch({ op: 'replace', path, value })

test('X2: whatever brings people in and out adds exactly its rows, with its own source', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann', 'bob')
  const kept: Kept = {}
  const rowsOf = async (): Promise<readonly Record<string, unknown>[]> =>
    (await stage.boss('GET', '/changes?pageSize=200')).body.changes
  let known = (await rowsOf()).length + 1
  for (const [name, { status, rows, ask }] of Object.entries(steps(stage, await stage.group('G'), kept))) {
    const { body, ...answer } = await ask()
    expect({ name, body, status: answer.status }).toMatchObject({ name, status })
    const all = await rowsOf()
    const added = all.slice(0, all.length - known)
    known = all.length
    expect({ name, added }).toMatchObject({ name, added: rows })
    expect(added.map(({ actor }) => actor)).toEqual(rows.map(({ actor }) => actor))
    for (const row of added) {
      expect(row).toMatchObject({ caller: expect.stringMatching(/^key:/), requestId: expect.any(String) })
    }
  }
  const text = JSON.stringify(await rowsOf())
  for (const secret of [kept.first, kept.token]) {
    expect(secret?.length).toBeGreaterThan(20)
    expect(text).not.toContain(secret)
  }
})
