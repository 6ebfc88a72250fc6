/** What a model promises whatever the tuples: every combination is written and asked, not some. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseDsl } from '../../src/model/dsl.ts'
import type { Kith } from '../../src/service/kith.ts'
import { openInMemory } from '../../src/sidecar.ts'

let kith: Kith
let close: () => Promise<void>
beforeAll(async () => {
  const opened = await openInMemory()
  kith = opened.kith
  close = opened.close
})
afterAll(() => close())

type Row = readonly [object: string, relation: string, subject: string]

async function storeOf(model: string, rows: readonly Row[]): Promise<(...row: Row) => Promise<boolean>> {
  const { id: store } = await kith.createStore(model)
  const dsl = await readFile(new URL(`../../schema/models/${model}.fga`, import.meta.url), 'utf8')
  await kith.writeModel({ store, json: await parseDsl(dsl) })
  const tuples = rows.map(([object, relation, subject]) => ({ object, relation, subject }))
  for (let at = 0; at < tuples.length; at += 100)
    await kith.write({ store, writes: tuples.slice(at, at + 100) })
  return async (object, relation, subject) =>
    (await kith.check({ store, tuple: { object, relation, subject } })).allowed
}

function product<Each>(lists: readonly (readonly Each[])[]): readonly (readonly Each[])[] {
  return lists.reduce<readonly (readonly Each[])[]>(
    (made, list) => made.flatMap((head) => list.map((each) => [...head, each])),
    [[]],
  )
}

describe('sharing: the highest level wins, by whatever way it came', () => {
  const levels = ['none', 'viewer', 'editor'] as const
  const permissions = { can_use: 1, can_view: 1, can_modify: 2, can_share: 2, can_delete: 3 }
  const combinations = product([levels, levels, levels])

  test.each(['assistant', 'flow', 'datasource', 'conversation'])('%s', async (type) => {
    const roles = ['owner', 'editor', 'viewer']
    const inGroups = roles.flatMap((role): Row[] => [
      ['group:one', role, `user:${role}`],
      ['group:two', role, `user:${role}`],
    ])
    const shares = combinations.flatMap((combination) =>
      combination.flatMap((level, at): Row[] => {
        if (level === 'none') return []
        const object = `${type}:${combination.join('-')}`
        if (at > 0) return [[object, level, `group:${at === 1 ? 'one' : 'two'}#member`]]
        return roles.map((role) => [object, level, `user:${role}`])
      }),
    )
    const check = await storeOf('sharing', [...inGroups, ...shares])
    for (const combination of combinations) {
      const highest = Math.max(...combination.map((level) => levels.indexOf(level)))
      const object = `${type}:${combination.join('-')}`
      for (const role of roles) {
        for (const [permission, least] of Object.entries(permissions)) {
          const allowed = await check(object, permission, `user:${role}`)
          expect([object, role, permission, allowed]).toEqual([object, role, permission, highest >= least])
        }
      }
    }
  })
})

describe('whoever is protected from deletes nothing, whatever else they have', () => {
  test.each([
    ['client-portal', 'bot', ['client', 'operator'], ['granted'], [] as Row[]],
    [
      'union',
      'agent',
      ['operator', 'configure', 'reader', 'consumer', 'client'],
      ['owner', 'editor', 'viewer', 'client_grant'],
      [['agent:a', 'deletion_protected_from', 'organization:o#admin']] as Row[],
    ],
  ])('%s', async (model, type, ofOrganization, ofObject, more) => {
    const organization = 'organization:o'
    const object = `${type}:a`
    const all = [
      ...ofOrganization.map((relation) => [organization, relation] as const),
      ...ofObject.map((relation) => [object, relation] as const),
    ]
    const sets = product(all.map((each) => [undefined, each]))
    const rows = sets.flatMap((set, at): Row[] =>
      ['boss', 'other'].flatMap((who): Row[] => [
        ...(who === 'boss' ? [[organization, 'admin', `user:boss${at}`] as const] : []),
        ...set.flatMap((each): Row[] => (each === undefined ? [] : [[each[0], each[1], `user:${who}${at}`]])),
      ]),
    )
    const check = await storeOf(model, [[object, 'organization', organization], ...more, ...rows])
    let others = 0
    for (const at of sets.keys()) {
      expect([sets[at], await check(object, 'can_delete', `user:boss${at}`)]).toEqual([sets[at], false])
      if (await check(object, 'can_delete', `user:other${at}`)) others += 1
    }
    // The same without being an admin: who is of the back office, or the owner, does.
    expect(others).toBeGreaterThan(sets.length / 3)
  })
})

test('a grant, a role and a plan of one organization mean nothing in another', async () => {
  const check = await storeOf('enterprise', [
    ['plan:pro', 'groups', 'user:*'],
    ['organization:rich', 'plan', 'plan:pro'],
    ['organization:poor', 'plan', 'plan:free'],
    ['organization:rich', 'admin', 'user:ada'],
    ['organization:poor', 'admin', 'user:ada'],
    ['organization:poor', 'admin', 'user:pat'],
    ['group:rich', 'organization', 'organization:rich'],
    ['group:poor', 'organization', 'organization:poor'],
    ['agent:rich', 'organization', 'organization:rich'],
  ])
  const held = ['can_add_member', 'can_modify', 'can_archive', 'can_assign_agent']
  for (const relation of held) {
    expect([relation, await check('group:rich', relation, 'user:ada')]).toEqual([relation, true])
    expect([relation, await check('group:poor', relation, 'user:ada')]).toEqual([relation, false])
    expect([relation, await check('group:rich', relation, 'user:pat')]).toEqual([relation, false])
  }
  expect(await check('agent:rich', 'can_view', 'user:pat')).toBe(false)
})
