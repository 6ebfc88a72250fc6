/** Checks of a scenario through a service in this process, each answer judged. */
import type { CheckAnswer, CheckRequest } from '../../src/service/requests.ts'
import { scenarioOf } from '../scenarios/catalog.ts'
import { draw } from '../scenarios/draw.ts'
import type { Question } from '../scenarios/scenario.ts'
import { type Prepared, prepared } from './dataset.ts'
import { scale } from './settings.ts'
import type { Work } from './timing.ts'
import { knownOptions, type Opened, openTree } from './tree.ts'

/**
 * Options that take the decision cache away and leave the rest: what a check costs that nobody asked before. Bounds
 * that speak of decisions become 0; a tree that has no such cache has no such bound.
 */
export async function withoutDecisions(): Promise<Readonly<Record<string, number>>> {
  const bounds = (await knownOptions()).filter((name) => /decision/i.test(name) && name.endsWith('Max'))
  return Object.fromEntries(bounds.map((name) => [name, 0]))
}

export interface Asked {
  readonly request: CheckRequest
  readonly allowed: boolean
}

/** In the order of `questions`; made before the clock runs. */
export function asked(
  store: string,
  questions: Iterable<Question>,
  higherConsistency = false,
): readonly Asked[] {
  return Array.from(questions, ({ allowed, context, ...tuple }) => ({
    allowed,
    request: {
      store,
      tuple,
      // In-process callers and /v1 have no limit of depth; W3 needs none.
      depthMax: Number.POSITIVE_INFINITY,
      ...(context && { context }),
      ...(higherConsistency && { higherConsistency }),
    },
  }))
}

export function* take(
  scenario: string,
  count: number,
  skew: 'zipf' | 'uniform',
  seed: number,
): Generator<Question> {
  const questions = draw(scenarioOf(scenario).at(scale), skew, seed)
  for (let taken = 0; taken < count; taken++) yield questions.next().value
}

/**
 * Asks the question of a turn; more turns than questions begin again. To be awaited once, as by any caller: a promise of
 * its own would cost a quarter of what is measured. @throws Error when the answer is wrong
 */
export function askerOf({ kith }: Opened, questions: readonly Asked[]): Work {
  return (turn) => {
    const question = questions[turn % questions.length] as Asked
    const answer = kith.check(question.request)
    return answer instanceof Promise
      ? answer.then((later) => judge(question, later))
      : judge(question, answer)
  }
}

function judge({ request, allowed }: Asked, answer: CheckAnswer): void {
  if (answer.allowed !== allowed) throw new Error(`wrong answer to ${JSON.stringify(request)}`)
}

/** Their share. */
export function allowsOf(questions: readonly { readonly allowed: boolean }[]): number {
  return Math.round((questions.filter(({ allowed }) => allowed).length / questions.length) * 100) / 100
}

/** Opens the folder of a scenario, which is built when it is not there. */
export async function openPrepared(
  scenario: string,
  options = {},
): Promise<Opened & { readonly data: Prepared }> {
  const data = prepared(scenario, scale)
  return { ...(await openTree(data.folder, options)), data }
}
