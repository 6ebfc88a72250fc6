/** What walk.ts asks of the operators in rewrite/, and what they may ask of the walk. */
import type { Fault } from '../lib/fault.ts'
import type { Model, Relation, Rewrite } from '../model/model.ts'
import type { Placement } from '../storage/storage.ts'
import type { Join } from './membership.ts'
import type { Reader } from './reader.ts'
import type { Target } from './vertex.ts'

/** Where an operator stands: its relation at an object, for the walk's subject. */
export interface Site {
  readonly object: string
  readonly relation: Relation
  readonly subject: string
  readonly model: Model
  readonly reader: Reader
  /** Whether the walk's slice of time is over. */
  isLate(): boolean
}

/** How far the tuples of a place were looked at. */
export interface Crossing {
  readonly looked: number
  readonly targets: Target[]
  readonly fault: Fault | undefined
}

/** What an operator knows before any operand was visited. */
export interface Opening {
  readonly targets: readonly Target[]
  /** Its own tuples make the subject a member. */
  readonly member?: boolean
  /** The first of its own tuples that could not be evaluated. */
  readonly fault?: Fault | undefined
  /** Nothing yet: this spread relation must be scanned first (Reader.scan), then opened again. */
  readonly scan?: Placement
  /** Nothing yet: time was over, open it again with this. */
  readonly rest?: Crossing
}

export interface Operator<Kind extends Rewrite['kind'] = Rewrite['kind']> {
  readonly join: Join
  /** @param rewrite - of this operator's kind @param begun - what it came to before, where that was not all */
  open(rewrite: Extract<Rewrite, { kind: Kind }>, site: Site, begun?: Crossing): Opening
}

/** The operands of a rewrite, at the same object: no tuple is crossed. */
export function operands(rewrites: readonly Rewrite[], { object, relation }: Site): Opening {
  return { targets: rewrites.map((rewrite) => ({ object, relation, rewrite, hop: 0 })) }
}
