/**
 * W8: 90% checks, 8% lists, 2% writes, over the tuples of W2. The writes move a user of the lane's own in and out of
 * groups that everybody's checks pass through; the checks after them ask for exactly that user, so a stale answer
 * is a wrong one.
 */

import type { TupleKey } from '../../src/tuple/tuple.ts'
import { draw, randomFrom } from './draw.ts'
import { agentsOf, enterpriseSizes, largeOrganization, type Size } from './enterprise.ts'
import { type Question, type Scale, type Scenario, tuple } from './scenario.ts'

export type Step =
  | { readonly kind: 'check'; readonly question: Question }
  | { readonly kind: 'list'; readonly subject: string; readonly objects: readonly string[] }
  | { readonly kind: 'write'; readonly tuple: TupleKey; readonly operation: 'write' | 'delete' }

/** The same checks and lists with and without writes: a check that asks for what is there stands in for a write. */
export function* steps(scale: Scale, lane: number, writes = true): Generator<Step, undefined> {
  const size: Size = enterpriseSizes[scale]
  const random = randomFrom(lane + 1)
  const questions = draw(largeOrganization.at(scale), 'zipf', lane + 1)
  const nextCheck = (): Step => ({ kind: 'check', question: questions.next().value })
  for (;;) {
    // Of 100 steps 2 are writes, in and out again, each with a check behind it; 8 are lists.
    const group = Math.floor(random() * size.groups)
    yield* moved('write')
    for (let turn = 0; turn < 8; turn++) {
      for (let check = 0; check < 5; check++) yield nextCheck()
      yield list(size, random)
      for (let check = 0; check < 6; check++) yield nextCheck()
    }
    yield* moved('delete')

    function* moved(operation: 'write' | 'delete'): Generator<Step> {
      const mover = `user:mover${lane}`
      if (!writes) {
        yield nextCheck()
        yield nextCheck()
        return
      }
      yield { kind: 'write', tuple: tuple(`group:g${group}`, 'member', mover), operation }
      const question = { object: `group:g${group}`, relation: 'member', subject: mover }
      yield { kind: 'check', question: { ...question, allowed: operation === 'write' } }
    }
  }
}

function list(size: Size, random: () => number): Step {
  const user = Math.floor(random() * size.users)
  return { kind: 'list', subject: `user:u${user}`, objects: agentsOf(size, user) }
}

export const mix: Scenario = {
  ...largeOrganization,
  name: 'W8',
  title: '90% checks, 8% lists, 2% membership writes',
}
