/**
 * Which places a new model may concern: every object, at every relation that it defines otherwise. Whom there: who is met
 * on the way down. In order, found as they are asked for, since they may be as many as the store has objects; those that
 * only the change makes are found from its tuples (places.ts).
 */
import { compareBytes } from '../../lib/order.ts'
import type { Placement } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import type { Both } from './both.ts'
import { sortedTypes } from './order.ts'
import type { Place } from './places.ts'

export interface Swept {
  /** Names of relations, by type. */
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>
  /** The first place there may be; absent: all. */
  readonly from: Placement | undefined
}

/** In the order of object and relation, in pages. O(objects of those types) to the last. */
export async function* sweep(both: Both, { relations, from }: Swept): AsyncGenerator<readonly Place[]> {
  for (const type of sortedTypes([...relations.keys()])) {
    if (from !== undefined && compareBytes(`${type}:`, `${typeOf(from.object)}:`) < 0) continue
    const names = [...(relations.get(type) ?? [])].sort(compareBytes)
    for await (const objects of objectsOf(both, type, from)) {
      yield objects.flatMap((object) => names.map((relation) => placeUnder(object, relation)))
    }
  }
}

function placeUnder(object: string, relation: string): Place {
  return { object, relation, sources: new Set([{ kind: 'under', object, relation }]) }
}

/** From that of `from` on. */
async function* objectsOf(
  both: Both,
  type: string,
  from: Placement | undefined,
): AsyncGenerator<readonly string[]> {
  const first = from !== undefined && typeOf(from.object) === type ? from.object : undefined
  if (first !== undefined) yield [first]
  yield* both.objects(type, first)
}
