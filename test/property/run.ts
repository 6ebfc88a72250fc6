/** Many random cases against the oracle, from one seed; a failure is shrunk and says how to replay it. */
import fc from 'fast-check'
import type { ModelJson } from '../../src/model/json.ts'
import { validateModel } from '../../src/model/validate.ts'
import { type Case, caseArbitrary, type Sizes, usualSizes } from '../generate/case.ts'
import { disagreement, type Open, type Scrutiny, type Tally } from './harness.ts'
import { shrink } from './shrink.ts'

/** `SEED=... npx vitest ...` replays a run. */
export const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31))

export interface Run {
  readonly cases: number
  readonly seed: number
  /** What to set SEED to for this run to come again; default: the seed of the process. */
  readonly replay?: number
  readonly scrutiny: Scrutiny
  readonly sizes?: Sizes
  readonly tally?: Tally
}

/** Why the contestant is wrong, on the smallest case found; undefined when it never was. */
export async function firstWrong(open: Open, run: Run): Promise<string | undefined> {
  const wrong = (one: Case, tally?: Tally) =>
    disagreement(one, open, run.scrutiny, tally).catch((thrown) => `${threw}${stackOf(thrown)}`)
  const failed: { case: Case; why: string }[] = []
  const property = fc.asyncProperty(caseArbitrary(accepts, run.sizes ?? usualSizes), async (one) => {
    const why = await wrong(one, run.tally)
    if (why !== undefined) failed.push({ case: one, why })
    return why === undefined
  })
  const result = await fc.check(property, { seed: run.seed, numRuns: run.cases, endOnFailure: true })
  const [first] = failed
  const replay = `replay with SEED=${run.replay ?? seed}`
  if (first !== undefined) {
    const smallest = await shrink(first.case, accepts, async (smaller) => {
      const why = await wrong(smaller)
      return why?.startsWith(threw) === first.why.startsWith(threw) ? why : undefined
    })
    return `${replay}\n${smallest ?? first.why}`
  }
  if (!result.failed) return undefined
  throw new Error(replay, { cause: result.errorInstance })
}

/** An answer that was neither yes, no, nor an expected fault. */
const threw = 'threw '

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}

/** The server's own validation: what it would refuse to store is no model to ask about. */
export function accepts(model: ModelJson): boolean {
  try {
    validateModel(model)
    return true
  } catch {
    return false
  }
}
