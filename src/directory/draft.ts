/**
 * A change of an organization while it is being decided, inside its commit. What was put and written so far is seen by
 * `entity` and `has`; permissions are those of the state before.
 */
import { Fault, faultOf } from '../lib/fault.ts'
import type { Json, JsonObject } from '../lib/json.ts'
import { demandWritable } from '../service/writable.ts'
import type { Change, TupleFilter } from '../storage/storage.ts'
import { idOf, typeOf } from '../tuple/object.ts'
import type { Provenance, Tuple } from '../tuple/tuple.ts'
import { guard } from './guards/guard.ts'
import { matches } from './guards/outcome.ts'
import { derivedId, newId } from './new-id.ts'
import { type Origin, Sight, type Standpoint } from './sight.ts'

/** What happened, for people: one record of the organization's change log. */
export interface Happening extends JsonObject {
  /** `group.create`, `member.add`, ... */
  readonly action: string
  /** The object it happened to. */
  readonly target: string
  /** Who or what else it is about: the member, the resource. */
  readonly subject?: string
  readonly old?: JsonObject
  readonly new?: JsonObject
  /** Where it came from, where that is not where the commit did: `rule` for what followed of itself. */
  readonly source?: string
  /** The import that it was a row of. */
  readonly importId?: string
}

interface EntityKey {
  readonly type: string
  readonly id: string
}

export class Draft extends Sight {
  readonly #entities = new Map<string, EntityKey & { readonly attributes: JsonObject | undefined }>()
  readonly #tuples = new Map<string, { readonly tuple: Tuple; readonly there: boolean }>()
  readonly #asides = new Map<string, EntityKey & { readonly attributes: JsonObject | undefined }>()
  readonly #filters: TupleFilter[] = []
  readonly #happenings: Happening[] = []
  /** `type:id` of what was said to be touched though nothing of it is put. */
  readonly #touched = new Set<string>()
  readonly #provenance: Provenance
  /** Whether it will be dropped. */
  readonly isRehearsed: boolean
  #name: string | undefined
  #ids = 0

  constructor(standpoint: Standpoint, provenance: Provenance, isRehearsed = false) {
    super(standpoint)
    this.#provenance = provenance
    this.isRehearsed = isRehearsed
  }

  /**
   * An id for what is made: `grp_` and twelve letters and digits. A rehearsal gives the same to the same change of the same
   * state, so that the pages of what it would change are of one whole.
   */
  newId(prefix: string): string {
    const { store, revision } = this.view
    return this.isRehearsed ? derivedId(prefix, `${store}/${revision}/${++this.#ids}`) : newId(prefix)
  }

  override entity(type: string, id: string): JsonObject | undefined {
    const drafted = this.#entities.get(keyOf(type, id))
    return drafted === undefined ? super.entity(type, id) : drafted.attributes
  }

  put(type: string, id: string, attributes: JsonObject): void {
    this.#entities.set(keyOf(type, id), { type, id, attributes })
  }

  remove(type: string, id: string): void {
    this.#entities.set(keyOf(type, id), { type, id, attributes: undefined })
  }

  /** Says that what is put here bears on an entity which itself stays as it is: `settle` looks at it again. */
  touch(type: string, id: string): void {
    this.#touched.add(keyOf(type, id))
  }

  /** Ids of a type that were put, removed or touched so far. */
  touched(type: string): readonly string[] {
    const keys = new Set([...this.#entities.keys(), ...this.#touched])
    return [...keys].filter((key) => typeOf(key) === type).map(idOf)
  }

  /** Tuples that were written or deleted so far, one by one. */
  drafted(): readonly Tuple[] {
    return [...this.#tuples.values()].map(({ tuple }) => tuple)
  }

  override async objectsOf(type: string, relation: string, subject: string): Promise<readonly string[]> {
    const found = new Set<string>()
    for (const object of await super.objectsOf(type, relation, subject)) {
      if (!this.#filters.some((filter) => matches(filter, { object, relation, subject }))) found.add(object)
    }
    for (const { tuple, there } of this.#tuples.values()) {
      if (tuple.relation !== relation || tuple.subject !== subject || typeOf(tuple.object) !== type) continue
      if (there) found.add(tuple.object)
      else found.delete(tuple.object)
    }
    return [...found]
  }

  override aside(type: string, id: string): JsonObject | undefined {
    const drafted = this.#asides.get(keyOf(type, id))
    return drafted === undefined ? super.aside(type, id) : drafted.attributes
  }

  /** Beside the log: of no revision, and nobody is told. @param attributes - undefined takes it away */
  setAside(type: string, id: string, attributes: JsonObject | undefined): void {
    this.#asides.set(keyOf(type, id), { type, id, attributes })
  }

  override has(object: string, relation: string, subject: string): boolean {
    const drafted = this.#tuples.get(tupleKeyOf({ object, relation, subject }))
    return drafted?.there ?? super.has(object, relation, subject)
  }

  override originOf(object: string, relation: string, subject: string): Origin | undefined {
    const drafted = this.#tuples.get(tupleKeyOf({ object, relation, subject }))
    const before = super.originOf(object, relation, subject)
    if (drafted === undefined || (drafted.there && before !== undefined)) return before
    const { now, revision } = this.view
    return drafted.there
      ? { timestamp: now, revision: revision + 1, provenance: this.#provenance }
      : undefined
  }

  /** There already is as good as written. @throws Fault type_restriction: the model does not take it */
  write(object: string, relation: string, subject: string): void {
    this.writeTuple({ object, relation, subject })
  }

  /** The same of one that may hold for a time, or on a condition. @throws Fault type_restriction */
  writeTuple(tuple: Tuple): void {
    try {
      demandWritable(this.model, tuple, this.view.now)
    } catch (thrown) {
      throw new Fault('type_restriction', faultOf(thrown).message)
    }
    this.#tuples.set(tupleKeyOf(tuple), { tuple, there: true })
  }

  /** Not there already is as good as deleted. */
  delete(object: string, relation: string, subject: string): void {
    const tuple = { object, relation, subject }
    this.#tuples.set(tupleKeyOf(tuple), { tuple, there: false })
  }

  /** Deletes whatever matches in the state before; what is written beside it stays. */
  deleteAll(filter: TupleFilter): void {
    this.#filters.push(filter)
  }

  /** What the organization is called from then on: its store's name. */
  rename(name: string): void {
    this.#name = name
  }

  note(happening: Happening): void {
    this.#happenings.push(happening)
  }

  /** All of it, once the guards of the organization have passed it. @throws Fault of a guard */
  async change(): Promise<Change> {
    const tuples = [...this.#tuples.values()]
    const change: Change = {
      writes: tuples.flatMap(({ tuple, there }) => (there && !this.#stays(tuple) ? [tuple] : [])),
      deletes: tuples.flatMap(({ tuple, there }) => (!there && this.#isStored(tuple) ? [tuple] : [])),
      onDuplicate: 'update',
      onMissing: 'ignore',
      ...(this.#filters.length === 0 ? {} : { deleteWhere: this.#filters }),
      ...this.#documents(),
      asides: [...this.#asides.values()],
      ...(this.#name === undefined ? {} : { name: this.#name }),
      provenance: this.#provenance,
    }
    await guard(this, change)
    return change
  }

  /** Whether it is there without being written: a filter may take what is stored. */
  #stays(tuple: Tuple): boolean {
    return this.#filters.length === 0 && this.#isStored(tuple)
  }

  #isStored({ object, relation, subject }: Tuple): boolean {
    return super.has(object, relation, subject)
  }

  #documents(): Pick<Change, 'putEntities' | 'deleteEntities'> {
    const putEntities: { type: string; id: string; attributes: JsonObject }[] = []
    const deleteEntities: EntityKey[] = []
    for (const { type, id, attributes } of this.#entities.values()) {
      if (attributes === undefined) deleteEntities.push({ type, id })
      else putEntities.push({ type, id, attributes })
    }
    if (this.#happenings.length > 0) {
      putEntities.push(happenedAt(this.view.revision + 1, this.#happenings))
    }
    return { putEntities, deleteEntities }
  }
}

/** The type of the entities that say what happened at a revision. */
export const changeEntity = '@change'

/** What is kept of the happenings of a revision. */
export function happenedAt(
  revision: number,
  happenings: readonly Happening[],
): EntityKey & { readonly attributes: JsonObject } {
  return { type: changeEntity, id: changeIdOf(revision), attributes: { happenings } }
}

/** What was kept, read again; undefined: nothing was. */
export function happeningsIn({ happenings }: JsonObject): readonly Happening[] | undefined {
  return Array.isArray(happenings) ? happenings.filter(isHappening) : undefined
}

function isHappening(value: Json): value is Happening {
  return typeof value === 'object' && value !== null && 'action' in value && 'target' in value
}

/** In the order of revisions. */
export function changeIdOf(revision: number): string {
  return String(revision).padStart(16, '0')
}

/** Types hold no `:`. */
function keyOf(type: string, id: string): string {
  return `${type}:${id}`
}

/** Relations hold no `@`, objects no `#`. */
function tupleKeyOf({ object, relation, subject }: Omit<Tuple, 'condition'>): string {
  return `${object}#${relation}@${subject}`
}
