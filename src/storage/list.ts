/**
 * A sorted list of subjects, some of them qualified: what heads hold inline and pages hold in full. Pure values;
 * forward.ts decides where they are kept.
 */
import { placeIn } from '../lib/order.ts'
import { compareText } from './keys.ts'

export interface List {
  readonly names: string[]
  readonly qualified: Set<string>
}

/** What becomes of a subject: listed, listed as qualified, or gone. */
export type Listing = 'plain' | 'qualified' | 'gone'

/** Names, and the indices of the qualified ones. */
export type ListCells = [names: string[], qualified: number[]]

export function emptyList(): List {
  return { names: [], qualified: new Set() }
}

export function listOf([names, qualified]: ListCells): List {
  const set = new Set<string>()
  for (const index of qualified) set.add(names[index] as string)
  return { names, qualified: set }
}

export function cellsOf({ names, qualified }: List): ListCells {
  if (qualified.size === 0) return [names, []]
  return [names, names.flatMap((name, index) => (qualified.has(name) ? [index] : []))]
}

/** Changes one subject; O(log n) comparisons and one move within the array. */
export function relist({ names, qualified }: List, name: string, listing: Listing): void {
  const index = placeIn(names, name, compareText)
  const present = names[index] === name
  if (listing === 'gone') {
    if (present) names.splice(index, 1)
    qualified.delete(name)
    return
  }
  if (!present) names.splice(index, 0, name)
  if (listing === 'qualified') qualified.add(name)
  else qualified.delete(name)
}

/** The two halves of a list, each in order. */
export function halve({ names, qualified }: List): [List, List] {
  const middle = names.length >> 1
  const half = (part: string[]): List => ({
    names: part,
    qualified: new Set(part.filter((name) => qualified.has(name))),
  })
  return [half(names.slice(0, middle)), half(names.slice(middle))]
}
