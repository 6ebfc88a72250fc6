/** Rows of one state that were read already: what decides a change, and what guards it, ask for the same few again and again. */
import type { Entity, View } from '../storage/storage.ts'
import type { StoredTuple } from '../tuple/tuple.ts'

/** Rows of each kind; past it they are read anew: who walks through thousands asks for none twice. */
const metMax = 256

export class Met {
  readonly #view: View
  readonly #entities = new Map<string, Entity | undefined>()
  readonly #tuples = new Map<string, StoredTuple | undefined>()

  /** @param view - one that stays as it is: pinned, or of a commit that is being decided */
  constructor(view: View) {
    this.#view = view
  }

  entity(type: string, id: string): Entity | undefined {
    return recalled(this.#entities, `${type}:${id}`, () => this.#view.entity(type, id))
  }

  tuple(object: string, relation: string, subject: string): StoredTuple | undefined {
    const read = () => this.#view.tuple(object, relation, subject)
    return recalled(this.#tuples, `${object}#${relation}@${subject}`, read)
  }
}

function recalled<Row>(rows: Map<string, Row>, name: string, read: () => Row): Row {
  const met = rows.get(name)
  if (met !== undefined || rows.has(name)) return met as Row
  const row = read()
  if (rows.size >= metMax) rows.clear()
  rows.set(name, row)
  return row
}
