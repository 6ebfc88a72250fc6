/** An object that the subject of a list reaches, and by which of its operators. Knows no tuples. */

/** Of an operator that the subject may be a member by. */
export const doubtful = -1

export class Reached {
  readonly object: string
  /** Whether it is noted for the target, and whether it is in the list or was found not to be. */
  noted = false
  settled = false
  /** The first operator and its hops; most objects are reached by one. */
  #operator = -1
  #hops = 0
  /** Further ones by turns: few, so that looking them all through is quickest. */
  #more: number[] | undefined

  constructor(object: string) {
    this.object = object
  }

  /** Tuple hops of a proof that the subject is a member by this operator; `doubtful`; undefined: not reached. */
  hops(operator: number): number | undefined {
    if (this.#operator === operator) return this.#hops
    const more = this.#more
    if (more === undefined) return undefined
    for (let at = 0; at < more.length; at += 2) if (more[at] === operator) return more[at + 1]
    return undefined
  }

  reach(operator: number, hops: number): void {
    if (this.#operator === -1) {
      this.#operator = operator
      this.#hops = hops
    } else if (this.#more === undefined) this.#more = [operator, hops]
    else this.#more.push(operator, hops)
  }
}
