/**
 * The plan of a commit: what a Change does to the tuples of a state, or the Fault that refuses it. Preconditions are
 * judged against the state before the request; nothing is written here.
 */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../lib/fault.ts'
import type { StoredTuple, Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import { type Site, unpackForward } from './forward.ts'
import { spotOf, tupleName } from './names.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Change } from './storage.ts'
import { isExpired, unpackTuple } from './values.ts'

/** One tuple that the commit touches. */
export interface Step {
  /** Of the tuple row. */
  readonly name: string
  readonly site: Site
  readonly tuple: TupleKey
  /** The row before, expired or not. */
  readonly before: StoredTuple | undefined
  /** What is written; undefined deletes. */
  readonly after: Tuple | undefined
}

export interface Plan {
  /** One for each tuple. With `before` it is a delete in the log, with `after` a write, with both it is both. */
  readonly steps: readonly Step[]
  readonly written: number
  readonly deleted: number
}

/** A Change as storage itself may ask for it: `expire` deletes what has expired. */
export interface OwnChange extends Change {
  readonly expire?: readonly TupleKey[]
}

/** The state that a plan is made for. */
export interface Ground {
  readonly stage: Stage
  readonly store: number
  /** The instant by which tuples have expired or not. */
  readonly now: number
}

/** Tuples of a commit that is planned and laid out without a rest, some 0.2 ms. */
const fewTuples = 16

/**
 * One read for each object#relation, and a point read for each tuple that its head does not rule out.
 * @param matching - what `change.deleteWhere` matches in the state before
 */
export function* planOf(
  ground: Ground,
  change: OwnChange,
  matching: readonly StoredTuple[],
  slice: Slice,
): Work<Plan> {
  const planner = new Planner(ground, new Map())
  for (const tuple of change.deletes ?? []) {
    planner.delete(tuple, change.onMissing ?? 'error')
    if (slice.isOver) yield
  }
  for (const tuple of matching) {
    planner.deleteMatching(tuple)
    if (slice.isOver) yield
  }
  for (const tuple of change.expire ?? []) planner.expire(tuple)
  for (const tuple of change.writes ?? []) {
    planner.write(tuple, change.onDuplicate ?? 'error')
    if (slice.isOver) yield
  }
  const steps: Step[] = []
  let written = 0
  for (const step of planner.steps.values()) {
    if (step.after !== undefined) written++
    steps.push(step)
    if (slice.isOver) yield
  }
  return { steps, written, deleted: steps.length - written }
}

/** The same at once. */
export function planFew(ground: Ground, change: OwnChange, matching: readonly StoredTuple[]): Plan {
  const planner = new Planner(ground)
  const { deletes = [], onMissing = 'error', expire = [], writes = [], onDuplicate = 'error' } = change
  for (const tuple of deletes) planner.delete(tuple, onMissing)
  for (const tuple of matching) planner.deleteMatching(tuple)
  for (const tuple of expire) planner.expire(tuple)
  for (const tuple of writes) planner.write(tuple, onDuplicate)
  const steps = [...planner.steps.values()]
  let written = 0
  for (const { after } of steps) if (after !== undefined) written++
  return { steps, written, deleted: steps.length - written }
}

/** Whether it is done at once. */
export function isFew({ deletes, expire, writes }: OwnChange, matching: readonly StoredTuple[]): boolean {
  const asked = (deletes?.length ?? 0) + (expire?.length ?? 0) + (writes?.length ?? 0)
  return asked + matching.length <= fewTuples
}

/** By object; an object has few relations. */
type Sites = Map<string, Site[]>

class Planner {
  readonly steps = new Map<string, Step>()
  readonly #ground: Ground
  /** The last object#relation: changes of many tuples mostly come in order. */
  #site: Site | undefined
  /** All of them by object and relation, where they are many: a name is made and its head looked for once. */
  readonly #sites: Sites | undefined

  constructor(ground: Ground, sites?: Sites) {
    this.#ground = ground
    this.#sites = sites
  }

  delete(tuple: TupleKey, onMissing: 'error' | 'ignore'): void {
    const site = this.#goTo(tuple)
    const name = tupleName(site.spot, tuple.subject)
    if (this.steps.has(name)) {
      if (onMissing === 'ignore') return
      throw duplicateFault(tuple)
    }
    const before = this.#before(name, site, tuple)
    if (before !== undefined && !isExpired(before, this.#ground.now)) {
      this.steps.set(name, { name, site, tuple, before, after: undefined })
    } else if (onMissing === 'error') {
      throw new Fault(
        'write_failed_due_to_invalid_input',
        `cannot delete a tuple which does not exist: ${tail(tuple)}`,
      )
    }
  }

  deleteMatching(tuple: StoredTuple): void {
    const site = this.#goTo(tuple)
    const name = tupleName(site.spot, tuple.subject)
    if (!this.steps.has(name)) this.steps.set(name, { name, site, tuple, before: tuple, after: undefined })
  }

  expire(tuple: TupleKey): void {
    const site = this.#goTo(tuple)
    const name = tupleName(site.spot, tuple.subject)
    const before = this.#before(name, site, tuple)
    if (before !== undefined && isExpired(before, this.#ground.now)) {
      this.steps.set(name, { name, site, tuple, before, after: undefined })
    }
  }

  write(tuple: Tuple, onDuplicate: 'error' | 'ignore' | 'update'): void {
    const site = this.#goTo(tuple)
    const name = tupleName(site.spot, tuple.subject)
    const step = this.steps.get(name)
    const written = step?.after
    // The same key twice in one request: imports bring such. The second is judged against the first.
    if (written !== undefined && onDuplicate === 'error') throw duplicateFault(tuple)
    const before = step === undefined ? this.#before(name, site, tuple) : step.before
    const present =
      written ?? (before !== undefined && !isExpired(before, this.#ground.now) ? before : undefined)
    if (present !== undefined && onDuplicate === 'error') throw existsFault(tuple)
    if (present !== undefined && !isSame(present, tuple) && onDuplicate === 'ignore') {
      throw conflictFault(tuple)
    }
    if (written !== undefined && isSame(written, tuple)) return
    // Deletes precede writes: it would go and come back as it was.
    if (before !== undefined && present !== undefined && isSame(before, tuple)) this.steps.delete(name)
    else this.steps.set(name, { name, site, tuple, before, after: tuple })
  }

  #goTo({ object, relation }: TupleKey): Site {
    const last = this.#site
    if (last?.spot.object === object && last.spot.relation === relation) return last
    const known = this.#sites?.get(object)
    this.#site = known?.find(({ spot }) => spot.relation === relation) ?? this.#find(object, relation, known)
    return this.#site
  }

  /** @param known - those of the object that were found before */
  #find(object: string, relation: string, known: Site[] | undefined): Site {
    const { stage, store } = this.#ground
    const spot = spotOf(store, object, relation)
    const site = { spot, head: stage.head(spot.head, unpackForward) }
    if (known === undefined) this.#sites?.set(object, [site])
    else known.push(site)
    return site
  }

  #before(name: string, { head }: Site, { object, relation, subject }: TupleKey): StoredTuple | undefined {
    if (head?.mayHave(subject) !== true) return undefined
    const bytes = this.#ground.stage.value(name)
    return bytes === undefined ? undefined : unpackTuple({ object, relation, subject }, bytes)
  }
}

function isSame(a: Tuple, b: Tuple): boolean {
  return a.expiresAt === b.expiresAt && isSameCondition(a.condition, b.condition)
}

function isSameCondition(a: TupleCondition | undefined, b: TupleCondition | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.name === b.name && isDeepStrictEqual(plainJson(a.context ?? {}), plainJson(b.context ?? {}))
}

/** As it comes back from disk: what a caller built may differ in prototypes and undefined fields. */
function plainJson(document: object): unknown {
  return JSON.parse(JSON.stringify(document))
}

function tail({ object, relation, subject }: TupleKey): string {
  const named = `user: '${subject}', relation: '${relation}', object: '${object}'`
  return `${named}: tuple to be written already existed or the tuple to be deleted did not exist`
}

function existsFault(tuple: TupleKey): Fault {
  return new Fault(
    'write_failed_due_to_invalid_input',
    `cannot write a tuple which already exists: ${tail(tuple)}`,
  )
}

function conflictFault({ object, relation, subject }: TupleKey): Fault {
  return new Fault(
    'Aborted',
    'transactional write failed due to conflict: attempted to write a tuple which already exists with a different ' +
      `condition: user: '${subject}', relation: '${relation}', object: '${object}'`,
  )
}

function duplicateFault({ object, relation, subject }: TupleKey): Fault {
  return new Fault(
    'cannot_allow_duplicate_tuples_in_one_request',
    `duplicate tuple in write: user: '${subject}', relation: '${relation}', object: '${object}'`,
  )
}
