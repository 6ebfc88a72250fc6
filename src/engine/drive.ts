/**
 * Runs walks in slices: as long as everything is at hand a question is answered in one synchronous go; a long one
 * gives the event loop a turn between slices, so that short checks beside it keep their latency.
 */
import { Fault } from '../lib/fault.ts'
import type { Relation } from '../model/model.ts'
import type { Reader } from './reader.ts'
import type { Scope } from './scope.ts'
import type { Operand } from './vertex.ts'
import type { Walk } from './walk.ts'

/** How long a slice may hold the event loop, in milliseconds: a short check behind a long one waits this much. */
const sliceMs = 2

/** @throws Fault deadline_exceeded; whatever storage throws */
export async function answer(walk: Walk, object: string, relation: Relation): Promise<Operand> {
  walk.ask(object, relation)
  for (;;) {
    const progress = walk.advance(performance.now() + sliceMs)
    if (progress.done) return progress.operand
    walk.reader.pin()
    if (progress.scan === undefined) await turn()
    else await walk.reader.scan(progress.scan)
  }
}

/** Those that gave a turn away, in the order in which they go on. */
const resting: (() => void)[] = []

/**
 * Gives other work a turn of the event loop. INVARIANT: one long question goes on in a turn, however many there are: a
 * short one behind a hundred of them waits for one slice, not for a hundred.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (resting.push(resolve) === 1) setImmediate(goOn)
  })
}

function goOn(): void {
  resting.shift()?.()
  if (resting.length > 0) setImmediate(goOn)
}

/** @throws Fault deadline_exceeded when the scope's deadline has passed */
export function demandTime({ deadline }: Pick<Scope, 'deadline'>): void {
  if (performance.now() > deadline) throw new Fault('deadline_exceeded', 'Request Deadline Exceeded')
}

/** Gives other work a turn when this has held the loop for a slice. The reader is pinned before. */
export class Slices {
  #until = performance.now() + sliceMs

  /** Whether it is time to breathe: for loops too short to await each time. */
  get isOver(): boolean {
    return performance.now() >= this.#until
  }

  async breathe(reader: Reader): Promise<void> {
    if (!this.isOver) return
    reader.pin()
    await this.rest()
  }

  /** Gives the turn away, and begins the next slice. Nothing unpinned is read before and after. */
  async rest(): Promise<void> {
    await turn()
    this.#until = performance.now() + sliceMs
  }
}
