/**
 * Store records against what else the folder knows: numbers have no gaps, rows carry them, and the journal names every
 * store. A record that is lost would hide its store, and the last one's number would be given to another.
 */
import type { Disk } from './disk.ts'
import { chainStart, isChained } from './entries.ts'
import type { StoreState } from './group.ts'
import { journalRows } from './journal.ts'
import * as keys from './keys.ts'
import type { StoreRow } from './sealed.ts'
import type { StoreChange } from './storage.ts'

export interface LostRecord {
  readonly number: number
  /** As it was, by the journal; undefined where that does not say which store it was. */
  readonly row: StoreRow | undefined
}

/** Numbers that a store has or had, and no record. O(records) and two point scans */
export async function numbersLost(disk: Disk, states: readonly StoreState[]): Promise<number[]> {
  const known = new Set(states.map(({ number }) => number))
  let greatest = Math.max(await lastNumber(disk, keys.kind.head), await lastNumber(disk, keys.kind.change))
  for (const number of known) greatest = Math.max(greatest, number)
  const lost: number[] = []
  for (let number = 1; number <= greatest; number++) if (!known.has(number)) lost.push(number)
  return lost
}

async function lastNumber(disk: Disk, kind: number): Promise<number> {
  const prefix = keys.kindPrefix(kind)
  for await (const [last] of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix), reverse: true }, 1)) {
    if (last !== undefined) return last[0].readUInt32BE(1)
  }
  return 0
}

/** Every record that is lost, made again from the journal where that can be. O(journal) */
export async function lostRecords(disk: Disk, states: readonly StoreState[]): Promise<LostRecord[]> {
  const numbers = await numbersLost(disk, states)
  const unknown = await namedOnly(disk, states)
  const found = new Map<number, StoreRow>()
  for (const number of numbers) {
    const first = disk.get(keys.changeKey(number, 1))
    const row = [...unknown.values()].find(
      ({ id }) => first !== undefined && isChained(chainStart(id), 1, first),
    )
    if (row === undefined) continue
    found.set(number, row)
    unknown.delete(row.id)
  }
  // Both are in order of creation; stores behind the last record left no number.
  const left = numbers.filter((number) => !found.has(number))
  let next = 1
  for (const number of [...numbers, ...states.map((state) => state.number)]) next = Math.max(next, number + 1)
  while (left.length < unknown.size) left.push(next++)
  if (left.length === unknown.size) {
    for (const row of unknown.values()) found.set(left.shift() ?? next, row)
  }
  return [...new Set([...numbers, ...found.keys()])].map((number) => ({ number, row: found.get(number) }))
}

/** What takes the place of a record that nothing names: the rows stay, nobody sees them, and the number is not given again. */
export function placeholderOf(number: number): StoreRow {
  const name = `lost-${number}`
  return { id: name, name, createdAt: 0, updatedAt: 0, deleted: 'purged', made: false }
}

/** Stores that the journal names and no record does, by id, the oldest first. */
async function namedOnly(disk: Disk, states: readonly StoreState[]): Promise<Map<string, StoreRow>> {
  const known = new Set(states.map(({ facts }) => facts.row.id))
  const rows = new Map<string, StoreRow>()
  for await (const { change } of journalRows(disk)) {
    if (change !== undefined && !known.has(change.store)) {
      rows.set(change.store, after(rows.get(change.store), change))
    }
  }
  return rows
}

function after(before: StoreRow | undefined, { operation, store, name, timestamp }: StoreChange): StoreRow {
  const createdAt = before?.createdAt ?? timestamp
  const deleted = operation === 'delete' ? 'purging' : 'no'
  return { id: store, name, createdAt, updatedAt: timestamp, deleted, made: false }
}
