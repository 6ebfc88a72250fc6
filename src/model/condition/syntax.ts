/**
 * What an expression may be, before its types are checked: bounded in size and depth, calling only what cel-go has,
 * naming only its parameters. Also where names are resolved: a parameter `x` becomes `.x`, which no expression can spell,
 * so that a parameter may be called `type` or `google` and no constant of the library can be reached.
 */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { type Checker, callOf, childrenOf, type Node } from './node.ts'
import { int64Max, uint64Max } from './number.ts'
import { pattern } from './pattern.ts'
import { conditionWords, macros, prefix, type Words } from './standard.ts'

/**
 * Contract 2.1. It also bounds what the parser, the type check and the evaluation recurse into: no expression of this length has
 * more parts or more depth than this, and each level costs the stack a few frames.
 */
export const expressionBytesMax = 512

class SyntaxFault extends Error {}

/** The name under which the environment knows a parameter. */
export function variable(parameter: string): string {
  return `.${parameter}`
}

/**
 * Resolves the names of a parsed expression in place.
 * @param words - what it may call
 * @throws SyntaxFault for what may not be
 */
export function resolve(
  root: Node,
  source: string,
  parameters: ReadonlySet<string>,
  words: Words = conditionWords,
): void {
  new Resolver(source, parameters, words).visit(root, new Set())
}

class Resolver {
  readonly #source: string
  readonly #text: string
  readonly #parameters: ReadonlySet<string>
  readonly #words: Words

  constructor(source: string, parameters: ReadonlySet<string>, words: Words) {
    this.#source = source
    this.#text = mask(source)
    this.#parameters = parameters
    this.#words = words
  }

  /** @param bound the variables of the macros around. */
  visit(node: Node, bound: ReadonlySet<string>): void {
    switch (node.op) {
      case 'call':
      case 'rcall':
        this.#call(node, bound)
        break
      case 'id':
        this.#identifier(node, bound)
        break
      case 'value':
        literal(node.args, this.#source.slice(node.start, node.end))
        break
      case '-_':
        if (!isLowest(node.args as Node)) this.visit(node.args as Node, bound)
        break
      default:
        if (node.op === 'list' || node.op === 'map') openEmpty(node)
        if (node.op === '==' || node.op === '!=') this.#chained(node)
        for (const child of childrenOf(node)) this.visit(child, bound)
    }
  }

  #identifier(node: Node, bound: ReadonlySet<string>): void {
    const name = String(node.args)
    if (bound.has(name)) return
    if (!this.#parameters.has(name)) fail(`undeclared reference to '${name}'`)
    node.args = variable(name)
  }

  #call(node: Node, bound: ReadonlySet<string>): void {
    const { name, receiver, args } = callOf(node)
    const isMacro = receiver !== undefined && macros.has(name)
    const { functions, methods, replaced } = this.#words
    const arities = (receiver === undefined ? functions : isMacro ? macros : methods).get(name)
    if (arities === undefined) fail(`undeclared reference to '${name}'`)
    if (!arities.includes(args.length)) fail(`'${name}' does not take ${args.length} arguments`)
    if (receiver !== undefined) this.visit(receiver, bound)
    const [first, ...rest] = args
    if (isMacro && first !== undefined) {
      if (first.op !== 'id') fail(`the first argument of '${name}' must be a variable`)
      const inner = new Set([...bound, String(first.args)])
      for (const each of rest) this.visit(each, inner)
      return
    }
    if (name === 'matches') precompile(args[args.length - 1])
    if (replaced.has(name)) (node.args as unknown[])[0] = prefix + name
    for (const each of args) this.visit(each, bound)
  }

  /**
   * CEL gives `==` and `<` the same precedence, from the left; the library binds `<` closer. `a == b < c` would mean
   * another thing, so it must be written with parentheses.
   */
  #chained(node: Node): void {
    const [left, right] = node.args as [Node, Node]
    if (!relational.has(right.op)) return
    const opened = count(this.#text.slice(left.end, right.start), '(')
    const inner = this.#text.slice(right.start, right.end)
    if (opened <= count(inner, ')') - count(inner, '(')) {
      fail(`'${node.op}' before '${right.op}' needs parentheses: a ${node.op} (b ${right.op} c)`)
    }
  }
}

/**
 * `[]` and `{}` are of dynamic elements: the library's placeholder for their type fails its own check as soon as an
 * element is used.
 */
function openEmpty(node: Node): void {
  if ((node.args as unknown[]).length === 0)
    node.setMeta('check', (checker: Checker) => checker.getType(node.op))
}

const relational: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', 'in'])

function count(text: string, char: string): number {
  return text.split(char).length - 1
}

/** The source with strings and comments blanked, same length. */
export function mask(source: string): string {
  const quoted =
    /"""[\s\S]*?"""|'''[\s\S]*?'''|[rR]"[^"]*"|[rR]'[^']*'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*/g
  return source.replace(quoted, (found) => ' '.repeat(found.length))
}

/** The literal of -2^63, which is the minus of a number that is no int64. */
function isLowest(node: Node): boolean {
  return node.op === 'value' && node.args === int64Max + 1n
}

function literal(value: unknown, source: string): void {
  // The library takes one byte for each character, CEL those of its UTF-8.
  if (value instanceof Uint8Array && !/^[ -~]*$/.test(source)) fail('bytes literals are written in ASCII')
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
