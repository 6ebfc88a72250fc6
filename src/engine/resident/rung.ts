/** A model's types and relations as the resident graph sees them: numbered, with what each leads to. No tuples. */
import type { Relation } from '../../model/model.ts'

/** A relation. Its `ordinal` is its place among those of its type, from 1: object id + ordinal is object#relation's id. */
export interface Rung {
  readonly relation: Relation
  readonly type: number
  readonly ordinal: number
  /** Whether membership in it can be a step on the way to another object. */
  readonly isStep: boolean
  /** Whether a condition may stand on the way down: then nobody below is no proof that nothing fails there. */
  readonly isConditional: boolean
  /** Whether the group index says it all: it only grants, and nothing below may fail. If not, who is not above may be a member. */
  readonly isIndexed: boolean
  /** What it reads; undefined: it does not only grant, or reads too much. */
  readonly flat: Flat | undefined
  /** Steps of the same object that read it, through operators that only grant. */
  readonly computed: readonly Rung[]
  /** Steps of objects that point to this one, by what they point with. */
  readonly children: readonly { readonly tupleset: Rung; readonly readers: readonly Rung[] }[]
}

/** An operator without intersections and exclusions, or with them at other objects only, as the tuples at one object that it reads. */
export interface Flat {
  /** Relations of the same object whose own tuples grant it. */
  readonly direct: readonly Rung[]
  /** Parents to ask, and by the number of their type what to ask them. */
  readonly parents: readonly { readonly tupleset: Rung; readonly computed: readonly (Rung | undefined)[] }[]
}

/** A type. */
export interface Kind {
  readonly name: string
  readonly number: number
  /** In order of their ordinals, which begin at 1. */
  readonly rungs: readonly Rung[]
  readonly byName: ReadonlyMap<string, Rung>
  readonly layout: Layout
}

/** The slots of an object's card, by distance from its id. First come edges, by ordinal. */
export interface Layout {
  readonly slots: number
  /** Where placements are kept, by ordinal, that of the object itself being 0; 0: nobody asks for them. */
  readonly placements: readonly number[]
  /** What is above the object. */
  readonly above: number
}
