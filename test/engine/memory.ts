/** A world with memory: asked through a residency that hears what the test writes, and tells what answered. */
import { Residency, type ResidencyOptions } from '../../src/engine/resident/residency.ts'
import type { Scope } from '../../src/engine/scope.ts'
import type { ChangeEntry } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import type { FakeStore } from './fake-view.ts'
import { tupleOf, verdict, type World, worldOf } from './world.ts'

export interface Remembering {
  readonly store: FakeStore
  readonly residency: Residency
  scope(changed?: Partial<Scope>): Scope
  /** The answer, and what gave it: `yes by walk`, `no by graph`, `yes by decision`; `yes` where memory was not asked. */
  ask(question: string, changed?: Partial<Scope>): Promise<string>
  write(tuple: string): void
  delete(tuple: string): void
}

/** Nothing of it is verified: what answered is the point. */
export async function remembering(
  types: string,
  tuples: readonly (string | Tuple)[],
  options: Partial<ResidencyOptions> = {},
): Promise<Remembering> {
  const world = await worldOf(types, tuples)
  let hear = (_: ChangeEntry): void => {}
  const storage = {
    onApplied: (listener: (store: string, entry: ChangeEntry) => void) => {
      hear = (entry) => listener('fake', entry)
      return () => {}
    },
  }
  const bounds = { bytesMax: 1 << 26, decisionBytesMax: 1 << 20, windowMs: 300_000 }
  const silence = { sampleEvery: 0, onMismatch: () => {} }
  const residency = new Residency(storage, { ...bounds, ...silence, ...options })
  const tell = (operation: 'write' | 'delete', tuple: string) => {
    const { revision } = world.store.view()
    hear({ revision, timestamp: 0, tuples: [{ operation, tuple: tupleOf(tuple) }] })
  }
  const scope = (changed: Partial<Scope> = {}) => residentScope(world, residency, changed)
  return {
    store: world.store,
    residency,
    scope,
    ask: async (question, changed) => {
      const before = { ...residency.counts }
      const said = await verdict(scope(changed), question)
      const { graph, decisions, walks } = residency.counts
      const by = {
        graph: graph - before.graph,
        decision: decisions - before.decisions,
        walk: walks - before.walks,
      }
      const names = Object.entries(by).flatMap(([name, times]) => Array<string>(times).fill(name))
      return [said, ...names].join(' by ')
    },
    write: (tuple) => {
      world.store.write(tupleOf(tuple))
      tell('write', tuple)
    },
    delete: (tuple) => {
      world.store.delete(tupleOf(tuple))
      tell('delete', tuple)
    },
  }
}

function residentScope(world: World, residency: Residency, changed: Partial<Scope>): Scope {
  const scope = world.scope(changed)
  return { resident: residency.graph(scope.view, scope.model), ...scope }
}
