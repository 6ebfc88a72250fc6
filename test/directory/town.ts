/** An organization that is filled through its routes: each step is asserted, so that tests say only what they are about. */
import { expect } from 'vitest'
import type { Answer, Client, Directory } from './http.ts'

export interface Town {
  readonly id: string
  /** Of the highest role. */
  readonly boss: Client
  as(user: string): Client
  user(id: string, role?: string): Promise<Client>
  /** @returns its id; of the users, as members of the lowest role */
  group(name: string, members?: readonly string[]): Promise<string>
  join(group: string, user: string, role?: string): Promise<void>
  leave(group: string, user: string): Promise<void>
  resource(kind: string, id: string): Promise<string>
  attach(group: string, kind: string, ids: readonly string[], level?: string): Promise<Answer>
  share(kind: string, id: string, holder: object): Promise<Answer>
  /** By the memory that every question goes by. */
  may(user: string, relation: string, object: string): Promise<boolean>
}

/** @param plan - where the preset has some; absent: the most that there is */
export async function settle(directory: Directory, preset: string, plan?: string): Promise<Town> {
  const organization = await directory.organization(preset)
  const boss = organization.as('boss')
  const { body } = await directory.ask('GET', `/v1/presets/${preset}`)
  const most = plan ?? body.plans?.ladder.at(-1).id
  if (most !== undefined) {
    ok(await directory.ask('PUT', `/v1/orgs/${organization.id}/plan`, { plan: most }), 200)
  }
  const lowest = body.group?.memberRoles.length > 1 ? body.group.memberRoles.at(-1).id : undefined
  const join = async (group: string, user: string, role = lowest) => {
    const member = role === undefined ? { user } : { user, role }
    ok(await boss('POST', `/groups/${group}/members`, member), 201)
  }
  return {
    id: organization.id,
    boss,
    as: (user) => organization.as(user),
    async user(id, role) {
      const answer = await boss('POST', '/users', { id, name: id, ...(role && { role }) })
      ok(answer, 201)
      return organization.as(id)
    },
    async group(name, members = []) {
      const fields = body.group.requiredFields.includes('description') ? { description: name } : {}
      const made = ok(await boss('POST', '/groups', { name, ...fields }), 201)
      for (const member of members) await join(made.body.id, member)
      return made.body.id
    },
    join,
    async leave(group, user) {
      const answer = await boss('DELETE', `/groups/${group}/members/${user}`)
      expect([200, 204], JSON.stringify(answer.body)).toContain(answer.status)
    },
    async resource(kind, id) {
      ok(await boss('POST', `/resources/${kind}`, { id, name: id }), 201)
      return id
    },
    attach: (group, kind, ids, level) =>
      boss('POST', `/groups/${group}/resources/${kind}`, { ids, ...(level && { level }) }),
    share: (kind, id, holder) => boss('POST', `/resources/${kind}/${id}/shares`, holder),
    async may(user, relation, object) {
      const answer = ok(await boss('POST', '/check', { user, relation, object }), 200)
      return answer.body.allowed
    },
  }
}

export function ok(answer: Answer, status: number): Answer {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status)
  return answer
}

export function refused(answer: Answer, status: number, code: string, field?: string): void {
  expect(answer).toMatchObject({
    status,
    body: { error: { code, ...(field === undefined ? {} : { field }) } },
  })
}

export function idsOf({ body }: Answer): readonly string[] {
  const [rows] = Object.values(body).filter(Array.isArray)
  return (rows as readonly { readonly id: string }[]).map(({ id }) => id)
}
