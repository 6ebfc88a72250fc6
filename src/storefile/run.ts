/**
 * Runs the tests of a store file against a Kith, each in a store of its own, and tells expected from got. Sets are
 * compared without order; a question that fails is a failure of its test, never of the run.
 */
import { faultOf } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type { Kith } from '../service/kith.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { faultAt, type Placed, type Position } from './position.ts'
import type { CheckCase, ListObjectsCase, ListUsersCase, StoreFile, StoreTest } from './storefile.ts'
import { demandFit, distinct, type Target, writeTuples } from './write-tuples.ts'

export interface TestReport {
  readonly path: string
  readonly tests: readonly TestResult[]
  /** Questions asked, over all tests. */
  readonly asked: number
  readonly failed: number
}

export interface TestResult {
  readonly name: string
  readonly at: Position
  readonly asked: number
  readonly failures: readonly TestFailure[]
}

interface TestFailure {
  readonly at: Position
  /** As a person would ask it: `check document:1#viewer@user:anne`. */
  readonly question: string
  readonly expected: string
  readonly got: string
}

/**
 * Creates one store a test in `kith`, which should be one in memory: nothing is cleaned up.
 * @throws Fault with its place: a model or a tuple that is refused, or a test without a model.
 */
export async function runTests(file: StoreFile, kith: Kith): Promise<TestReport> {
  const tests: TestResult[] = []
  // One after the other: a failure must not depend on what ran beside it.
  for (const test of file.tests) tests.push(await runTest(file, test, kith))
  return {
    path: file.path,
    tests,
    asked: sum(tests.map(({ asked }) => asked)),
    failed: sum(tests.map(({ failures }) => failures.length)),
  }
}

interface Asked {
  readonly at: Position
  readonly question: string
  readonly expected: string
  readonly ask: () => Promise<string>
}

async function runTest(file: StoreFile, test: StoreTest, kith: Kith): Promise<TestResult> {
  const model = test.model ?? file.model
  if (model === undefined)
    throw faultAt(test.at, 'this test has no model; give the file a `model` or `model_file`')
  const target = await prepare(kith, model, distinct([...file.tuples, ...test.tuples]))
  const questions = [
    ...test.checks.flatMap((one) => checks(kith, target, one)),
    ...test.listObjects.flatMap((one) => objectLists(kith, target, one)),
    ...test.listUsers.flatMap((one) => userLists(kith, target, one)),
  ]
  const failures: TestFailure[] = []
  for (const { at, question, expected, ask } of questions) {
    const got = await ask().catch((error: unknown) => `error: ${faultOf(error).message}`)
    if (got !== expected) failures.push({ at, question, expected, got })
  }
  return { name: test.name, at: test.at, asked: questions.length, failures }
}

async function prepare(
  kith: Kith,
  model: Placed<ModelJson>,
  tuples: readonly Placed<Tuple>[],
): Promise<Target> {
  demandFit(model.value, tuples)
  const { id: store } = await kith.createStore('store-file-test')
  const { id } = await kith.writeModel({ store, json: model.value })
  const target = { store, model: id }
  await writeTuples(kith, target, tuples, 'test')
  return target
}

function checks(kith: Kith, target: Target, one: CheckCase): readonly Asked[] {
  return one.users.flatMap((subject) =>
    one.objects.flatMap((object) =>
      one.assertions.map(({ relation, expected, at }) => ({
        at,
        question: `check ${object}#${relation}@${subject}`,
        expected: String(expected),
        ask: async () => {
          const tuple = { object, relation, subject }
          return String((await kith.check({ ...target, ...contextOf(one), tuple })).allowed)
        },
      })),
    ),
  )
}

function objectLists(kith: Kith, target: Target, one: ListObjectsCase): readonly Asked[] {
  return one.assertions.map(({ relation, expected, at }) => ({
    at,
    question: `list-objects ${one.type}#${relation}@${one.user}`,
    expected: printSet(expected, false),
    ask: async () => {
      const question = { type: one.type, relation, subject: one.user }
      const { objects, truncated } = await kith.listObjects({ ...target, ...contextOf(one), ...question })
      return printSet(objects, truncated)
    },
  }))
}

function userLists(kith: Kith, target: Target, one: ListUsersCase): readonly Asked[] {
  const { object, filter } = one
  const shape = filter.relation === undefined ? filter.type : `${filter.type}#${filter.relation}`
  return one.assertions.map(({ relation, expected, at }) => ({
    at,
    question: `list-users ${object}#${relation} of ${shape}`,
    expected: printSet(expected, false),
    ask: async () => {
      const question = { object, relation, filter }
      const { users, truncated } = await kith.listUsers({ ...target, ...contextOf(one), ...question })
      return printSet(users, truncated)
    },
  }))
}

function contextOf({ context }: { readonly context: JsonObject | undefined }): { context?: JsonObject } {
  return context === undefined ? {} : { context }
}

/** Equal sets print equally. */
function printSet(names: readonly string[], truncated: boolean): string {
  return `[${[...new Set(names)].sort().join(', ')}${truncated ? ', and more: the list was cut' : ''}]`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
