/** Groups below groups stay a tree: one parent each, no way back up, and not too deep. */
import { Fault } from '../../lib/fault.ts'
import { childrenOf, type Hierarchy, parentOf } from '../groups/hierarchy.ts'
import type { GroupKind } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import type { Outcome } from './outcome.ts'

/** Costs the way up, and what is below each group that moves. @throws Fault cycle, too_deep, already_exists */
export async function demandTree({ preset: { group } }: Sight, outcome: Outcome): Promise<void> {
  if (group?.hierarchy === undefined) return
  const { relation } = group.hierarchy
  const edges = outcome.writes.filter(
    (each) => each.relation === relation && each.object.startsWith(`${group.type}:`),
  )
  if (edges.length === 0) return
  const tree = new Tree(outcome, { ...group, hierarchy: group.hierarchy })
  for (const { object: parent, subject: child } of edges) await demandPlace(tree, parent, child)
}

async function demandPlace(tree: Tree, parent: string, child: string): Promise<void> {
  const { depthMax } = tree.kind.hierarchy
  const parents = await tree.parents(child)
  if (parents.length > 1) {
    throw new Fault('already_exists', `${child} would have several parents: ${parents.join(', ')}`, { field })
  }
  let depth = 0
  for (let above: string | undefined = parent; above !== undefined; above = (await tree.parents(above))[0]) {
    if (above === child) throw new Fault('cycle', `${child} would be below itself`, { field })
    depth++
    if (depth > depthMax) break
  }
  if (depth + (await tree.height(child, depthMax - depth)) <= depthMax) return
  throw new Fault('too_deep', `groups go ${depthMax} levels deep`, { field })
}

const field = 'parentId'

type Kind = Pick<GroupKind, 'type'> & { readonly hierarchy: Hierarchy }

/** As the change leaves it. */
class Tree {
  readonly kind: Kind
  readonly #outcome: Outcome
  readonly #writtenParents = new Map<string, string[]>()
  readonly #writtenChildren = new Map<string, string[]>()

  constructor(outcome: Outcome, kind: Kind) {
    this.kind = kind
    this.#outcome = outcome
    for (const { object, relation, subject } of outcome.writes) {
      if (relation !== kind.hierarchy.relation) continue
      listed(this.#writtenParents, subject).push(object)
      listed(this.#writtenChildren, object).push(subject)
    }
  }

  async parents(child: string): Promise<readonly string[]> {
    const stored = await parentOf(this.#outcome.view, this.kind, child)
    const isLeft = stored !== undefined && !this.#drops(stored, child)
    return [...new Set([...(isLeft ? [stored] : []), ...(this.#writtenParents.get(child) ?? [])])]
  }

  /** Levels from a group down to its last descendant, itself included; beyond `most` it is not looked further. */
  async height(group: string, most: number): Promise<number> {
    let level: readonly string[] = [group]
    let height = 0
    while (level.length > 0 && height <= most) {
      height++
      const below = await Promise.all(level.map((each) => this.#children(each)))
      level = below.flat()
    }
    return height
  }

  async #children(parent: string): Promise<readonly string[]> {
    const stored = await childrenOf(this.#outcome.view, this.kind.hierarchy, parent)
    const left = stored.filter((child) => !this.#drops(parent, child))
    return [...new Set([...left, ...(this.#writtenChildren.get(parent) ?? [])])]
  }

  #drops(parent: string, child: string): boolean {
    return this.#outcome.drops({ object: parent, relation: this.kind.hierarchy.relation, subject: child })
  }
}

function listed(lists: Map<string, string[]>, key: string): string[] {
  const found = lists.get(key) ?? []
  lists.set(key, found)
  return found
}
