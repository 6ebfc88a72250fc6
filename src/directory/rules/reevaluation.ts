/**
 * A rule asked of everybody after the commit that set it: in slices, each a commit that decides again. A kill leaves some of
 * it done: the next run finds only what is left, so that nothing is done twice and nothing is left out.
 */
import { actForPlatform } from '../act.ts'
import { type Errand, endErrand, errandOf } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { openSight } from '../look.ts'
import { platformActor } from '../sight.ts'
import { Allowance } from './allowance.ts'
import { assignAll, type Tally } from './assign.ts'
import { type Evaluation, evaluationAt, evaluationKind, putEvaluation } from './evaluation.ts'
import { ruleAt } from './kept.ts'
import { type Survey, surveyOf } from './survey.ts'

/** People in one commit, where it may cost as much. */
const sliceMax = 200
/** Errors that are looked at again, and told. */
const errorsMax = 100

/** The errand's handler. */
export async function evaluate(ground: Ground, errand: Errand, signal: AbortSignal): Promise<void> {
  const group = errand.id.slice(evaluationKind.length + 1)
  const survey = await surveyFor(ground, errand.org, group, signal)
  const errors = survey.errors.slice(0, errorsMax).map(({ user }) => user)
  const ids = [...survey.remove, ...survey.add, ...errors]
  let from = 0
  let slice: readonly string[] = ids.slice(0, sliceMax)
  do {
    signal.throwIfAborted()
    const rest = ids.length - from
    const left = await evaluateSlice(ground, errand, group, slice, { rest, survey })
    if (left === undefined) return
    from += slice.length - left.length
    const next = from + left.length
    slice = [...left, ...ids.slice(next, next + sliceMax - left.length)]
  } while (from < ids.length)
}

/** @param rest - people, with these. @returns which of these it did not ask; undefined: it was begun anew, or given up, meanwhile */
async function evaluateSlice(
  ground: Ground,
  { org, id, attributes }: Errand,
  group: string,
  ids: readonly string[],
  { rest, survey: { total, errors } }: { readonly rest: number; readonly survey: Survey },
): Promise<readonly string[] | undefined> {
  const request = { org, provenance: { source: 'rule' } }
  const { result } = await actForPlatform(ground, request, async (draft) => {
    if (errandOf(draft, id)?.run !== attributes.run) return undefined
    const before = evaluationAt(draft, group)
    const why = before?.why ?? 'the rule changed'
    const active = { group, rule: ground.rulebook.compiled(ruleAt(draft, group)) }
    const { tally, left } = await assignAll(draft, [{ ids, rules: [active], why }], new Allowance())
    const asked = ids.length - left.length
    const isLast = asked === rest
    if (isLast) endErrand(draft, id)
    putEvaluation(draft, group, {
      state: isLast ? 'done' : 'running',
      why,
      startedAt: before?.startedAt ?? draft.view.now,
      endedAt: isLast ? draft.view.now : null,
      done: total - rest + asked,
      total,
      ...sum(before, tally),
      errors: errors.length,
    })
    return left.map(({ id }) => id)
  })
  return result
}

function sum(before: Evaluation | undefined, { added, removed }: Tally): Pick<Tally, 'added' | 'removed'> {
  return { added: (before?.added ?? 0) + added, removed: (before?.removed ?? 0) + removed }
}

/** Of the rule of a group as it is now. */
export async function surveyFor(
  ground: Ground,
  org: string,
  group: string,
  signal: AbortSignal,
): Promise<Survey> {
  const { sight, release } = await openSight(ground, { org, actor: platformActor })
  try {
    const kept = ruleAt(sight, group)
    return await surveyOf(ground, sight, ground.rulebook.compiled(kept), group, signal)
  } finally {
    release()
  }
}
