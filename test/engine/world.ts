/** Worlds in text: a model in its language, tuples as `object#relation@subject`, questions the same way. */
import { check } from '../../src/engine/check.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { validateModel } from '../../src/model/validate.ts'
import type { Tuple, TupleKey } from '../../src/tuple/tuple.ts'
import { FakeStore } from './fake-view.ts'

export interface World {
  readonly store: FakeStore
  scope(changed?: Partial<Scope>): Scope
}

/** `types` is the text of a model without its head. */
export async function worldOf(types: string, tuples: readonly (string | Tuple)[]): Promise<World> {
  const json = await parseDsl(`model\n  schema 1.1\n${types}`)
  validateModel(json)
  const model = compileModel('model', json)
  const store = new FakeStore(tuples.map((one) => (typeof one === 'string' ? tupleOf(one) : one)))
  return {
    store,
    scope: (changed = {}) => ({
      model,
      view: store.view(),
      contextual: [],
      context: {},
      depthMax: Number.POSITIVE_INFINITY,
      deadline: Number.POSITIVE_INFINITY,
      ...changed,
    }),
  }
}

/** `document:1#viewer@user:ann`, and perhaps ` with office {"ip":"a"}` and ` until 900`. */
export function tupleOf(text: string): Tuple {
  const match = /^(\S+?)#(\S+?)@(\S+)(?: with (\w+)(?: (\{.*\}))?)?(?: until (\d+))?$/.exec(text)
  if (match === null) throw new Error(`no tuple: ${text}`)
  const [, object = '', relation = '', subject = '', name, context, until] = match
  const stored = context === undefined ? {} : { context: JSON.parse(context) as JsonObject }
  return {
    object,
    relation,
    subject,
    ...(name !== undefined && { condition: { name, ...stored } }),
    ...(until !== undefined && { expiresAt: Number(until) }),
  }
}

export function keyOf(text: string): TupleKey {
  return tupleOf(text)
}

/** `yes`, `no`, or the code of the fault. */
export async function verdict(scope: Scope, question: string): Promise<string> {
  try {
    return (await check(scope, keyOf(question))).allowed ? 'yes' : 'no'
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
}
