/** What writers were told, and what a folder holds of it: lost, half-applied, or as it should be. */
import { openStorage } from '../../src/storage/open.ts'
import type { TupleKey } from '../../src/tuple/tuple.ts'

/** Tuples of one write: there together, or not at all. */
export interface Write {
  readonly store: string
  readonly tuples: readonly TupleKey[]
  acknowledged: boolean
}

/** Tuples that were sent in order; the first so many were acknowledged. A prefix of them is there. */
export interface Import {
  readonly store: string
  readonly tuples: readonly TupleKey[]
  acknowledged: number
}

export interface Model {
  readonly store: string
  readonly id: string
}

export class Ledger {
  readonly writes: Write[] = []
  readonly imports: Import[] = []
  readonly models: Model[] = []
  /** Stores by id, with what is known of them. */
  readonly stores = new Map<string, 'made' | 'deleting' | 'deleted'>()

  get acknowledged(): number {
    const imported = this.imports.reduce((sum, one) => sum + one.acknowledged, 0)
    const written = this.writes.filter((one) => one.acknowledged).length
    return written + imported + this.models.length + this.stores.size
  }

  /** Sentences about everything that is not as it was told. What is found now must be found from now on. @throws why the folder does not open */
  async compare(path: string): Promise<{ readonly lost: string[]; readonly half: string[] }> {
    const lost: string[] = []
    const half: string[] = []
    const storage = await openStorage({ path }, { sweepEveryMs: 0 })
    try {
      const isThere = ({ store, tuples }: { store: string; tuples: readonly TupleKey[] }): boolean[] => {
        if (storage.store(store) === undefined) return []
        const view = storage.view(store)
        return tuples.map(
          ({ object, relation, subject }) => view.tuple(object, relation, subject) !== undefined,
        )
      }
      for (const [id, known] of this.stores) {
        const found = storage.store(id) !== undefined
        if (known === 'made' && !found) lost.push(`store ${id}`)
        if (known === 'deleted' && found) lost.push(`the deletion of store ${id}`)
      }
      const isLiving = (store: string): boolean => this.stores.get(store) === 'made'
      for (const write of this.writes.filter(({ store }) => isLiving(store))) {
        const there = isThere(write)
        const whole = there.every((one) => one)
        const name = `write of ${write.tuples[0]?.object}`
        if (write.acknowledged && !whole) lost.push(name)
        if (!whole && there.some((one) => one)) half.push(name)
        write.acknowledged ||= whole
      }
      for (const one of this.imports.filter(({ store }) => isLiving(store))) {
        const there = isThere(one)
        const until = there.indexOf(false) === -1 ? there.length : there.indexOf(false)
        const name = `import of ${one.tuples[0]?.object}`
        if (until < one.acknowledged) lost.push(`${name}: ${until} of ${one.acknowledged}`)
        if (there.slice(until).includes(true)) half.push(name)
        one.acknowledged = Math.max(one.acknowledged, until)
      }
      for (const { store, id } of this.models.filter((one) => isLiving(one.store))) {
        if (storage.store(store) !== undefined && storage.view(store).model(id) === undefined)
          lost.push(`model ${id}`)
      }
    } finally {
      await storage.close()
    }
    return { lost, half }
  }
}
