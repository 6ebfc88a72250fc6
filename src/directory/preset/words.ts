/** A product's words for what is stored: types of objects by any of their names, users by their id alone. */
import { Fault } from '../../lib/fault.ts'
import { nearest } from '../../lib/nearest.ts'
import type { Model } from '../../model/model.ts'
import { userType } from '../sight.ts'
import type { Preset } from './preset.ts'

/** `bot`, `assistant`, `agent` -> the one that is stored; what is no word of the product stays. */
export function storedType({ organization, group, resources }: Preset, word: string): string {
  for (const [id, { type, aliases }] of Object.entries(resources)) {
    if (word === type || word === id || aliases.includes(word)) return type
  }
  if (word === 'group' && group !== undefined) return group.type
  return word === 'organization' ? organization.type : word
}

/** `bot:b` -> `agent:b`, `bot:b#viewer` -> `agent:b#viewer`. */
export function storedObject(preset: Preset, text: string): string {
  const colon = text.indexOf(':')
  return colon === -1 ? text : storedType(preset, text.slice(0, colon)) + text.slice(colon)
}

/** `ann` is `user:ann`. */
export function storedSubject(preset: Preset, text: string): string {
  return text.includes(':') ? storedObject(preset, text) : `${userType}:${text}`
}

/**
 * That a product has a type, and a relation of it.
 * @param field - of the request, for the refusal
 * @throws Fault not_in_preset
 */
export function demandType(preset: Preset, model: Model, type: string, field: string): void {
  if (model.hasType(type)) return
  const meant = nearest(type, model.types)
  throw new Fault('not_in_preset', `\`${preset.id}\` has no \`${type}\``, {
    field,
    ...(meant === undefined ? {} : { hint: `did you mean \`${meant}\`?` }),
  })
}

/** @throws Fault not_in_preset */
export function demandRelation(preset: Preset, model: Model, type: string, relation: string): void {
  if (model.relation(type, relation) !== undefined) return
  const known = model.relations(type).map(({ name }) => name)
  const meant = nearest(relation, known)
  throw new Fault('not_in_preset', `\`${type}\` of \`${preset.id}\` has no relation \`${relation}\``, {
    field: 'relation',
    hint: meant === undefined ? `it has ${known.join(', ')}` : `did you mean \`${meant}\`?`,
  })
}
