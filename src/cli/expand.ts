/** `kith expand`: what stands behind a relation, drawn as a tree. One level, as the API answers it. */
import { Command } from 'commander'
import { partIn } from './answer.ts'
import { Session, withQuestion } from './session.ts'
import { type Branch, paint, print, printJson, tree } from './terminal.ts'
import { parsePlace } from './tuple-text.ts'

export function expandCommand(): Command {
  return withQuestion(new Command('expand'))
    .description('draw where the users of a relation come from, one level deep')
    .argument('<object#relation>', 'document:1#viewer')
    .action(async (text: string, _options: unknown, command: Command) => {
      const session = new Session(command)
      const answer = await session.client.post(await session.path('/expand'), {
        ...session.question(),
        tuple_key: { ...parsePlace(text) },
        contextual_tuples: { tuple_keys: session.contextual() },
      })
      if (session.json) return printJson(answer)
      const { root } = partIn<{ readonly root: Node }>(answer, 'tree')
      print(tree({ label: paint('bold', root.name), children: childrenOf(root) }))
    })
}

/** Contract 1.8. */
interface Node {
  readonly name: string
  readonly leaf?: Leaf
  readonly union?: { readonly nodes: readonly Node[] }
  readonly intersection?: { readonly nodes: readonly Node[] }
  readonly difference?: { readonly base: Node; readonly subtract: Node }
}

interface Leaf {
  readonly users?: { readonly users: readonly string[] }
  readonly computed?: { readonly userset: string }
  readonly tupleToUserset?: {
    readonly tupleset: string
    readonly computed: readonly { readonly userset: string }[]
  }
}

function childrenOf(node: Node): readonly Branch[] {
  const { leaf, union, intersection, difference } = node
  if (union !== undefined) return [{ label: 'any of', children: union.nodes.flatMap(childrenOf) }]
  if (intersection !== undefined) {
    return [{ label: 'all of', children: intersection.nodes.flatMap(childrenOf) }]
  }
  if (difference !== undefined) {
    const butNot = { label: 'but not', children: childrenOf(difference.subtract) }
    return [...childrenOf(difference.base), butNot]
  }
  return leaf === undefined ? [] : [branchOf(leaf)]
}

function branchOf({ users, computed, tupleToUserset }: Leaf): Branch {
  if (computed !== undefined) return leafOf(`everyone in ${computed.userset}`)
  if (tupleToUserset !== undefined) {
    const children = tupleToUserset.computed.map(({ userset }) => leafOf(`everyone in ${userset}`))
    return { label: `through ${tupleToUserset.tupleset}`, children }
  }
  const names = users?.users ?? []
  return { label: names.length === 0 ? 'directly: nobody' : 'directly', children: names.map(leafOf) }
}

function leafOf(label: string): Branch {
  return { label, children: [] }
}
