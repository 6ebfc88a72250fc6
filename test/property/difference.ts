/**
 * Is what the engine says a change would change all that it would, and nothing else? Every individual and typed wildcard
 * is asked about at every place before and after, by the oracle; where a condition lacks its context, also with that
 * condition decided one way and the other.
 */
import { type Difference, difference } from '../../src/engine/difference.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { compareBytes } from '../../src/lib/order.ts'
import { compileModel } from '../../src/model/compile.ts'
import type { ModelJson } from '../../src/model/json.ts'
import type { TupleChange } from '../../src/storage/storage.ts'
import { printTuple, type Tuple, type TupleKey } from '../../src/tuple/tuple.ts'
import type { Case } from '../generate/case.ts'
import type { Baggage, Predicate, World } from '../oracle/facts.ts'
import { type Verdict, verdictsAt } from '../oracle/oracle.ts'
import { ArrayView } from './array-view.ts'

export interface Move {
  readonly before: World
  readonly after: World
  readonly changes: readonly TupleChange[]
}

export interface Seen {
  gains: number
  loses: number
  unknown: number
  pairs: number
}

export interface Plan {
  /** One in so many tuples is written, one deleted, one qualified. */
  readonly share: number
  /** Absent: it stays. */
  readonly model: ModelJson | undefined
  /** Tuples that may change; absent: all. */
  readonly mayChange?: (tuple: Tuple) => boolean
}

/** Some tuples are there on one side only, some in another form; decided by each alone. */
export function moveOf({ world }: Case, { share, model, mayChange }: Plan): Move {
  const fate = (tuple: Tuple) => (mayChange?.(tuple) === false ? -1 : hash(printTuple(tuple)) % share)
  const before = world.tuples.flatMap((tuple) =>
    fate(tuple) === 0 ? [] : fate(tuple) === 1 ? [bare(tuple)] : [tuple],
  )
  const after = world.tuples.filter((tuple) => fate(tuple) !== 2)
  return {
    before: { ...world, tuples: before },
    after: { ...world, tuples: after, model: model ?? world.model },
    changes: changesBetween(before, after),
  }
}

function changesBetween(before: readonly Tuple[], after: readonly Tuple[]): readonly TupleChange[] {
  const [old, fresh] = [before, after].map((tuples) => new Set(tuples.map((one) => JSON.stringify(one))))
  const gone = before.filter((one) => fresh?.has(JSON.stringify(one)) === false)
  const made = after.filter((one) => old?.has(JSON.stringify(one)) === false)
  return [
    ...gone.map((tuple) => ({ operation: 'delete', tuple }) as const),
    ...made.map((tuple) => ({ operation: 'write', tuple }) as const),
  ]
}

function bare({ object, relation, subject }: Tuple): Tuple {
  return { object, relation, subject }
}

/** Asks for a page. */
export type Say = (page: { readonly from: string | undefined; readonly size: number }) => Promise<{
  readonly rows: readonly Difference[]
  readonly next: string | undefined
}>

/** The engine over arrays. */
export function engineSays({ before, after, changes }: Move, { context }: Baggage, spread: boolean): Say {
  const old = compileModel('old', before.model)
  const scope = (world: World, revision: number): Scope => ({
    model: world.model === before.model ? old : compileModel('new', world.model),
    view: new ArrayView(world.tuples, world.now, { spread, revision }),
    contextual: [],
    context,
    depthMax: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY,
  })
  const [first, second] = [scope(before, 1), scope(after, 2)]
  return async ({ from, size }) => {
    const { rows, next } = await difference({
      view: first.view,
      before: first,
      after: second,
      changes,
      from: from === undefined ? undefined : (JSON.parse(from) as TupleKey),
      size,
      deadline: Number.POSITIVE_INFINITY,
    })
    return { rows, next: next && JSON.stringify(next) }
  }
}

async function saidBy(say: Say, size: number): Promise<readonly Difference[]> {
  const rows: Difference[] = []
  let from: string | undefined
  do {
    const page = await say({ from, size })
    if (page.next !== undefined && page.rows.length !== size) throw new Error('a page that is not full')
    rows.push(...page.rows)
    from = page.next
  } while (from !== undefined)
  return rows
}

/** Why what is said is wrong; undefined when it is not. */
export async function misjudged(
  move: Move,
  baggage: Baggage,
  { say, size }: { readonly say: Say; readonly size: number },
  seen: Seen,
): Promise<string | undefined> {
  const rows = await saidBy(say, size)
  const sorted = rows.toSorted(
    (one, other) =>
      compareBytes(one.object, other.object) ||
      compareBytes(one.relation, other.relation) ||
      compareBytes(one.subject, other.subject),
  )
  if (sorted.some((row, index) => row !== rows[index])) return 'the rows are not in order'
  const said = new Map(rows.map((row) => [printTuple(row), row.change]))
  if (said.size !== rows.length) return 'a row comes twice'
  const places = placesOf(move)
  for (const subject of subjectsOf(move)) {
    const right = judged(move, baggage, subject, places)
    for (const [index, place] of places.entries()) {
      const pair = printTuple({ ...place, subject })
      const expected = right[index]
      const actual = said.get(pair)
      said.delete(pair)
      seen.pairs += 1
      if (actual !== undefined) seen[actual] += 1
      if (
        expected !== actual &&
        !(expected === 'unknown or none' && actual !== 'gains' && actual !== 'loses')
      )
        return report(move, baggage, `${pair}: the oracle says ${expected}, and what is said is ${actual}`)
    }
  }
  return said.size === 0 ? undefined : `rows of nobody: ${[...said.keys()]}`
}

type Expected = Difference['change'] | 'unknown or none' | undefined

/** At each place. */
function judged(
  { before, after }: Move,
  baggage: Baggage,
  subject: string,
  places: readonly { readonly object: string; readonly relation: string }[],
): readonly Expected[] {
  const verdicts = (world: World) => verdictsAt(world, baggage, subject, places)
  const [old, fresh] = [verdicts(before), verdicts(after)]
  const supposed = suppositions.map((suppose) =>
    [before, after].map((world) => verdicts({ ...world, predicates: suppose(world.predicates) })),
  )
  return places.map((_, index): Expected => {
    const [was, is] = [old[index], fresh[index]] as [Verdict, Verdict]
    if (was !== 'error' && is !== 'error') {
      return was === is ? undefined : is === 'allowed' ? 'gains' : 'loses'
    }
    // A row may be more than is owed where it says that it does not know; it may not be less.
    const hangs = supposed.some(([one, other]) => one?.[index] !== other?.[index])
    return hangs ? 'unknown' : 'unknown or none'
  })
}

/** What nobody can evaluate taken for true, for false, and for a bit of both. */
const suppositions = [() => true, () => false, (name: string) => name < 'l'].map(
  (value) => (predicates: ReadonlyMap<string, Predicate>) =>
    new Map(
      [...predicates].map(([name, holds]): [string, Predicate] => [
        name,
        (context) => holds(context) ?? value(name),
      ]),
    ),
)

function subjectsOf({ before, after }: Move): readonly string[] {
  const named = [...before.tuples, ...after.tuples].map(({ subject }) => subject)
  const types = [before, after].flatMap(({ model }) => model.type_definitions.map(({ type }) => `${type}:*`))
  return [...new Set([...named.filter((one) => !one.includes('#')), ...types])]
}

function placesOf({ before, after }: Move) {
  const objects = new Set([...before.tuples, ...after.tuples].map(({ object }) => object))
  const relations = [before, after].flatMap(({ model }) =>
    model.type_definitions.flatMap(({ type, relations }) =>
      Object.keys(relations ?? {}).map((relation) => `${type}#${relation}`),
    ),
  )
  return [...objects].flatMap((object) =>
    [...new Set(relations)]
      .filter((name) => object.startsWith(`${name.split('#')[0]}:`))
      .map((name) => ({ object, relation: name.split('#')[1] ?? '' })),
  )
}

function report({ before, after, changes }: Move, { context }: Baggage, what: string): string {
  return [
    what,
    `context: ${JSON.stringify(context)}, now: ${before.now}`,
    ...changes.map((one) => JSON.stringify(one)),
    ...before.tuples.map((one) => `before: ${JSON.stringify(one)}`),
    `model before: ${JSON.stringify(before.model.type_definitions)}`,
    before.model === after.model ? '' : `model after: ${JSON.stringify(after.model.type_definitions)}`,
  ].join('\n')
}

/** FNV-1a: the same for the same text, so that a failure fails again. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
