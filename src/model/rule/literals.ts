/** What is read off a rule's tree before its names are resolved: what it looks at, and texts that have no case. */
import { callOf, childrenOf, type Node } from '../condition/node.ts'
import { folded, isVariable, macroNames, type Variable } from './vocabulary.ts'

/** @throws Error: a macro's own variable is called like one of these */
export function variablesIn(root: Node): ReadonlySet<Variable> {
  const found = new Set<Variable>()
  visit(root, (node) => {
    demandOwnName(node)
    const name = String(node.args)
    if (node.op === 'id' && isVariable(name)) found.add(name)
  })
  return found
}

function demandOwnName(node: Node): void {
  if (node.op !== 'rcall') return
  const { name, args } = callOf(node)
  const own = args[0]?.op === 'id' ? String(args[0].args) : ''
  if (macroNames.includes(name) && isVariable(own))
    throw new Error(`'${own}' is of people: call it otherwise`)
}

/**
 * Texts that stand beside `email` or `domain` are put in small letters, and patterns beside them match either case, so
 * that `email.endsWith('@Example.com')` means what it says.
 */
export function foldLiterals(root: Node): void {
  visit(root, (node) => {
    const beside = besideFolded(node)
    const isPattern = node.op === 'rcall' && callOf(node).name === 'matches'
    for (const each of beside) visit(each, (literal) => fold(literal, isPattern))
  })
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', 'in', '<', '<=', '>', '>='])

/** What a node compares `email` or `domain` with, as it stands in the text: a literal, or a list of them. */
function besideFolded(node: Node): readonly Node[] {
  const sides = comparisons.has(node.op) ? (node.args as Node[]) : node.op === 'rcall' ? textCall(node) : []
  const [left, right] = sides
  if (left === undefined || right === undefined) return []
  if (isFolded(left)) return [right].filter(isWritten)
  return isFolded(right) ? [left].filter(isWritten) : []
}

function textCall(node: Node): readonly Node[] {
  const { receiver, args } = callOf(node)
  return receiver === undefined || args.length !== 1 ? [] : [receiver, ...args]
}

function isFolded(node: Node): boolean {
  return node.op === 'id' && folded.has(String(node.args))
}

function isWritten(node: Node): boolean {
  return node.op === 'value' || node.op === 'list'
}

function fold(node: Node, isPattern: boolean): void {
  if (node.op !== 'value' || typeof node.args !== 'string') return
  node.args = isPattern ? `(?i)${node.args}` : node.args.toLowerCase()
}

function visit(node: Node, seen: (node: Node) => void): void {
  seen(node)
  for (const child of childrenOf(node)) visit(child, seen)
}
