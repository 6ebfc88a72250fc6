/**
 * Strongly connected components: which nodes of a graph reach each other. Tarjan's algorithm with a stack of our own,
 * because a chain is as long as the model allows. Not about models: names and edges.
 */

interface Frame {
  readonly name: string
  readonly edges: Iterator<string>
}

/**
 * The components, each with its members; one comes after all those it leads to. Edges to what is not among `names` are
 * ignored. O(names + edges).
 */
export function componentsOf(
  names: Iterable<string>,
  edgesOf: (name: string) => Iterable<string>,
): readonly (readonly string[])[] {
  const known = new Set(names)
  const found: string[][] = []
  /** When a name was first met, and the earliest name still open that it leads back to. */
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const path: Frame[] = []

  const enter = (name: string) => {
    low.set(name, order.size)
    order.set(name, order.size)
    open.push(name)
    isOpen.add(name)
    path.push({ name, edges: edgesOf(name)[Symbol.iterator]() })
  }
  const lower = (name: string, to: number) => low.set(name, Math.min(low.get(name) ?? to, to))
  const close = (name: string) => {
    const component = open.splice(open.lastIndexOf(name))
    for (const member of component) isOpen.delete(member)
    found.push(component)
  }

  for (const root of known) {
    if (order.has(root)) continue
    enter(root)
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { name } = frame
      const { done, value: next } = frame.edges.next()
      if (done !== true) {
        if (!known.has(next)) continue
        if (!order.has(next)) enter(next)
        else if (isOpen.has(next)) lower(name, order.get(next) ?? 0)
        continue
      }
      path.pop()
      const above = path.at(-1)
      const lowest = low.get(name) ?? 0
      if (above !== undefined) lower(above.name, lowest)
      if (lowest === order.get(name)) close(name)
    }
  }
  return found
}
