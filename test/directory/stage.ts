/** An organization that is filled through its routes: each step is asserted, so that tests say only what they are about. */
import { expect } from 'vitest'
import { act } from '../../src/directory/act.ts'
import type { Draft } from '../../src/directory/draft.ts'
import type { Answer, Client, Directory, Organization } from './http.ts'

interface GroupFields {
  readonly members?: readonly string[]
  readonly [field: string]: unknown
}

export interface Stage extends Organization {
  readonly directory: Directory
  /** Of the highest role. */
  readonly boss: Client
  /** `Ann Lee` of `ann`. @param role - by id, where it is not the default */
  user(id: string, role?: string): Promise<Client>
  /** Several of them, some with a role. */
  people(...ids: readonly (string | readonly [id: string, role: string])[]): Promise<void>
  /**
   * Made by the boss, with whatever the preset requires.
   * @param fields - of the request, and users who join it
   * @returns its id
   */
  group(name: string, fields?: GroupFields): Promise<string>
  /** @param role - absent: the lowest, where there are several */
  join(group: string, user: string, role?: string): Promise<void>
  leave(group: string, user: string): Promise<void>
  /** @returns its id */
  resource(kind: string, id: string): Promise<string>
  attach(group: string, kind: string, ids: readonly string[], level?: string): Promise<Answer>
  share(kind: string, id: string, holder: object): Promise<Answer>
  /** In the words of the product, of the organization. */
  may(user: string, relation: string, object: string): Promise<boolean>
  /** As OpenFGA asks it of the store, fast lane and all. */
  check(user: string, relation: string, object: string): Promise<boolean>
  /** Which plan it is on from now. */
  plan(id: string): Promise<void>
  /** Past the routes, in one commit. */
  commit<Result>(decide: (draft: Draft) => Result | Promise<Result>): Promise<Result>
}

export const withGroups = ['training', 'sharing', 'enterprise', 'group-only', 'default'] as const

/** @param plan - where the preset has some; absent: the one that includes most */
export async function stageOf(directory: Directory, preset: string, plan?: string): Promise<Stage> {
  const organization = await directory.organization(preset)
  const { id: org } = organization
  const boss = organization.as('boss')
  const { plans, group } = await directory.ground.presets.get(preset)
  const roles = group?.memberRoles ?? []
  const lowest = roles.length > 1 ? roles.at(-1)?.id : undefined
  const stage: Stage = {
    ...organization,
    directory,
    boss,
    async user(id, role) {
      const name = `${id.charAt(0).toUpperCase()}${id.slice(1)} Lee`
      const user = { id, name, email: `${id}@example.com`, ...(role && { role }) }
      ok(await boss('POST', '/users', user), 201)
      return organization.as(id)
    },
    async people(...people) {
      for (const each of people) await (typeof each === 'string' ? stage.user(each) : stage.user(...each))
    },
    async group(name, { members = [], ...fields } = {}) {
      const required = Object.fromEntries((group?.requiredFields ?? []).map((field) => [field, name]))
      const made = ok(await boss('POST', '/groups', { name, ...required, ...fields }), 201)
      for (const member of members) await stage.join(made.body.id, member)
      return made.body.id
    },
    async join(id, user, role = lowest) {
      ok(await boss('POST', `/groups/${id}/members`, { user, ...(role && { role }) }), 201)
    },
    async leave(id, user) {
      const answer = await boss('DELETE', `/groups/${id}/members/${user}`)
      expect([200, 204], JSON.stringify(answer.body)).toContain(answer.status)
    },
    async resource(kind, id) {
      ok(await boss('POST', `/resources/${kind}`, { id, name: id }), 201)
      return id
    },
    attach: (id, kind, ids, level) =>
      boss('POST', `/groups/${id}/resources/${kind}`, { ids, ...(level && { level }) }),
    share: (kind, id, holder) => boss('POST', `/resources/${kind}/${id}/shares`, holder),
    async may(user, relation, object) {
      return ok(await boss('POST', '/check', { user, relation, object }), 200).body.allowed
    },
    async check(user, relation, object) {
      const body = { tuple_key: { user: `user:${user}`, relation, object } }
      return ok(await directory.ask('POST', `/stores/${org}/check`, body), 200).body.allowed
    },
    async plan(id) {
      ok(await directory.ask('PUT', `/v1/orgs/${org}/plan`, { plan: id }), 200)
    },
    commit: async (decide) =>
      (await act(directory.ground, { org, actor: 'user:boss', provenance: {} }, decide)).result,
  }
  const first = plan ?? plans?.ladder.at(-1)?.id
  if (first !== undefined) await stage.plan(first)
  return stage
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
