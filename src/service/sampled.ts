/**
 * Checks of which one in so many is shown to somebody once it is answered: that costs the others a subtraction. Who is shown
 * them is not waited for, and changes no answer.
 */
import { batchCheck } from './batch-check.ts'
import { check } from './check.ts'
import type { Ground } from './ground.ts'
import type { Kith } from './kith.ts'
import type { CheckRequest, Prompt } from './requests.ts'

/** A check that was allowed. */
export type Sampled = Pick<CheckRequest, 'store' | 'tuple' | 'context' | 'contextual'>

export interface Sampling {
  /** One in so many. */
  readonly every: number
  /** Within the turn of the answer: it notes, and does not work. */
  readonly take: (sampled: Sampled) => void
}

export function sampledChecks(ground: Ground, { every, take }: Sampling): Pick<Kith, 'check' | 'batchCheck'> {
  let left = every
  return {
    check(request) {
      const answer = check(ground, request)
      if (--left > 0) return answer
      left = every
      return seen(answer, ({ allowed }) => show(request, allowed))
    },
    batchCheck(request) {
      const answer = batchCheck(ground, request)
      const { store, checks } = request
      const first = left - 1
      left = leftAfter(left, checks.length, every)
      if (first >= checks.length) return answer
      return seen(answer, ({ results }) => {
        for (let at = first; at < checks.length; at += every) {
          const item = checks[at]
          if (item !== undefined) show({ store, ...item }, results.get(item.correlationId) === true)
        }
      })
    },
  }

  function show({ store, tuple, context, contextual }: Sampled, allowed: boolean): void {
    if (!allowed) return
    take({ store, tuple, ...(context && { context }), ...(contextual && { contextual }) })
  }
}

/** How many are left to the next one that is shown, after so many more. */
function leftAfter(left: number, more: number, every: number): number {
  return more < left ? left - more : every - ((more - left) % every)
}

function seen<Answer>(answer: Prompt<Answer>, see: (settled: Answer) => void): Prompt<Answer> {
  // What fails is its asker's.
  if (answer instanceof Promise) answer.then(see, () => {})
  else see(answer)
  return answer
}
