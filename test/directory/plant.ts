/** What an organization holds, put there past its routes: people, groups, resources and the tuples between them. */
import { act } from '../../src/directory/act.ts'
import type { Draft } from '../../src/directory/draft.ts'
import { fill } from '../../src/directory/preset/fill.ts'
import type { ResourceKind, TupleTemplate } from '../../src/directory/preset/preset.ts'
import type { Directory, Organization } from './http.ts'

export class Garden {
  readonly #draft: Draft

  constructor(draft: Draft) {
    this.#draft = draft
  }

  user(id: string, name = id): void {
    const { preset, organization } = this.#draft
    const role = preset.organization.roles.find((each) => each.id === preset.organization.defaultRole)
    this.#draft.put('user', id, { name, email: `${id}@example.com` })
    if (role !== undefined) this.#draft.write(organization, role.relation, `user:${id}`)
  }

  group(id: string, name = id): void {
    const { group } = this.#draft
    this.#draft.put(group.type, id, { name })
    this.#fill(group.tuples, `${group.type}:${id}`)
  }

  /** @param role - by id; absent: the lowest */
  member(group: string, user: string, role?: string): void {
    const { memberRoles, type } = this.#draft.group
    const found = role === undefined ? memberRoles.at(-1) : memberRoles.find(({ id }) => id === role)
    this.#draft.write(`${type}:${group}`, found?.relation ?? '', `user:${user}`)
  }

  unmember(group: string, user: string): void {
    const { memberRoles, type } = this.#draft.group
    for (const { relation } of memberRoles) this.#draft.delete(`${type}:${group}`, relation, `user:${user}`)
  }

  /** As its rule would. */
  byRule(group: string, user: string): void {
    const { sources, type } = this.#draft.group
    this.#draft.write(`${type}:${group}`, sources.rule ?? '', `user:${user}`)
  }

  notByRule(group: string, user: string): void {
    const { sources, type } = this.#draft.group
    this.#draft.delete(`${type}:${group}`, sources.rule ?? '', `user:${user}`)
  }

  child(parent: string, child: string): void {
    const { hierarchy, type } = this.#draft.group
    this.#draft.write(`${type}:${parent}`, hierarchy?.relation ?? '', `${type}:${child}`)
  }

  archive(group: string): void {
    const { archive, type } = this.#draft.group
    this.#draft.write(`${type}:${group}`, archive?.relation ?? '', 'user:*')
  }

  resource(kind: string, id: string, name = id): void {
    const { type, tuples } = this.#draft.kind(kind)
    this.#draft.put(type, id, { name })
    this.#fill(tuples, `${type}:${id}`)
  }

  /** @param level - by id; absent: the lowest */
  give(
    kind: string,
    id: string,
    to: { readonly group: string } | { readonly user: string },
    level?: string,
  ): void {
    const found = levelOf(this.#draft.kind(kind), level, 'group' in to)
    this.#draft.write(`${this.#draft.kind(kind).type}:${id}`, found.relation, this.#subject(found, to))
  }

  take(
    kind: string,
    id: string,
    from: { readonly group: string } | { readonly user: string },
    level?: string,
  ): void {
    const found = levelOf(this.#draft.kind(kind), level, 'group' in from)
    this.#draft.delete(`${this.#draft.kind(kind).type}:${id}`, found.relation, this.#subject(found, from))
  }

  #subject(
    { group }: ResourceKind['levels'][number],
    whom: { readonly group: string } | { readonly user: string },
  ): string {
    if ('user' in whom) return `user:${whom.user}`
    const object = `${this.#draft.group.type}:${whom.group}`
    return group === 'object' ? object : `${object}#${group}`
  }

  #fill(tuples: readonly TupleTemplate[], object: string): void {
    for (const template of tuples) {
      const { relation, subject, ...tuple } = fill(template, {
        object,
        organization: this.#draft.organization,
        actor: this.#draft.actor,
      })
      this.#draft.write(tuple.object, relation, subject)
    }
  }
}

function levelOf(
  { levels }: ResourceKind,
  id: string | undefined,
  group: boolean,
): ResourceKind['levels'][number] {
  const found = levels.findLast((each) =>
    id === undefined ? (group ? each.group !== undefined : each.direct) : each.id === id,
  )
  if (found === undefined) throw new Error(`there is no level ${id}`)
  return found
}

/** In one commit. */
export async function plant(
  { ground }: Directory,
  { id }: Organization,
  sow: (garden: Garden) => void,
): Promise<void> {
  const provenance = { source: 'test', actor: 'user:boss' }
  await act(ground, { org: id, actor: 'user:boss', provenance }, (draft) => sow(new Garden(draft)))
}
