/** Models as JSON: refused, or so sound that engine and oracle agree on whatever can be asked of them. */
import { check } from '../../../src/engine/check.ts'
import { Fault } from '../../../src/lib/fault.ts'
import { compileModel } from '../../../src/model/compile.ts'
import type { ModelJson } from '../../../src/model/json.ts'
import type { Model } from '../../../src/model/model.ts'
import { decodeModel } from '../../../src/model/shape.ts'
import { checkTuple } from '../../../src/model/tuple-check.ts'
import { validateModel } from '../../../src/model/validate.ts'
import type { TupleKey } from '../../../src/tuple/tuple.ts'
import { parseJson } from '../../../src/wire/json.ts'
import * as oracle from '../../oracle/oracle.ts'
import { ArrayView } from '../../property/array-view.ts'
import type { Target, Verdict } from '../campaign.ts'

const direct = (...types: readonly object[]) => ({ directly_related_user_types: types })
const seed = {
  schema_version: '1.1',
  type_definitions: [
    { type: 'user' },
    {
      type: 'group',
      relations: { member: { this: {} } },
      metadata: { relations: { member: direct({ type: 'user' }, { type: 'group', relation: 'member' }) } },
    },
    {
      type: 'doc',
      relations: {
        parent: { this: {} },
        banned: { this: {} },
        viewer: { union: { child: [{ this: {} }, { computedUserset: { relation: 'banned' } }] } },
        reader: {
          difference: {
            base: { computedUserset: { relation: 'viewer' } },
            subtract: { computedUserset: { relation: 'banned' } },
          },
        },
        above: {
          tupleToUserset: { tupleset: { relation: 'parent' }, computedUserset: { relation: 'viewer' } },
        },
        both: {
          intersection: {
            child: [{ computedUserset: { relation: 'viewer' } }, { computedUserset: { relation: 'above' } }],
          },
        },
      },
      metadata: {
        relations: {
          parent: direct({ type: 'doc' }),
          banned: direct({ type: 'user' }, { type: 'user', wildcard: {} }),
          viewer: direct({ type: 'user' }, { type: 'group', relation: 'member' }),
        },
      },
    },
  ],
}

const objects = ['group:1', 'group:2', 'doc:1', 'doc:2']
const subjects = ['user:a', 'user:*', 'group:1#member', 'group:2#member', 'doc:1', 'doc:2', 'doc:2#viewer']
const now = 1_000_000
const nothing = { contextual: [], context: {} }

/** Of all that could be written, what the model allows. */
function tuplesUnder(model: Model): readonly TupleKey[] {
  const relations = new Set(model.types.flatMap((type) => model.relations(type).map(({ name }) => name)))
  return objects
    .flatMap((object) =>
      [...relations].flatMap((relation) => subjects.map((subject) => ({ object, relation, subject }))),
    )
    .filter((tuple) => checkTuple(model, tuple) === undefined)
}

async function demandAgreement(json: ModelJson): Promise<void> {
  const model = compileModel('model', json)
  const all = tuplesUnder(model)
  // Every third, so that something is denied as well.
  const tuples = all.filter((_, index) => index % 3 === 0)
  const world = { model: json, predicates: new Map(), tuples, now }
  const scope = {
    model,
    view: new ArrayView(tuples, now, { spread: false }),
    ...nothing,
    depthMax: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY,
  }
  for (const key of all.slice(0, 40)) {
    const { allowed } = await check(scope, key)
    const expected = oracle.check(world, nothing, key)
    if (expected !== (allowed ? 'allowed' : 'denied'))
      throw new Error(`${JSON.stringify(key)}: the oracle says ${expected}`)
  }
}

function read(input: Buffer): ModelJson | undefined {
  try {
    const json = decodeModel(parseJson(input))
    validateModel(json)
    return json
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code !== 'internal_error') return undefined
    throw thrown
  }
}

export const models: Target = {
  name: 'model as JSON',
  seeds: [Buffer.from(JSON.stringify(seed))],
  words: [
    ...(JSON.stringify(seed).match(/"\w+"/g) ?? []),
    ...[
      '{"this":{}}',
      '{"computedUserset":{"relation":"viewer"}}',
      '{"child":[',
      ']}',
      '1.2',
      'null',
      '{}',
      '[]',
      ',',
    ],
    ...[
      '{"computedUserset":{"relation":"reader"}}',
      '{"type":"user","wildcard":{}}',
      '"__proto__"',
      '"conditions"',
    ],
  ],
  share: 20,
  attempt(input): Verdict | Promise<Verdict> {
    const json = read(input)
    if (json === undefined) return 'refused'
    if (json.conditions !== undefined && Object.keys(json.conditions).length > 0) return 'taken'
    return demandAgreement(json).then(() => 'taken')
  },
}
