/** An organization of a preset with people in it, for tests about its groups. */
import { act } from '../../src/directory/act.ts'
import type { Client, Directory, Organization } from './http.ts'

export interface Stage extends Organization {
  /** The highest role. */
  readonly boss: Client
  /** Users of these ids, `Ann Lee` of `ann`; role by id where it is not the default. */
  people(...ids: readonly (string | readonly [id: string, role: string])[]): Promise<void>
  /** Made by the boss, with whatever the preset requires. @returns its id */
  group(name: string, fields?: object): Promise<string>
  /** Through the check that every product asks, caches and all. */
  check(user: string, relation: string, object: string): Promise<boolean>
  /** Which plan it is on. */
  plan(id: string): Promise<void>
}

export const withGroups = ['training', 'sharing', 'enterprise', 'group-only', 'default'] as const

/** With the plan that includes most. */
export async function stageOf(directory: Directory, preset: string): Promise<Stage> {
  const organization = await directory.organization(preset)
  const boss = organization.as('boss')
  const { plans, group } = await directory.ground.presets.get(preset)
  const stage: Stage = {
    ...organization,
    boss,
    async people(...people) {
      for (const each of people) {
        const [id, role] = typeof each === 'string' ? [each] : each
        const name = `${id.charAt(0).toUpperCase()}${id.slice(1)} Lee`
        const user = { id, name, email: `${id}@example.com`, ...(role === undefined ? {} : { role }) }
        expectStatus(await boss('POST', '/users', user), 201)
      }
    },
    async group(name, fields = {}) {
      const required = Object.fromEntries((group?.requiredFields ?? []).map((field) => [field, name]))
      const made = await boss('POST', '/groups', { name, ...required, ...fields })
      expectStatus(made, 201)
      return made.body.id
    },
    async check(user, relation, object) {
      const body = { tuple_key: { user: `user:${user}`, relation, object } }
      const answer = await directory.ask('POST', `/stores/${organization.id}/check`, body)
      expectStatus(answer, 200)
      return answer.body.allowed
    },
    async plan(id) {
      if (plans === undefined) return
      const request = { org: organization.id, actor: 'user:boss', provenance: {} }
      await act(directory.ground, request, (draft) => {
        for (const { id: each } of plans.ladder) {
          draft.delete(draft.organization, plans.relation, `${plans.type}:${each}`)
        }
        draft.write(draft.organization, plans.relation, `${plans.type}:${id}`)
      })
    },
  }
  const most = plans?.ladder.at(-1)
  if (most !== undefined) await stage.plan(most.id)
  return stage
}

function expectStatus({ status, body }: { readonly status: number; readonly body: unknown }, wanted: number) {
  if (status !== wanted) throw new Error(`${status}, not ${wanted}: ${JSON.stringify(body)}`)
}
