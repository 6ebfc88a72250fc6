/**
 * What an expression may be, before its types are checked: bounded in size and depth, calling only what cel-go has,
 * naming only its parameters. Also where names are resolved: a parameter `x` becomes `.x`, which no expression can spell,
 * so that a parameter may be called `type` or `google` and no constant of the library can be reached.
 */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { callOf, childrenOf, type Node } from './node.ts'
import { int64Max, uint64Max } from './number.ts'
import { pattern } from './pattern.ts'
import { functions, macros, methods, prefix, replaced } from './standard.ts'

/** Contract 2.1. */
export const expressionBytesMax = 512
const depthMax = 32
const nodesMax = 300

export class SyntaxFault extends Error {}

/** The name under which the environment knows a parameter. */
export function variable(parameter: string): string {
  return `.${parameter}`
}

/** Resolves the names of a parsed expression in place. @throws SyntaxFault for what may not be. */
export function resolve(root: Node, source: string, parameters: ReadonlySet<string>): void {
  const text = mask(source)
  let nodes = 0
  visit(root, new Set(), 0)

  function visit(node: Node, bound: ReadonlySet<string>, depth: number): void {
    if (++nodes > nodesMax) fail(`the expression has more than ${nodesMax} parts`)
    if (depth > depthMax) fail(`the expression is nested deeper than ${depthMax}`)
    if (node.op === 'call' || node.op === 'rcall') return call(node, bound, depth)
    if (node.op === 'id') return identifier(node, bound)
    if (node.op === 'value') return literal(node.args)
    if (node.op === '==' || node.op === '!=') chained(node)
    if (node.op === '-_' && isLowest(node.args as Node)) return
    for (const child of childrenOf(node)) visit(child, bound, depth + 1)
  }

  function identifier(node: Node, bound: ReadonlySet<string>): void {
    const name = String(node.args)
    if (bound.has(name)) return
    if (!parameters.has(name)) fail(`undeclared reference to '${name}'`)
    node.args = variable(name)
  }

  function call(node: Node, bound: ReadonlySet<string>, depth: number): void {
    const { name, receiver, args } = callOf(node)
    const isMacro = receiver !== undefined && macros.has(name)
    const arities = (receiver === undefined ? functions : isMacro ? macros : methods).get(name)
    if (arities === undefined) fail(`undeclared reference to '${name}'`)
    if (!arities.includes(args.length)) fail(`'${name}' does not take ${args.length} arguments`)
    if (receiver !== undefined) visit(receiver, bound, depth + 1)
    const [first, ...rest] = args
    if (isMacro && first !== undefined) {
      if (first.op !== 'id') fail(`the first argument of '${name}' must be a variable`)
      const inner = new Set([...bound, String(first.args)])
      for (const each of rest) visit(each, inner, depth + 1)
      return
    }
    if (name === 'matches') precompile(args[args.length - 1])
    if (replaced.has(name)) (node.args as unknown[])[0] = prefix + name
    for (const each of args) visit(each, bound, depth + 1)
  }

  /**
   * CEL gives `==` and `<` the same precedence, from the left; the library binds `<` closer. `a == b < c` would mean
   * another thing, so it must be written with parentheses.
   */
  function chained(node: Node): void {
    const [left, right] = node.args as [Node, Node]
    if (!relational.has(right.op)) return
    const opened = count(text.slice(left.end, right.start), '(')
    const inner = text.slice(right.start, right.end)
    if (opened <= count(inner, ')') - count(inner, '(')) {
      fail(`'${node.op}' before '${right.op}' needs parentheses: a ${node.op} (b ${right.op} c)`)
    }
  }
}

const relational: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', 'in'])

function count(text: string, char: string): number {
  return text.split(char).length - 1
}

/** The source with strings and comments blanked, same length. */
function mask(source: string): string {
  const quoted =
    /"""[\s\S]*?"""|'''[\s\S]*?'''|[rR]"[^"]*"|[rR]'[^']*'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*/g
  return source.replace(quoted, (found) => ' '.repeat(found.length))
}

/** The literal of -2^63, which is the minus of a number that is no int64. */
function isLowest(node: Node): boolean {
  return node.op === 'value' && node.args === int64Max + 1n
}

function literal(value: unknown): void {
  if (typeof value === 'bigint' && value > int64Max) fail(`integer literal ${value} is out of range`)
  if (value instanceof UnsignedInt && value.valueOf() > uint64Max) fail('unsigned literal is out of range')
}

/** A pattern written in the model must be a pattern; it also waits in the cache then. */
function precompile(node: Node | undefined): void {
  if (node?.op === 'value' && typeof node.args === 'string') pattern(node.args)
}

function fail(message: string): never {
  throw new SyntaxFault(message)
}
