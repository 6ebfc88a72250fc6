/**
 * Names that are taken: an entity for each, of an index and a folded name, put and removed in the commit that gives the
 * name, so that of many who want one at once a single one gets it.
 */
import { hash } from 'node:crypto'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'

/** What makes two names the same: case, width, what nobody sees, and how much space there is around and between words. */
export function fold(name: string): string {
  // Most names by far, in an eighth of the time: a roster folds every one.
  if (plain.test(name)) return name.toLowerCase()
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Printable ASCII in single spaces: of it, only case is folded. */
const plain = /^[!-~]+(?: [!-~]+)*$/

/** Who has a name; undefined: nobody. @param index - `group`, `email` */
export function holderOf(sight: Sight, index: string, name: string): string | undefined {
  const holder = sight.entity(nameEntity, idOf(index, name))?.holder
  return typeof holder === 'string' ? holder : undefined
}

/**
 * Gives `holder` a name, in place of the one it had.
 * @throws Fault name_taken
 */
export function claim(draft: Draft, index: string, holder: string, name: string, before?: string): void {
  const taken = holderOf(draft, index, name)
  if (taken !== undefined && taken !== holder) {
    throw new Fault('name_taken', `\`${name}\` is taken`, { field: index === 'email' ? 'email' : 'name' })
  }
  if (before !== undefined) free(draft, index, before)
  const { type, id, attributes } = claimed(index, holder, name)
  draft.put(type, id, attributes)
}

/** What is kept of a name that is taken; where nobody can have it yet, all that taking it is. */
export function claimed(
  index: string,
  holder: string,
  name: string,
): { readonly type: string; readonly id: string; readonly attributes: JsonObject } {
  return { type: nameEntity, id: idOf(index, name), attributes: { holder } }
}

export function free(draft: Draft, index: string, name: string): void {
  draft.remove(nameEntity, idOf(index, name))
}

const nameEntity = '@name'

/** Names may be long and hold anything; ids are bounded. */
function idOf(index: string, name: string): string {
  return `${index}/${hash('sha256', fold(name), 'base64url')}`
}
