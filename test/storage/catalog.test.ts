/** Which numbers and ids stores get: none that was ever given. */
import { expect, test } from 'vitest'
import { Catalog } from '../../src/storage/catalog.ts'
import { openMemory } from '../../src/storage/disk.ts'
import { Group, StoreState } from '../../src/storage/group.ts'
import { Heads } from '../../src/storage/heads.ts'
import { emptyHead } from '../../src/storage/load.ts'
import { Applied } from '../../src/storage/reader.ts'
import { Stage } from '../../src/storage/stage.ts'

function stateOf(number: number): StoreState {
  const row = { id: `s${number}`, name: '', createdAt: 0, updatedAt: 0, deleted: 'no', made: true } as const
  return new StoreState(number, { row, head: emptyHead(row), tuplesets: new Set(), relaying: [] })
}

test('a number above all others, of the catalog and of the group, also where a record was lost', async () => {
  const disk = await openMemory()
  const group = new Group(new Applied(disk).reader, new Heads())
  const catalog = new Catalog()
  expect(catalog.newNumber(group)).toBe(1)
  // The record of 2 is gone: counted, they would be two, and 3 would be given again.
  for (const number of [1, 3]) catalog.know(stateOf(number))
  expect(catalog.newNumber(group)).toBe(4)
  const made = stateOf(4)
  group.accept(made, new Stage(group.stage), made.facts)
  expect(catalog.newNumber(group)).toBe(5)
  expect([catalog.isTaken('s4', group), catalog.isTaken('s5', group)]).toEqual([true, false])
  await disk.close()
})
