/** One side of a change: a state, the model it is read by, and what was settled of both by the questions so far. */
import { Fault } from '../../lib/fault.ts'
import type { Relation } from '../../model/model.ts'
import { typeOf } from '../../tuple/object.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import { decide } from '../decide.ts'
import { Reader } from '../reader.ts'
import type { Scope } from '../scope.ts'
import { Walk } from '../walk.ts'

/** `unknown`: a condition on the way could not be evaluated, and nothing else decided. */
export type Outcome = 'allowed' | 'denied' | 'unknown'

/** Vertices that the walks of a side share before they are begun anew, so that their memory is bounded. */
const sharedVerticesMax = 100_000

export class Side {
  readonly #scope: Scope | undefined
  #reader: Reader | undefined
  /** By subject: the questions about one share what is settled. */
  readonly #walks = new Map<string, Walk>()
  #vertices = 0

  /** @param scope - pinned, without a depth limit; absent: a store without a model, which grants nothing */
  constructor(scope: Scope | undefined) {
    this.#scope = scope
  }

  /** @throws Fault deadline_exceeded */
  async ask(key: TupleKey): Promise<Outcome> {
    const scope = this.#scope
    const relation = scope?.model.relation(typeOf(key.object), key.relation)
    if (scope === undefined || relation === undefined || !mayReach(relation, key.subject)) return 'denied'
    const walk = this.#walkOf(scope, key.subject)
    const before = walk.size
    try {
      const { allowed } = await decide(scope, walk, key)
      return allowed ? 'allowed' : 'denied'
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'validation_error') return 'unknown'
      throw thrown
    } finally {
      this.#vertices += walk.size - before
      if (this.#vertices > sharedVerticesMax) this.release()
    }
  }

  release(): void {
    this.#reader?.release()
    this.#reader = undefined
    this.#walks.clear()
    this.#vertices = 0
  }

  #walkOf(scope: Scope, subject: string): Walk {
    const known = this.#walks.get(subject)
    if (known !== undefined) return known
    this.#reader ??= new Reader(scope, scope.resident)
    const walk = new Walk(scope, this.#reader, subject)
    this.#walks.set(subject, walk)
    return walk
  }
}

/** What the model alone rules out need not be asked. */
function mayReach({ reach }: Relation, subject: string): boolean {
  const type = typeOf(subject)
  return reach.has(`${type}:*`) || (!subject.endsWith(':*') && reach.has(type))
}
