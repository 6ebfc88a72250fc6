/** The ways behind rows of permissions as one graph: exactly their nodes and their tuples. */
import { objectOf } from './chain.ts'
import type { PermissionRow } from './permissions.ts'

export interface PermissionGraph {
  readonly nodes: readonly { readonly object: string; readonly name?: string }[]
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    readonly relation: string
    /** Of a membership. */
    readonly source?: string
  }[]
}

export function graphOf(rows: readonly PermissionRow[]): PermissionGraph {
  const nodes = new Map<string, PermissionGraph['nodes'][number]>()
  const edges = new Map<string, PermissionGraph['edges'][number]>()
  for (const { object, name, relation, user, source } of rows.flatMap(({ via }) =>
    via.flatMap(({ chain }) => chain),
  )) {
    nodes.set(object, { object, ...(typeof name === 'string' ? { name } : {}) })
    if (typeof relation !== 'string' || typeof user !== 'string') continue
    const edge = { from: objectOf(user), to: object, relation }
    edges.set(JSON.stringify(edge), { ...edge, ...(typeof source === 'string' ? { source } : {}) })
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] }
}
