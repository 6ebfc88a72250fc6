/**
 * Runs one stage's assertions against a store and collects what differs, as lines. A pass says how the tuples are
 * there: stored, or sent along with every question.
 */
import type { Client, Reply } from './client.ts'
import type { CheckAssertion, ListObjectsAssertion, ListUsersAssertion, Stage, WireTuple } from './suite.ts'
import { codeNames } from './suite.ts'

export interface Ground {
  readonly client: Client
  readonly store: string
  readonly model: string
  /** Sent along before each assertion's own contextual tuples. */
  readonly along: readonly WireTuple[]
  readonly differences: string[]
}

export async function runStage(ground: Ground, stage: Stage): Promise<void> {
  for (const assertion of stage.checkAssertions ?? []) await runCheck(ground, assertion)
  for (const assertion of stage.listObjectsAssertions ?? []) await runListObjects(ground, assertion)
  for (const assertion of stage.listUsersAssertions ?? []) await runListUsers(ground, assertion)
}

async function runCheck(ground: Ground, assertion: CheckAssertion): Promise<void> {
  const reply = await ground.client.post(`/stores/${ground.store}/check`, {
    ...questionOf(ground, assertion),
    tuple_key: assertion.tuple,
    trace: true,
  })
  const got = outcomeOf(reply, (body) => body.allowed)
  compare(
    ground,
    `check ${print(assertion.tuple)}`,
    got,
    expectedOf(assertion, assertion.expectation ?? false),
  )
}

/** The unary list, the streamed one, and a check of each object named. */
async function runListObjects(ground: Ground, assertion: ListObjectsAssertion): Promise<void> {
  const { client, store } = ground
  const { user, type, relation } = assertion.request
  const question = { ...questionOf(ground, assertion), user, type, relation }
  const expected = expectedOf(assertion, sorted(assertion.expectation ?? []))
  const what = `list-objects ${user} ${relation} ${type}`
  const unary = outcomeOf(await client.post(`/stores/${store}/list-objects`, question), (body) =>
    sorted(body.objects as string[]),
  )
  compare(ground, what, unary, expected)
  const streamed = await client.stream(`/stores/${store}/streamed-list-objects`, question)
  const got = 'status' in streamed ? outcomeOf(streamed, (body) => body) : sorted(streamed)
  compare(ground, `streamed-${what}`, got, expected)
  for (const object of Array.isArray(unary) ? unary : []) {
    await runCheck(ground, { ...assertion, tuple: { user, relation, object }, expectation: true })
  }
}

/** The list, and a check of each user named. */
async function runListUsers(ground: Ground, assertion: ListUsersAssertion): Promise<void> {
  const { filters, object, relation } = assertion.request
  const { contextual_tuples, ...question } = questionOf(ground, assertion)
  const colon = object.indexOf(':')
  const reply = await ground.client.post(`/stores/${ground.store}/list-users`, {
    ...question,
    contextual_tuples: contextual_tuples.tuple_keys,
    object: { type: object.slice(0, colon), id: object.slice(colon + 1) },
    relation,
    user_filters: filters.map((filter) => {
      const [type, relation] = filter.split('#')
      return { type, relation }
    }),
  })
  const got = outcomeOf(reply, (body) => sorted((body.users as User[]).map(printUser)))
  const what = `list-users ${object}#${relation} ${filters}`
  compare(ground, what, got, expectedOf(assertion, sorted(assertion.expectation ?? [])))
  for (const user of Array.isArray(got) ? got : []) {
    await runCheck(ground, { ...assertion, tuple: { user, relation, object }, expectation: true })
  }
}

/** All checks of a stage through batch-check, 50 at a time. */
export async function runBatch(ground: Ground, stage: Stage): Promise<void> {
  const assertions = stage.checkAssertions ?? []
  for (let start = 0; start < assertions.length; start += 50) {
    const group = assertions.slice(start, start + 50)
    const { status, body } = await ground.client.post(`/stores/${ground.store}/batch-check`, {
      authorization_model_id: ground.model,
      checks: group.map((assertion, index) => {
        const { contextual_tuples, context } = questionOf(ground, assertion)
        return { tuple_key: assertion.tuple, contextual_tuples, context, correlation_id: String(index) }
      }),
    })
    if (status !== 200) {
      ground.differences.push(`batch-check: ${status} ${JSON.stringify(body)}`)
      continue
    }
    const results = body.result as Record<string, { allowed?: boolean; error?: { input_error?: string } }>
    for (const [index, assertion] of group.entries()) {
      const result = results[String(index)]
      const got = result?.error === undefined ? result?.allowed : `400 ${result.error.input_error}`
      const expected = expectedOf(assertion, assertion.expectation ?? false)
      compare(ground, `batch-check ${print(assertion.tuple)}`, got, expected)
    }
  }
}

function questionOf(
  ground: Ground,
  assertion: { contextualTuples?: readonly WireTuple[] | null; context?: object | null },
) {
  return {
    authorization_model_id: ground.model,
    contextual_tuples: { tuple_keys: [...ground.along, ...(assertion.contextualTuples ?? [])] },
    context: assertion.context ?? undefined,
  }
}

/** What the answer says, or the status and code of a refusal. */
function outcomeOf(reply: Reply, read: (body: Reply['body']) => unknown): unknown {
  return reply.status === 200 ? read(reply.body) : `${reply.status} ${reply.body.code}`
}

function expectedOf(assertion: { errorCode?: number }, otherwise: unknown): unknown {
  return assertion.errorCode ? `400 ${codeNames[assertion.errorCode]}` : otherwise
}

function compare(ground: Ground, what: string, got: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(got), JSON.stringify(expected)]
  if (one !== other) ground.differences.push(`${what}: got ${one}, expected ${other}`)
}

interface User {
  readonly object?: { readonly type: string; readonly id: string }
  readonly userset?: { readonly type: string; readonly id: string; readonly relation: string }
  readonly wildcard?: { readonly type: string }
}

function printUser({ object, userset, wildcard }: User): string {
  if (object !== undefined) return `${object.type}:${object.id}`
  if (userset !== undefined) return `${userset.type}:${userset.id}#${userset.relation}`
  return `${wildcard?.type}:*`
}

function print({ object, relation, user }: WireTuple): string {
  return `${object}#${relation}@${user}`
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort()
}
