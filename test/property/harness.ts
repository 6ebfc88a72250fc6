/**
 * Anything that answers questions about a world (the engine over some storage, a service, a deliberately wrong
 * evaluator) against the oracle: one small interface, and a verdict that names the first disagreement.
 */
import { transformer } from '@openfga/syntax-transformer'
import type { Case, Question } from '../generate/case.ts'
import type { Baggage, World } from '../oracle/facts.ts'
import * as oracle from '../oracle/oracle.ts'

/** Distinct names in any order, or that it failed. */
export type Listed = readonly string[] | 'error'

export interface Contestant {
  check(question: Question): Promise<oracle.Verdict>
  listObjects(
    baggage: Baggage,
    question: { readonly type: string; readonly relation: string; readonly subject: string },
  ): Promise<Listed>
  listUsers(
    baggage: Baggage,
    question: {
      readonly object: string
      readonly relation: string
      readonly filter: { readonly type: string; readonly relation?: string }
    },
  ): Promise<Listed>
  close(): Promise<void>
}

export type Open = (world: World) => Promise<Contestant>

/** What a run has seen, so that a test can refuse to pass by seeing nothing. */
export class Tally {
  checks = 0
  readonly verdicts: Record<oracle.Verdict, number> = { allowed: 0, denied: 0, error: 0 }
  lists = 0
  listed = 0

  allowShare(): number {
    return this.verdicts.allowed / this.checks
  }

  toString(): string {
    const { allowed, denied, error } = this.verdicts
    const share = (100 * this.allowShare()).toFixed(1)
    return `${this.checks} checks: ${allowed} allowed (${share} %), ${denied} denied, ${error} errors; ${this.lists} lists of ${this.listed} entries`
  }
}

export interface Scrutiny {
  /** How many of a case's questions are also asked as lists, both ways. */
  readonly lists: number
}

/** The first disagreement with the oracle, for people; undefined when there is none. */
export async function disagreement(
  { world, questions }: Case,
  open: Open,
  { lists }: Scrutiny,
  tally = new Tally(),
): Promise<string | undefined> {
  const contestant = await open(world)
  try {
    for (const question of questions) {
      const expected = oracle.check(world, question.baggage, question.key)
      const actual = await contestant.check(question)
      tally.checks += 1
      tally.verdicts[expected] += 1
      if (actual !== expected) return report(world, question.baggage, 'check', question.key, expected, actual)
    }
    for (const question of questions.slice(0, lists)) {
      const wrong =
        (await wrongObjects(world, question, contestant, tally)) ??
        (await wrongUsers(world, question, contestant, tally))
      if (wrong !== undefined) return wrong
    }
    return undefined
  } finally {
    await contestant.close()
  }
}

/** What is listed is what the oracle holds, and each passes the contestant's own check. */
async function wrongObjects(
  world: World,
  { key, baggage }: Question,
  contestant: Contestant,
  tally: Tally,
): Promise<string | undefined> {
  const { relation, subject } = key
  const question = { type: typeOf(key.object), relation, subject }
  const expected = oracle.listObjects(world, baggage, question)
  const actual = await contestant.listObjects(baggage, question)
  count(tally, actual)
  if (!agrees(expected, actual)) return report(world, baggage, 'list-objects', question, expected, actual)
  for (const object of actual === 'error' ? [] : actual) {
    const verdict = await contestant.check({ key: { object, relation, subject }, baggage })
    if (verdict !== 'allowed')
      return report(world, baggage, 'check of a listed object', { object, ...question }, 'allowed', verdict)
  }
  return undefined
}

async function wrongUsers(
  world: World,
  { key, baggage }: Question,
  contestant: Contestant,
  tally: Tally,
): Promise<string | undefined> {
  const { object, relation, subject } = key
  const [userset = '', through] = subject.split('#')
  const filter = { type: typeOf(userset), ...(through === undefined ? {} : { relation: through }) }
  const question = { object, relation, filter }
  const expected = oracle.listUsers(world, baggage, question)
  const actual = await contestant.listUsers(baggage, question)
  count(tally, actual)
  if (!agrees(expected, actual)) return report(world, baggage, 'list-users', question, expected, actual)
  for (const user of actual === 'error' ? [] : actual) {
    const verdict = await contestant.check({ key: { object, relation, subject: user }, baggage })
    if (verdict !== 'allowed')
      return report(world, baggage, 'check of a listed user', { ...question, user }, 'allowed', verdict)
  }
  return undefined
}

/** A list is exact, or it failed and the oracle knows why it may. */
function agrees(expected: oracle.Listing, actual: Listed): boolean {
  if (actual === 'error') return expected.mayFail
  return JSON.stringify([...actual].sort()) === JSON.stringify(expected.holds)
}

function count(tally: Tally, actual: Listed): void {
  tally.lists += 1
  tally.listed += actual === 'error' ? 0 : actual.length
}

function report(
  world: World,
  baggage: Baggage,
  what: string,
  question: object,
  expected: unknown,
  actual: unknown,
): string {
  return [
    `${what} ${JSON.stringify(question)}`,
    `oracle: ${JSON.stringify(expected)}`,
    `actual: ${JSON.stringify(actual)}`,
    `context: ${JSON.stringify(baggage.context)}, now: ${world.now}`,
    ...baggage.contextual.map((one) => `contextual: ${JSON.stringify(one)}`),
    ...world.tuples.map((one) => `tuple: ${JSON.stringify(one)}`),
    print(world),
  ].join('\n')
}

/** The model as people read it; as JSON where its names have no spelling in the DSL. */
function print({ model }: World): string {
  try {
    return transformer.transformJSONStringToDSL(JSON.stringify(model)).split('\ncondition ')[0] ?? ''
  } catch {
    return JSON.stringify(model)
  }
}

function typeOf(name: string): string {
  return name.slice(0, name.indexOf(':'))
}
