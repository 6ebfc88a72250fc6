/** A change as storage would build it, and does not: validated like the real one, refused where that would be. */
import { Fault } from '../lib/fault.ts'
import type { Preview } from '../storage/storage.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import { type Ground, viewOf } from './ground.ts'
import { guarded } from './guarded.ts'
import { atLine, isPage, isRefusal, termsOf } from './import.ts'
import { keyText } from './keys.ts'
import { modelChangeOf } from './models.ts'
import type { ImportRequest, ProposedChange } from './requests.ts'
import { WritableShapes } from './writable.ts'
import { writeOf } from './write.ts'

/** Lines of an import that are looked at together: both sides of a dry run are held. */
const linesMax = 8_000

/** To be released. @throws Fault of the change; exceeded_entity_limit: an import of more lines than that */
export async function proposed(ground: Ground, change: ProposedChange): Promise<Preview> {
  const { store } = change.request
  switch (change.kind) {
    case 'write':
      return ground.storage.preview(store, writeOf(ground, change.request).change)
    case 'model':
      return ground.storage.preview(store, modelChangeOf(ground, change.request).change)
    case 'import':
      return proposedImport(ground, change.request, await linesOf(ground, change.request, change.tuples))
  }
}

/** All lines of an import. @throws Fault of the first bad one, naming it */
async function linesOf(
  ground: Ground,
  request: ImportRequest,
  tuples: AsyncIterable<Tuple | readonly Tuple[]>,
): Promise<readonly Tuple[]> {
  const view = viewOf(ground, request.store)
  const shapes = new WritableShapes(ground.models.resolve(view, request.model))
  const { now } = view
  const isOnce = termsOf(request).onDuplicate === 'error'
  const keys = new Set<string>()
  const lines: Tuple[] = []
  for await (const some of tuples) {
    for (const tuple of isPage(some) ? some : [some]) {
      if (lines.length === linesMax) throw tooMany()
      lines.push(tuple)
      try {
        shapes.demand(tuple, now)
        if (isOnce && keys.size === keys.add(keyText(tuple)).size) throw twice(tuple)
      } catch (thrown) {
        throw atLine(lines.length, thrown, 0)
      }
    }
  }
  return lines
}

async function proposedImport(
  ground: Ground,
  request: ImportRequest,
  lines: readonly Tuple[],
): Promise<Preview> {
  const { store } = request
  const preview = (some: readonly Tuple[]) => {
    const change = { ...termsOf(request), writes: some }
    return ground.storage.preview(store, guarded(ground, viewOf(ground, store), change))
  }
  try {
    return await preview(lines)
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
    throw await firstRefused(lines, thrown, preview)
  }
}

/** Halves what is between the lines that are fine and the one by which it is refused. */
async function firstRefused(
  lines: readonly Tuple[],
  refusal: unknown,
  preview: (some: readonly Tuple[]) => Promise<Preview>,
): Promise<Fault> {
  let fine = 0
  let refused = lines.length
  let why = refusal
  while (refused - fine > 1) {
    const middle = (fine + refused) >> 1
    try {
      const { release } = await preview(lines.slice(0, middle))
      release()
      fine = middle
    } catch (thrown) {
      refused = middle
      why = thrown
    }
  }
  return atLine(refused, why, 0)
}

/** What the second of two equal lines meets: the first was imported before it. */
function twice(tuple: Tuple): Fault {
  return new Fault(
    'write_failed_due_to_invalid_input',
    `cannot write a tuple which already exists: ${printTuple(tuple)}: it is there twice`,
  )
}

function tooMany(): Fault {
  return new Fault(
    'exceeded_entity_limit',
    `a dry run takes at most ${linesMax} tuples; nothing was imported. Ask about a part of them`,
  )
}
