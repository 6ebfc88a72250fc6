/**
 * Which groups an event counts for: those that its user is in when it arrives, by hand, by rule or through a list of the
 * identity provider. Not those above them, which the user only has something of; and none that archiving has suspended.
 */
import type { Slices } from '../../engine/drive.ts'
import { typeOf } from '../../tuple/object.ts'
import { placed } from '../people/user-places.ts'
import { isArchived } from '../refusal.ts'
import type { Sight } from '../sight.ts'

/** Where a user or a list stands by tuples of its own. */
interface Above {
  readonly groups: readonly string[]
  /** Lists of the provider that it is in: `idp_group:oncall#member`. */
  readonly lists: readonly string[]
}

/** For the users of one commit: what is above a list, and whether a group is archived, is read once for all of them. */
export class Attribution {
  readonly #sight: Sight
  readonly #slices: Pick<Slices, 'isOver' | 'rest'>
  readonly #memberships: ReadonlySet<string>
  readonly #above = new Map<string, Above>()
  readonly #archived = new Map<string, boolean>()
  readonly #known = new Map<string, readonly string[]>()

  constructor(sight: Sight, slices: Pick<Slices, 'isOver' | 'rest'>) {
    this.#sight = sight
    this.#slices = slices
    const { memberRoles = [], sources = {} } = sight.preset.group ?? {}
    this.#memberships = new Set([...memberRoles.map(({ relation }) => relation), ...Object.values(sources)])
  }

  /**
   * Objects, each once. Reads as much as the user has tuples, and those lists above them that nobody was below before.
   * @param user - `user:anne`
   */
  async groupsOf(user: string): Promise<readonly string[]> {
    if (this.#sight.preset.group === undefined) return []
    const known = this.#known.get(user)
    if (known !== undefined) return known
    const found = new Set<string>()
    const lists = new Set([user])
    // Also lists of somebody else's, which groups name as a whole, and lists of such lists: what is added is met, and once.
    for (const list of lists) {
      const above = this.#above.get(list) ?? (await this.#read(list))
      for (const group of above.groups) found.add(group)
      for (const next of above.lists) lists.add(next)
      if (this.#slices.isOver) await this.#slices.rest()
    }
    const counted: string[] = []
    for (const object of found) {
      if (await this.#counts(object, user)) counted.push(object)
      if (this.#slices.isOver) await this.#slices.rest()
    }
    this.#known.set(user, counted)
    return counted
  }

  async #read(subject: string): Promise<Above> {
    const { group, identity } = this.#sight.preset
    const groups = new Set<string>()
    const lists: string[] = []
    for await (const { object, relation } of placed(this.#sight, subject)) {
      const type = typeOf(object)
      if (type === group?.type && this.#memberships.has(relation)) groups.add(object)
      if (type === identity?.type && relation === identity.memberRelation) lists.push(`${object}#${relation}`)
    }
    const above = { groups: [...groups], lists }
    this.#above.set(subject, above)
    return above
  }

  /** An archived group has members where the product, or the organization, lets it go on giving. */
  async #counts(group: string, user: string): Promise<boolean> {
    const isSuspended = this.#archived.get(group) ?? isArchived(this.#sight, group)
    this.#archived.set(group, isSuspended)
    return !isSuspended || (await this.#sight.may(this.#sight.group.memberRelation, group, user))
  }
}
