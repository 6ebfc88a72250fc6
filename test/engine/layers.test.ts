/** Relations that read each other in layers: paths multiply, and nothing here may follow all of them in one go. */
import { expect, test } from 'vitest'
import { listObjects } from '../../src/engine/list-objects.ts'
import { Reached } from '../../src/engine/reached.ts'
import { latticeOf } from '../../src/engine/resident/lattice.ts'
import { Scales } from '../../src/engine/weigh.ts'
import { compileModel } from '../../src/model/compile.ts'
import type { UsersetJson } from '../../src/model/json.ts'
import { remembering } from './memory.ts'
import { worldOf } from './world.ts'

const width = 4

/** Each relation of a layer reads all of the layer below, `width` to the power of the layers between in all. */
function typesOf(layers: number): string {
  const lines = [
    'type user',
    'type doc',
    '  relations',
    '    define blocked: [user]',
    '    define other: [user]',
  ]
  const layer = (number: number): string[] => Array.from({ length: width }, (_, at) => `l${number}_${at}`)
  for (let number = 0; number < layers; number++) {
    const below = number + 1 === layers ? '[user]' : layer(number + 1).join(' or ')
    for (const name of layer(number)) lines.push(`    define ${name}: (${below}) but not blocked`)
  }
  lines.push('    define viewer: other but not l0_0')
  return lines.join('\n')
}

test.each([
  [3, 'graph'],
  [6, 'walk'],
])('a check through %i layers is answered, by the %s', async (layers, by) => {
  const lowest = `l${layers - 1}_1`
  const memory = await remembering(typesOf(layers), [
    `doc:1#${lowest}@user:ann`,
    `doc:1#${lowest}@user:eve`,
    'doc:1#blocked@user:eve',
  ])
  expect(await memory.ask('doc:1#l0_0@user:ann')).toBe(`yes by ${by}`)
  expect(await memory.ask('doc:1#l0_0@user:bob')).toBe(`no by ${by}`)
  // Who is subtracted is absent, whatever the rest comes to.
  expect(await memory.ask('doc:1#l0_0@user:eve')).toBe('no by graph')
})

test.each([
  [3, 'no'],
  [8, 'unsure'],
] as const)('an object of %i layers below is weighed to %s, within bounds', async (layers, weight) => {
  const { model } = (await worldOf(typesOf(layers), [])).scope()
  const target = model.relation('doc', 'l0_0')
  if (target === undefined) throw new Error('the relation')
  let looks = 0
  class Counted extends Reached {
    override hops(operator: number): number | undefined {
      looks++
      return super.hops(operator)
    }
  }
  expect(new Scales(model, target).weigh(new Counted('doc:1'))).toBe(weight)
  // Past the bound nothing is opened: what was open is looked through.
  expect(looks).toBeLessThan(2_000)
})

test('a list over many layers is what the checks say', async () => {
  const { scope } = await worldOf(typesOf(8), [
    'doc:1#other@user:ann',
    'doc:2#other@user:ann',
    'doc:2#l7_3@user:ann',
    'doc:3#other@user:ann',
    'doc:3#l7_0@user:ann',
    'doc:3#blocked@user:ann',
    'doc:4#l7_3@user:ann',
  ])
  const found: string[] = []
  for await (const object of listObjects(scope(), { type: 'doc', relation: 'viewer', subject: 'user:ann' }))
    found.push(object)
  expect(found.sort()).toEqual(['doc:1', 'doc:3'])
})

/** Each relation reads the next; the last is the users' own, as is `blocked`. */
function chainOf(length: number, rewriteOf: (next: UsersetJson) => UsersetJson) {
  const user = { type: 'user', condition: '' }
  const own = { directly_related_user_types: [user], module: '', source_info: null }
  const relations: Record<string, UsersetJson> = { blocked: { this: {} } }
  for (let at = 0; at < length; at++) {
    const next = { computedUserset: { object: '', relation: `r${at + 1}` } }
    relations[`r${at}`] = at + 1 === length ? { this: {} } : rewriteOf(next)
  }
  const metadata = { relations: { blocked: own, [`r${length - 1}`]: own }, module: '', source_info: null }
  const users = { type: 'user', relations: {}, metadata: null }
  const model = compileModel('m', {
    schema_version: '1.1',
    type_definitions: [users, { type: 'doc', relations, metadata }],
  })
  return (name: string) => {
    const relation = model.relation('doc', name)
    if (relation === undefined) throw new Error('the relation')
    return { lattice: latticeOf(model), relation }
  }
}

const blocked = { computedUserset: { object: '', relation: 'blocked' } }

test('of a long chain of relations only its last ones are flattened', () => {
  const find = chainOf(400, (next) => ({ union: { child: [next, blocked] } }))
  const read = ['r0', 'r390'].map((name) => {
    const { lattice, relation } = find(name)
    return lattice
      .flat(relation)
      ?.direct.map((rung) => rung.relation.name)
      .sort()
  })
  expect(read).toEqual([undefined, ['blocked', 'r399']])
})

test('a chain of exclusions is planned as far as calls within calls go', () => {
  const find = chainOf(6_000, (base) => ({ difference: { base, subtract: blocked } }))
  const { lattice, relation } = find('r0')
  expect(lattice.plans.of(relation)).toMatchObject({ kind: 'gate' })
})
