/** What a check reads of a forward head and its pages; what heads are is in forward.ts. */
import { assert } from '../lib/assert.ts'
import type { PlaceCells } from './forward.ts'
import { forwardKey, type Part } from './keys.ts'
import type { ListCells } from './list.ts'
import { readPage, type Where } from './pages.ts'
import type { Reader } from './reader.ts'
import type { Edges } from './storage.ts'
import { unpack } from './values.ts'

const noneQualified: ReadonlySet<string> = new Set()
const noEdges: Edges = { usersets: [], plain: [], qualified: noneQualified }

/** What a check reads. O(subjects listed). */
export function readEdges(reader: Reader, store: number, object: string, relation: string): Edges {
  const bytes = reader.get(forwardKey(store, object, relation))
  if (bytes === undefined) return noEdges
  const cells = unpack<[PlaceCells, PlaceCells]>(bytes)
  const at = { store, object, relation }
  const usersets = listedAt(reader, at, 'usersets', cells[0])
  const plain = listedAt(reader, at, 'plain', cells[1])
  assert(usersets !== undefined, 'usersets are always listed')
  return { usersets: usersets[0], plain: plain?.[0], qualified: qualifiedOf(usersets, plain) }
}

function listedAt(
  reader: Reader,
  at: Where,
  part: Part,
  [first, directory]: PlaceCells,
): ListCells | undefined {
  if (first === 2 || first === 3) return undefined
  // Of an inline list the first cell is its names.
  if (first !== 1) return [first, directory]
  const names: string[] = []
  const marks: number[] = []
  for (const [, page] of directory) {
    const cells = readPage(reader, at, part, page)
    for (const mark of cells[1]) marks.push(names.length + mark)
    for (const name of cells[0]) names.push(name)
  }
  return [names, marks]
}

function qualifiedOf(...lists: readonly (ListCells | undefined)[]): ReadonlySet<string> {
  let qualified = noneQualified
  for (const [names, marks] of lists.filter((list) => list !== undefined)) {
    if (marks.length > 0) qualified = new Set([...qualified, ...marks.map((mark) => names[mark] as string)])
  }
  return qualified
}
