/**
 * The rewrite of object#relation as a tree, one level deep (contract 1.8): computed usersets are named, not
 * followed, conditions are not evaluated. For the leaves below, see expand-all.ts.
 */
import { assert } from '../lib/assert.ts'
import type { JsonObject } from '../lib/json.ts'
import { compareBytes } from '../lib/order.ts'
import type { Relation, Rewrite } from '../model/model.ts'
import type { Placement } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import { Reader } from './reader.ts'
import type { Scope } from './scope.ts'

/** @returns the JSON of contract 1.8, `{root: Node}` */
export async function expand(scope: Scope, { object, relation }: Placement): Promise<JsonObject> {
  const defined = scope.model.relation(typeOf(object), relation)
  assert(defined !== undefined, 'the relation was looked up at the door')
  const reader = new Reader(scope)
  try {
    return { root: await node(defined.rewrite, { scope, reader, object, relation: defined }) }
  } finally {
    reader.release()
  }
}

interface At {
  readonly scope: Scope
  readonly reader: Reader
  readonly object: string
  readonly relation: Relation
}

async function node(rewrite: Rewrite, at: At): Promise<JsonObject> {
  const name = `${at.object}#${at.relation.name}`
  switch (rewrite.kind) {
    case 'direct':
      return { name, leaf: { users: { users: await subjects(at.relation, at) } } }
    case 'computed':
      return { name, leaf: { computed: { userset: `${at.object}#${rewrite.relation}` } } }
    case 'tuple-to-userset':
      return { name, leaf: { tupleToUserset: await parents(rewrite, at) } }
    case 'union':
    case 'intersection':
      return { name, [rewrite.kind]: { nodes: await nodes(rewrite.children, at) } }
    case 'exclusion':
      return {
        name,
        difference: { base: await node(rewrite.base, at), subtract: await node(rewrite.subtract, at) },
      }
  }
}

async function nodes(rewrites: readonly Rewrite[], at: At): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = []
  for (const rewrite of rewrites) all.push(await node(rewrite, at))
  return all
}

async function parents(
  { tupleset, computed }: { readonly tupleset: string; readonly computed: string },
  at: At,
): Promise<JsonObject> {
  const pointer = at.scope.model.relation(at.relation.type, tupleset)
  assert(pointer !== undefined, 'a validated model defines its tuplesets')
  const found = await subjects(pointer, at)
  return {
    tupleset: `${at.object}#${tupleset}`,
    computed: found.map((parent) => ({ userset: `${parent}#${computed}` })),
  }
}

/** Every subject whose tuple the model accepts, sorted. */
async function subjects(relation: Relation, { reader, object }: At): Promise<readonly string[]> {
  const all = [...reader.usersets(relation, object), ...(await reader.plain(relation, object))]
  return all.filter((subject) => reader.tuple(relation, object, subject) !== undefined).sort(compareBytes)
}
