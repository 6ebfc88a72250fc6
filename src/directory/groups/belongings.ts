/** What a group was given: the tuples of resources that name it, kind by kind. */
import type { Placed } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import type { Level, ResourceKind } from '../preset/preset.ts'
import { subjectAt } from '../resources/levels.ts'
import type { Sight } from '../sight.ts'

/** One resource that a group was given, at the highest level of those it was given. */
export interface Belonging {
  /** `bot:ID` */
  readonly object: string
  readonly level: Level
}

/** Of one kind; each resource once. Costs as much as there are. */
export async function belongingsOf(
  sight: Sight,
  kind: ResourceKind,
  object: string,
): Promise<readonly Belonging[]> {
  const found = new Map<string, Level>()
  const subjects = new Set(kind.levels.map((level) => subjectAt(level, object)))
  for (const subject of subjects) {
    if (subject === undefined) continue
    for await (const placed of placementsAt(sight, subject, kind.type)) {
      const level = kind.levels.find(
        (each) => each.relation === placed.relation && subjectAt(each, object) === subject,
      )
      if (level === undefined || (found.get(placed.object)?.rank ?? 0) >= level.rank) continue
      // What has expired is still placed.
      if (placed.qualified && !sight.has(placed.object, level.relation, subject)) continue
      found.set(placed.object, level)
    }
  }
  return [...found].map(([each, level]) => ({ object: each, level }))
}

async function* placementsAt({ view }: Sight, subject: string, type: string): AsyncGenerator<Placed> {
  const few = view.reverse(subject)
  if (few !== undefined) {
    yield* few.filter(({ object }) => typeOf(object) === type)
    return
  }
  for await (const page of view.placements(subject, type)) yield* page
}
