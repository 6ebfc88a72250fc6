/**
 * What a preset says of its model, held to it claim by claim: a type is there, a relation takes what will be written, no
 * two words are the same. It knows nothing of what a preset is made of: that is preset-check.ts.
 */
import { nearest } from '../../lib/nearest.ts'
import type { Model } from '../../model/model.ts'
import { checkTuple } from '../../model/tuple-check.ts'
import { fill } from './fill.ts'
import type { Level, Need, Permission, Role, TupleTemplate } from './preset.ts'
import type { PresetText } from './preset-shape.ts'
import { below } from './shape.ts'

/** All of a preset that a model is held to. */
export type Names = Omit<PresetText, 'modelFile'>

/** Every method takes first where in the preset a claim stands, and says there what is wrong with it. */
export class Claims {
  /** `FIELD: what is wrong`, in the order in which they were made. */
  readonly problems: string[] = []
  readonly #preset: Names
  readonly #model: Model
  readonly #type: string

  constructor(preset: Names, model: Model) {
    this.#preset = preset
    this.#model = model
    this.#type = preset.organization.type
  }

  roles(at: string, roles: readonly Role[], type: string): void {
    this.distinct(at, roles)
    for (const [index, role] of roles.entries()) {
      const here = `${at}[${index}]`
      this.takes(`${here}.relation`, type, role.relation, 'user')
      for (const right of ['give', 'take', 'change'] as const)
        this.relation(`${here}.${right}`, type, role[right])
    }
  }

  level(at: string, type: string, { relation, effect, group, direct }: Level): void {
    if (!direct && group === undefined) {
      this.say(at, 'nobody can be given it: say `"direct": true`, or what a group is to it')
    }
    if (effect !== undefined) this.relation(`${at}.effect`, type, effect)
    if (direct) this.takes(`${at}.relation`, type, relation, 'user')
    if (group === undefined) return
    const groups = this.#preset.group?.type
    if (groups === undefined) this.say(`${at}.group`, 'the preset has no groups')
    else this.takes(`${at}.relation`, type, relation, group === 'object' ? groups : `${groups}#${group}`)
  }

  /** Highest first, and told apart by every word they go by. */
  distinct(at: string, items: readonly Pick<Role, 'id' | 'aliases' | 'rank'>[]): void {
    if (items.length === 0) this.say(at, 'there has to be one')
    const words = items.flatMap(({ id, aliases }) => [id, ...aliases])
    const twice = words.find((word, index) => words.indexOf(word) !== index)
    if (twice !== undefined) this.say(at, `\`${twice}\` names two of them`)
    for (const [index, { rank }] of items.entries()) {
      const above = items[index - 1]
      if (above !== undefined && above.rank <= rank) {
        this.say(
          `${at}[${index}].rank`,
          `${rank} is not below ${above.rank}: the highest comes first, no two the same`,
        )
      }
    }
  }

  known(at: string, id: string, items: readonly { readonly id: string }[]): void {
    const ids = items.map((item) => item.id)
    if (!ids.includes(id)) this.say(at, `there is no \`${id}\`${hint(id, ids)}`)
  }

  actions(
    at: string,
    actions: Readonly<Record<string, Need | undefined>>,
    type: string,
    known: readonly string[],
    demanded: readonly string[],
  ): void {
    for (const action of demanded) if (!(action in actions)) this.say(at, `\`${action}\` is missing`)
    for (const [action, need] of Object.entries(actions)) {
      const here = below(at, action)
      if (!known.includes(action)) this.say(here, `there is no such action here${hint(action, known)}`)
      if (need === undefined) continue
      this.relation(here, type, need.relation)
      const { entitlement } = need
      if (entitlement === undefined) continue
      const sold = this.#preset.plans?.ladder.flatMap(({ entitlements }) => entitlements) ?? []
      if (!sold.includes(entitlement)) {
        this.say(here, `no plan includes \`${entitlement}\`${hint(entitlement, sold)}`)
      }
    }
  }

  permissions(at: string, permissions: readonly Permission[], type: string): void {
    for (const { relation } of permissions) this.relation(below(at, relation), type, relation)
  }

  /** @param type - of `{object}`; absent: the tuples of an organization, which has none */
  tuples(at: string, templates: readonly TupleTemplate[], type: string | undefined): void {
    const values = {
      organization: `${this.#type}:o`,
      actor: 'user:a',
      ...(type !== undefined && { object: `${type}:x` }),
    }
    for (const [index, template] of templates.entries()) {
      const here = `${at}[${index}]`
      const text = `${template.object} ${template.relation} ${template.subject}`
      const unknown = [...text.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name)
      const names = Object.keys(values)
      const odd = unknown.find((name) => !names.includes(name))
      if (odd !== undefined) {
        this.say(here, `there is nothing to put for \`{${odd}}\`; there is {${names.join('}, {')}}`)
        continue
      }
      const problem = checkTuple(this.#model, fill(template, values))
      if (problem !== undefined) this.say(here, problem)
    }
  }

  /** What hangs on no organization would be nobody's, and every permission that comes from it would be lost. */
  linked(at: string, templates: readonly TupleTemplate[]): void {
    const isLink = ({ object, subject }: TupleTemplate): boolean =>
      object === '{object}' && subject === '{organization}'
    if (!templates.some(isLink)) this.say(at, 'nothing links it to `{organization}`')
  }

  together(at: string, name: string, one: unknown, other: boolean, where: string): void {
    if ((one !== undefined) === other) return
    this.say(`${at}.${name}`, other ? `is missing, and is in ${where}` : `is there, and is not in ${where}`)
  }

  isType(at: string, type: string): boolean {
    if (this.#model.hasType(type)) return true
    this.say(`${at}.type`, `the model has no type \`${type}\`${hint(type, this.#model.types)}`)
    return false
  }

  relation(at: string, type: string, name: string): boolean {
    if (this.#model.relation(type, name) !== undefined) return true
    const names = this.#model.relations(type).map((relation) => relation.name)
    this.say(at, `\`${type}\` has no relation \`${name}\`${hint(name, names)}`)
    return false
  }

  /** @param shape - of the subjects that will be written */
  takes(at: string, type: string, name: string, shape: string): void {
    if (!this.relation(at, type, name)) return
    const restrictions = this.#model.relation(type, name)?.restrictions ?? []
    if (restrictions.some((each) => each.shape === shape && each.condition === undefined)) return
    this.say(at, `\`${type}#${name}\` does not take \`${shape}\`: add it to the brackets in the model`)
  }

  say(field: string, problem: string): void {
    this.problems.push(`${field}: ${problem}`)
  }
}

/** The word that was meant, where one is near. */
export function hint(word: string, words: readonly string[]): string {
  const meant = nearest(word, words)
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`
}
