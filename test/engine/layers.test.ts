/** Relations that read each other in layers: paths multiply, and nothing here may follow all of them in one go. */
import { expect, test } from 'vitest'
import { listObjects } from '../../src/engine/list-objects.ts'
import { Reached } from '../../src/engine/reached.ts'
import { Scales } from '../../src/engine/weigh.ts'
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
