/** Which relations one model defines otherwise than another, itself or in anything it reads. Knows no tuples. */
import { canonical } from '../../lib/canonical.ts'
import type { Json } from '../../lib/json.ts'
import type { Model, Relation } from '../../model/model.ts'
import { leaves } from '../reverse.ts'
import { entry } from './both.ts'

/** `type#relation`. */
type Name = string

/**
 * Names of relations by type, of either model; empty where both are one. O(size of both models)
 * @param before - absent: the store had none
 */
export function changedRelations(
  before: Model | undefined,
  after: Model | undefined,
): ReadonlyMap<string, ReadonlySet<string>> {
  const changed = new Map<string, Set<string>>()
  if (before === after) return changed
  const [old, fresh] = [definitionsOf(before), definitionsOf(after)]
  const names = new Set([...old.keys(), ...fresh.keys()])
  const readers = new Map<Name, Set<Name>>()
  for (const model of [before, after]) if (model !== undefined) gatherReaders(model, readers)
  const open = [...names].filter((name) => old.get(name) !== fresh.get(name))
  const found = new Set(open)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [type = '', relation = ''] = next.split('#')
    entry(changed, type, () => new Set<string>()).add(relation)
    for (const reader of readers.get(next) ?? []) {
      if (found.has(reader)) continue
      found.add(reader)
      open.push(reader)
    }
  }
  return changed
}

/** Equal texts for equal definitions: rewrite, restrictions, and the conditions they name. */
function definitionsOf(model: Model | undefined): ReadonlyMap<Name, string> {
  const definitions = new Map<Name, string>()
  if (model === undefined) return definitions
  const { conditions = {}, type_definitions } = model.json
  for (const { type, relations = {} } of type_definitions) {
    for (const relation of model.relations(type)) {
      const named = new Set(relation.restrictions.flatMap(({ condition }) => condition ?? []))
      const parts = {
        rewrite: relations[relation.name],
        restrictions: relation.restrictions,
        conditions: [...named].map((name) => conditions[name]),
      }
      definitions.set(nameOf(relation), canonical(JSON.parse(JSON.stringify(parts)) as Json))
    }
  }
  return definitions
}

/** Who reads a relation: at the same object, over a tupleset (and that itself), as a userset. */
function gatherReaders(model: Model, readers: Map<Name, Set<Name>>): void {
  for (const by of model.types.flatMap((type) => model.relations(type))) {
    const reads = (name: Name) => entry(readers, name, () => new Set<Name>()).add(nameOf(by))
    for (const leaf of leaves(by.rewrite)) {
      if (leaf.kind === 'computed') reads(`${by.type}#${leaf.relation}`)
      if (leaf.kind !== 'tuple-to-userset') continue
      reads(`${by.type}#${leaf.tupleset}`)
      for (const { type } of model.relation(by.type, leaf.tupleset)?.restrictions ?? []) {
        reads(`${type}#${leaf.computed}`)
      }
    }
    for (const { type, relation } of by.restrictions) if (relation !== undefined) reads(`${type}#${relation}`)
  }
}

function nameOf({ type, name }: Relation): Name {
  return `${type}#${name}`
}
