/**
 * One organization at one revision, as its acting user sees it: what every read and every change looks through. Asks
 * the graph; knows no role by name.
 */
import { check } from '../engine/check.ts'
import { listObjects } from '../engine/list-objects.ts'
import { listUsers } from '../engine/list-users.ts'
import type { Graph } from '../engine/resident/graph.ts'
import type { Scope } from '../engine/scope.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Model } from '../model/model.ts'
import type { Entity, View } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import type { Provenance, StoredTuple } from '../tuple/tuple.ts'
import { Met } from './met.ts'
import type { Need, Permission, Preset, ResourceKind } from './preset/preset.ts'
import { notFound, refusalOf } from './refusal.ts'

/** What a Sight is of. */
export interface Standpoint {
  readonly view: View
  readonly model: Model
  readonly preset: Preset
  /** `user:anne`. */
  readonly actor: string
  /** Memory of the view's revision, where there is one. */
  readonly resident?: Graph
}

/** Since when a tuple is there, and how it came. */
export type Origin = Pick<StoredTuple, 'timestamp' | 'revision' | 'provenance'>

/** Milliseconds that one question to the graph may take. */
const patienceMs = 3000

export class Sight {
  readonly view: View
  readonly model: Model
  readonly preset: Preset
  readonly actor: string
  /** The organization in the graph: `organization:ID`. */
  readonly organization: string
  readonly #resident: Graph | undefined
  readonly #makers = new Map<number, Provenance>()
  readonly #met: Met

  constructor({ view, model, preset, actor, resident }: Standpoint) {
    this.view = view
    this.#met = new Met(view)
    this.model = model
    this.preset = preset
    this.actor = actor
    this.organization = `${preset.organization.type}:${view.store}`
    this.#resident = resident
  }

  /** Whether the acting user, or another subject, has a relation; one that the model does not know nobody has. */
  async may(relation: string, object: string, subject = this.actor): Promise<boolean> {
    if (!this.#knows(relation, object, subject)) return false
    return (await check(this.scope(), { object, relation, subject })).allowed
  }

  /** Objects of a type to which the acting user, or another subject, has a relation; distinct, in no order. */
  async *reached(relation: string, type: string, subject = this.actor): AsyncGenerator<string> {
    if (!this.#knows(relation, `${type}:`, subject)) return
    yield* listObjects(this.scope(), { type, relation, subject })
  }

  /** Whether there is anybody of a type that has a relation. */
  async hasAny(relation: string, object: string, type: string): Promise<boolean> {
    if (!this.#knows(relation, object, `${type}:`)) return false
    for await (const _ of listUsers(this.scope(), { object, relation, filter: { type } })) return true
    return false
  }

  #knows(relation: string, object: string, subject: string): boolean {
    const { model } = this
    return model.relation(typeOf(object), relation) !== undefined && model.hasType(typeOf(subject))
  }

  /** What the engine may see of it, for one question. @param ms - that it may take */
  scope(ms = patienceMs): Scope {
    const { view, model } = this
    return {
      view,
      model,
      contextual: [],
      context: {},
      depthMax: Number.POSITIVE_INFINITY,
      deadline: performance.now() + ms,
      ...(this.#resident === undefined ? {} : { resident: this.#resident }),
    }
  }

  /**
   * Refuses where the acting user may not.
   * @param need - of the preset; undefined: the product has no such action
   * @throws Fault not_in_preset, not_found where the object is hidden, forbidden, plan_required, archived
   */
  async demand(action: string, need: Need | undefined, object: string): Promise<void> {
    if (need === undefined) {
      if (!(await this.discovers(object))) throw notFound(object)
      throw new Fault('not_in_preset', `\`${this.preset.id}\` has no action \`${action}\``)
    }
    if (!(await this.may(need.relation, object))) throw await refusalOf(this, action, need, object)
  }

  /** Whether the acting user may know that the object is there. */
  async discovers(object: string): Promise<boolean> {
    const need = this.discovery(typeOf(object))
    return need === undefined || (await this.may(need.relation, object))
  }

  /** What it takes to know that an object of a stored type is there; undefined: to be in the organization. */
  discovery(type: string): Need | undefined {
    const { group } = this.preset
    const actions = type === group?.type ? group.actions : this.kindOfType(type)?.actions
    return actions?.discover ?? actions?.view
  }

  /** The attributes of an entity. */
  entity(type: string, id: string): JsonObject | undefined {
    return this.stored(type, id)?.attributes
  }

  /** An entity of the stored state, with its revision. */
  stored(type: string, id: string): Entity | undefined {
    return this.#met.entity(type, id)
  }

  /** A tuple of the stored state. */
  storedTuple(object: string, relation: string, subject: string): StoredTuple | undefined {
    return this.#met.tuple(object, relation, subject)
  }

  /** A document beside the log. */
  aside(type: string, id: string): JsonObject | undefined {
    return this.view.aside(type, id)
  }

  /** Objects of a type to which a subject has a relation by a tuple of its own. Costs as much as it has of that type. */
  async objectsOf(type: string, relation: string, subject: string): Promise<readonly string[]> {
    const found: string[] = []
    for await (const page of this.view.placements(subject, type)) {
      for (const each of page) if (each.relation === relation) found.push(each.object)
    }
    return found
  }

  has(object: string, relation: string, subject: string): boolean {
    return this.storedTuple(object, relation, subject) !== undefined
  }

  /** Since when a tuple is there, and how it came; undefined: it is not. */
  originOf(object: string, relation: string, subject: string): Origin | undefined {
    return this.storedTuple(object, relation, subject)
  }

  /** Whoever acted when a tuple came: `user:anne`. A point read of the log for each revision, once. */
  makerOf({ revision, provenance }: Origin): string | undefined {
    if (provenance?.actor !== undefined) return provenance.actor
    const known = this.#makers.get(revision)
    if (known !== undefined) return known.actor
    const made = this.view.madeBy(revision) ?? {}
    this.#makers.set(revision, made)
    return made.actor
  }

  /** The stored type of a group. @throws Fault feature_not_in_preset */
  get group(): NonNullable<Preset['group']> {
    const { group, id } = this.preset
    if (group !== undefined) return group
    throw new Fault('feature_not_in_preset', `\`${id}\` has no groups`, { word: 'not_in_preset' })
  }

  /** A kind of resource by any of its words. @throws Fault not_in_preset naming the kinds there are */
  kind(word: string): ResourceKind & { readonly id: string } {
    for (const [id, kind] of Object.entries(this.preset.resources)) {
      if (id === word || kind.type === word || kind.aliases.includes(word)) return { ...kind, id }
    }
    const known = Object.keys(this.preset.resources).join(', ')
    throw new Fault('not_in_preset', `\`${this.preset.id}\` has no \`${word}\`; it has ${known}`, {
      field: 'type',
    })
  }

  /** What the product calls permissions on objects of a stored type. */
  permissionsOn(type: string): readonly Permission[] {
    const { organization, group, resources } = this.preset
    const kinds = [organization, ...(group === undefined ? [] : [group]), ...Object.values(resources)]
    return kinds.find((kind) => kind.type === type)?.permissions ?? []
  }

  kindOfType(type: string): ResourceKind | undefined {
    return Object.values(this.preset.resources).find((kind) => kind.type === type)
  }
}

/** The type of the entity that makes a store an organization; its id is the store's. */
export const organizationEntity = '@organization'

/** The type of people, in every product. */
export const userType = 'user'

/** Who acts where the platform does: of a type that no model has, so that nothing is permitted to it. */
export const platformActor = '@platform:'
