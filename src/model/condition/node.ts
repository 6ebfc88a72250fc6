/**
 * A node of the library's syntax tree, as far as this room reads and sets it. The tree is the library's; its shape is
 * pinned by test/model/condition, so that an upgrade that changes it fails there and not in a check.
 */
import type { ASTNode } from '@marcbachmann/cel-js'

/** What an evaluating node is handed: the library's evaluator runs a child in a context. */
interface Evaluator {
  run(node: Node, context: unknown): unknown
}

export interface Node {
  readonly op: string
  args: unknown
  readonly start: number
  readonly end: number
  evaluate(evaluator: Evaluator, node: Node, context: unknown): unknown
  /** `check` is how the type check finds the node's type. */
  setMeta(key: 'check', check: (checker: Checker) => unknown): void
}

export interface Checker {
  getType(name: string): unknown
}

/** The root of a parsed expression. */
export function nodeOf(ast: ASTNode): Node {
  return ast as unknown as Node
}

/** The parts of a call: `f(a)` has no receiver. */
export interface Call {
  readonly name: string
  readonly receiver: Node | undefined
  readonly args: readonly Node[]
}

export function callOf(node: Node): Call {
  if (node.op === 'call') {
    const [name, args] = node.args as [string, Node[]]
    return { name, receiver: undefined, args }
  }
  const [name, receiver, args] = node.args as [string, Node, Node[]]
  return { name, receiver, args }
}

/** The operands of an operator, the elements of a list, the keys and values of a map: all child expressions but a call's. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case 'call':
    case 'rcall': {
      const { receiver, args } = callOf(node)
      return receiver === undefined ? args : [receiver, ...args]
    }
    case '.':
      return [(node.args as [Node, string])[0]]
    case 'map':
      return (node.args as [Node, Node][]).flat()
    case '!_':
    case '-_':
      return [node.args as Node]
    default:
      return node.args as Node[]
  }
}
