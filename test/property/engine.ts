/** The engine as a contestant, over any View. */
import { check } from '../../src/engine/check.ts'
import { listObjects } from '../../src/engine/list-objects.ts'
import { listUsers } from '../../src/engine/list-users.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Fault } from '../../src/lib/fault.ts'
import { compileModel } from '../../src/model/compile.ts'
import type { View } from '../../src/storage/storage.ts'
import type { Baggage, World } from '../oracle/facts.ts'
import { ArrayView } from './array-view.ts'
import type { Contestant, Listed, Open } from './harness.ts'

/** Somewhere a world's tuples were put. */
export interface Placed {
  /** The state now; asked for once a question. */
  view(): View
  close(): Promise<void>
}

export function engineOver(place: (world: World) => Promise<Placed>): Open {
  return async (world) => contestant(world, await place(world))
}

/** The engine alone: storage is an array. */
export function engineOverArray(options: { readonly spread: boolean }): Open {
  return engineOver(async ({ tuples, now }) => {
    const view = new ArrayView(tuples, now, options)
    return { view: () => view, close: async () => {} }
  })
}

function contestant(world: World, placed: Placed): Contestant {
  const model = compileModel('model', world.model)
  const scope = ({ contextual, context }: Baggage): Scope => ({
    model,
    view: placed.view(),
    contextual,
    context,
    depthMax: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY,
  })
  return {
    check: async ({ key, baggage }) =>
      orError(async () => ((await check(scope(baggage), key)).allowed ? 'allowed' : 'denied')),
    listObjects: (baggage, question) => orError(() => collect(listObjects(scope(baggage), question))),
    listUsers: (baggage, question) => orError(() => collect(listUsers(scope(baggage), question))),
    close: () => placed.close(),
  }
}

/** Only the fault that a question may end with is an answer; anything else is a bug and goes up. */
async function orError<Answer>(ask: () => Promise<Answer>): Promise<Answer | 'error'> {
  try {
    return await ask()
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'validation_error') return 'error'
    throw thrown
  }
}

async function collect(list: AsyncIterable<string>): Promise<Listed> {
  const found: string[] = []
  for await (const one of list) found.push(one)
  return found
}
