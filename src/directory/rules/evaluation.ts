/**
 * A rule asked of everybody, and how far that is: in the commit that sets it where people are few, else left as an errand
 * (reevaluation.ts).
 */
import { randomUUID } from 'node:crypto'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { endErrand, errandOf, leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { type Sight, userType } from '../sight.ts'
import type { Allowance } from './allowance.ts'
import { assignAll } from './assign.ts'
import { ruleAt } from './kept.ts'

/** How far a rule has been asked of everybody. */
export interface Evaluation {
  readonly state: 'running' | 'done'
  /** What it was for. */
  readonly why: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number | null
  /** People: those that are as the rule says, and all; 0 until they are counted. */
  readonly done: number
  readonly total: number
  readonly added: number
  readonly removed: number
  readonly errors: number
}

const evaluations = new Entities<Evaluation>('@evaluation')
/** People in an organization whose rules are asked of everybody in the commit that sets them, where a rule costs little. */
const inCommitMax = 500

/** Undefined: its rule was never asked of everybody. */
export function evaluationAt(sight: Sight, group: string): Evaluation | undefined {
  return evaluations.at(sight, group)
}

/** Asks the rule of a group of everybody, in this commit where they are few and it costs no more than it may. */
export async function beginEvaluation(
  ground: Ground,
  draft: Draft,
  group: string,
  why: string,
  allowance: Allowance,
): Promise<void> {
  const people = await draft.view.entities(userType, inCommitMax + 1)
  if (people.rows.length > inCommitMax) {
    leaveEvaluation(draft, group, why)
    return
  }
  const rule = ground.rulebook.compiled(ruleAt(draft, group))
  const ids = people.rows.map(({ id }) => id)
  const { tally, left } = await assignAll(draft, [{ ids, rules: [{ group, rule }], why }], allowance)
  if (left.length > 0) {
    leaveEvaluation(draft, group, why)
    return
  }
  endErrand(draft, errandIdOf(group))
  const [startedAt, total] = [draft.view.now, ids.length]
  const ended = { state: 'done', startedAt, endedAt: startedAt, done: total, total } as const
  putEvaluation(draft, group, { ...ended, why, ...tally })
}

/** The same, soon. */
export function leaveEvaluation(draft: Draft, group: string, why: string): void {
  leaveErrand(draft, errandIdOf(group), { run: randomUUID() })
  const none = { done: 0, total: 0, added: 0, removed: 0, errors: 0 }
  putEvaluation(draft, group, {
    state: 'running',
    why,
    startedAt: draft.view.now,
    endedAt: null,
    ...none,
  })
}

export function forgetEvaluation(draft: Draft, group: string): void {
  endErrand(draft, errandIdOf(group))
  evaluations.remove(draft, group)
}

/** Whether it is still to be asked of some. */
export function isUnderWay(draft: Draft, group: string): boolean {
  return errandOf(draft, errandIdOf(group)) !== undefined
}

/** Groups whose rule this very change leaves to be asked of everybody. */
export function evaluationsLeft(draft: Draft): readonly string[] {
  const touched = draft.touched(evaluations.type)
  return touched.filter((group) => evaluationAt(draft, group)?.state === 'running')
}

/** Stops one that is under way; what it did stays. */
export function stopEvaluation(draft: Draft, group: string): void {
  if (!isUnderWay(draft, group)) return
  endErrand(draft, errandIdOf(group))
  const under = evaluationAt(draft, group)
  if (under !== undefined) putEvaluation(draft, group, { ...under, state: 'done', endedAt: draft.view.now })
}

/** Kinds of errands begin their ids. */
export const evaluationKind = 'rules'

function errandIdOf(group: string): string {
  return `${evaluationKind}/${group}`
}

export function putEvaluation(draft: Draft, group: string, evaluation: Evaluation): void {
  evaluations.put(draft, group, evaluation)
}
