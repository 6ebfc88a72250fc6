/** Worlds written by hand: a model in the DSL, tuples one a line. */
import type { JsonObject } from '../../src/lib/json.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { validateModel } from '../../src/model/validate.ts'
import type { Tuple, TupleKey } from '../../src/tuple/tuple.ts'
import { askedAt } from '../generate/case.ts'
import type { Predicate, World } from './facts.ts'

/** @param dsl - types and conditions, without the schema's header; @param lines - see `tupleOf` */
export async function worldOf(dsl: string, lines: readonly string[] = []): Promise<World> {
  const model = await parseDsl(`model\n  schema 1.1\n${dsl}`)
  validateModel(model)
  const { conditions } = compileModel('model', model)
  const predicates = [...conditions].map(([name, condition]): [string, Predicate] => [
    name,
    (context) => {
      try {
        return condition.holds(context, {}, 'tuple')
      } catch {
        return undefined
      }
    },
  ])
  return { model, predicates: new Map(predicates), tuples: lines.map(tupleOf), now: askedAt }
}

/** `object#relation@subject`. */
export function keyOf(text: string): TupleKey {
  const [, object = '', relation = '', subject = ''] = /^([^#]*)#([^@]*)@(.*)$/.exec(text) ?? []
  return { object, relation, subject }
}

/** `object#relation@subject`, then perhaps ` with name` and its context as JSON, then perhaps ` until <instant>`. */
export function tupleOf(line: string): Tuple {
  const [, key = '', name, context, until] =
    /^(.*?)(?: with (\w+)(?: (\{.*\}))?)?(?: until (\d+))?$/.exec(line) ?? []
  const stored: JsonObject | undefined = context === undefined ? undefined : JSON.parse(context)
  const condition = name === undefined ? undefined : { name, ...(stored && { context: stored }) }
  return { ...keyOf(key), ...(condition && { condition }), ...(until && { expiresAt: Number(until) }) }
}
