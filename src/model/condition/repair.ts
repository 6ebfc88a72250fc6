/**
 * Sets right what the library evaluates otherwise than cel-go: after the type check, nodes of these operators get an evaluation
 * of ours. Control flow (logic, the ternary, macros) and calls stay the library's. The list, with the difference of each,
 * is in README.md; the differential test is its proof.
 */
import { parseAddress } from './address.ts'
import { callOf, childrenOf, type Node } from './node.ts'
import { int64Max, int64Min } from './number.ts'
import type { Value } from './parameter.ts'
import { type Pattern, pattern } from './pattern.ts'
import { prefix } from './standard.ts'
import { parseInstant, parseSpan } from './time.ts'
import { compare, contains, divide, equals, keyOf, lookup, remainder } from './value.ts'

/** Replaces the evaluation of every such node under `node`; the tree has passed its check. */
export function repair(node: Node): void {
  for (const child of childrenOf(node)) repair(child)
  const binary = operators[node.op]
  if (binary !== undefined) replaceBinary(node, binary)
  else if (node.op === '.') replaceField(node)
  else if (node.op === 'map') replaceMap(node)
  else if (node.op === '-_') replaceMinus(node)
  else if (node.op === 'call' || node.op === 'rcall') replaceCall(node)
}

const operators: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  in: (left, right) => contains(right, left),
  '[]': lookup,
  '/': divide,
  '%': remainder,
}

function replaceBinary(node: Node, apply: (left: Value, right: Value) => Value): void {
  const [left, right] = node.args as [Node, Node]
  node.evaluate = (evaluator, _, context) =>
    apply(evaluator.run(left, context), evaluator.run(right, context))
}

function replaceField(node: Node): void {
  const [owner, field] = node.args as [Node, string]
  node.evaluate = (evaluator, _, context) => {
    const value = evaluator.run(owner, context)
    if (!(value instanceof Map)) throw new Error(`no such overload: the value has no field '${field}'`)
    return lookup(value, field)
  }
}

/** A Map, so that every key is a key; twice the same is an error. */
function replaceMap(node: Node): void {
  const entries = node.args as readonly (readonly [Node, Node])[]
  node.evaluate = (evaluator, _, context) => {
    const map = new Map<Value, Value>()
    for (const [key, value] of entries) {
      const found = keyOf(evaluator.run(key, context))
      if (!['string', 'bigint', 'boolean'].includes(typeof found)) throw new Error('unsupported key type')
      if (map.has(found)) throw new Error(`repeated key: ${String(found)}`)
      map.set(found, evaluator.run(value, context))
    }
    return map
  }
}

function replaceMinus(node: Node): void {
  const operand = node.args as Node
  // The one literal that is no int64 before its sign: -2^63.
  if (operand.op === 'value' && operand.args === int64Max + 1n) {
    node.evaluate = () => int64Min
    return
  }
  node.evaluate = (evaluator, _, context) => {
    const value = evaluator.run(operand, context)
    if (typeof value === 'number') return -value
    if (typeof value !== 'bigint') throw new Error('no such overload: minus')
    if (value === int64Min) throw new Error('integer overflow')
    return -value
  }
}

function replaceCall(node: Node): void {
  const { name, receiver, args } = callOf(node)
  const [first, second] = args
  if (name === 'has' && receiver === undefined && first !== undefined) replaceHas(node, first)
  const parse = parsers[name]
  if (parse !== undefined && typeof first?.args === 'string' && first.op === 'value') {
    replaceLiteral(node, parse(first.args))
  }
  if (name !== `${prefix}matches` || first === undefined) return
  const [text, source] = receiver === undefined ? [first, second] : [receiver, first]
  if (source?.op === 'value') replaceMatches(node, text, pattern(String(source.args)))
}

const parsers: Readonly<Record<string, (text: string) => Value | undefined>> = {
  [`${prefix}timestamp`]: parseInstant,
  [`${prefix}duration`]: parseSpan,
  ipaddress: parseAddress,
}

/** `timestamp("…")` is read once. One that cannot be read stays: it is an error when it is evaluated, as in cel-go. */
function replaceLiteral(node: Node, value: Value | undefined): void {
  if (value !== undefined) node.evaluate = () => value
}

/** `has(a.b.c)`: every step but the last must be there; each must be a map. */
function replaceHas(node: Node, field: Node): void {
  const [owner, name] = field.args as [Node, string]
  node.evaluate = (evaluator, _, context) => {
    const value = evaluator.run(owner, context)
    if (!(value instanceof Map)) throw new Error(`no such overload: the value has no field '${name}'`)
    return value.has(name)
  }
}

/** The pattern is written in the model: compiled once, kept with it. */
function replaceMatches(node: Node, text: Node, compiled: Pattern): void {
  node.evaluate = (evaluator, _, context) => {
    const value = evaluator.run(text, context)
    if (typeof value !== 'string') throw new Error("no such overload: 'matches' needs a string")
    return compiled.test(value)
  }
}
