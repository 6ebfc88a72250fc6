/**
 * What evaluating an expression can cost at most, told from the sizes of its arguments before anything is evaluated: a
 * hostile model and context may not hold the event loop. One unit is about 100 ns (one node of the tree, evaluated once).
 *
 *   macro over a range      cost(range) + size(range) * (cost(body) + 1)         nesting multiplies
 *   x in list               size(list) * (1 + what comparing x with an element costs)
 *   == != < <= > >=         the smaller of both weights (values inside; 16 characters are 1)
 *   a + b                   (size(a) + size(b)) / 16; the result has both sizes
 *   text.contains(part)     size(text) * size(part) / 100 + size(text) / 16
 *   text.matches(pattern)   size(text) * program(pattern) / 10, and 20 * program to compile one that is not a literal
 *   a getter with a zone    500; functions that parse, and in_cidr, 100; everything else 1 and the characters / 16
 *
 * Both sides of `&&`, `||` and `?:` count, and every element of a range: an upper bound, not a forecast.
 */
import type { Json } from '../../lib/json.ts'
import { callOf, childrenOf, type Node } from './node.ts'
import { dynamicProgramMax, pattern, programBound } from './pattern.ts'

/**
 * About 2 ms. Accepts `x in list` and one `exists` over 1,000 elements with room to spare; refuses a list of 1,000 inside
 * a list of 1,000. Upstream's default is 100 units of its own, where reading an element is one: ours is wider on purpose.
 */
export const costMax = 20_000

/** How large a value is, or can be: the join of every value that may stand there. */
export interface Shape {
  /** Elements of a list or map, UTF-16 units of a string, 1 for the rest. */
  readonly size: number
  /** Everything inside, itself included. */
  readonly weight: number
  /** Of a list's elements or a map's values. */
  readonly item?: Shape
  /** Of a map's keys: present for maps only. */
  readonly key?: Shape
  /** For a string that may be a pattern: instructions it can compile to; unknown when absent. */
  readonly program?: number
}

export class CostFault extends Error {
  constructor(cost: number) {
    super(
      `operation cancelled: actual cost limit exceeded (about ${Math.round(cost)} units, at most ${costMax})`,
    )
  }
}

const scalar: Shape = { size: 1, weight: 1, program: 0 }

/** No larger than what most contexts hold: a scalar, a string of up to 64 units. See Condition's fast path. */
export const small: Shape = { size: 64, weight: 5 }

export function isSmall(value: Json): boolean {
  return typeof value === 'string' ? value.length <= small.size : typeof value !== 'object' || value === null
}

/** What a value weighs, and what converting it costs. */
export interface Measure {
  readonly shape: Shape
  readonly effort: number
}

/**
 * Looks at every value once, before it is converted. `textEffort`: units for 16 characters of a string, which is the
 * parameter type's to say: an address costs more to read than a word.
 * @throws CostFault as soon as there is more to convert than the bound pays for.
 */
export function measure(value: Json, textEffort: number): Measure {
  let seen = 0
  return { shape: shape(value, 0), effort: seen }

  function shape(each: Json, depth: number): Shape {
    // Depth is refused with words when the value is converted; here it only must not exhaust the stack.
    seen += typeof each === 'string' ? textEffort * (1 + each.length / 16) : 1
    if (seen > costMax || depth > 40) throw new CostFault(Math.max(seen, costMax + 1))
    if (typeof each === 'string') return textShape(each)
    if (typeof each !== 'object' || each === null) return scalar
    const items = Object.values(each).map((item) => shape(item, depth + 1))
    const joined = collection(items)
    return Array.isArray(each)
      ? joined
      : { ...joined, key: Object.keys(each).map(textShape).reduce(join, scalar) }
  }
}

function textShape(text: string): Shape {
  return { size: text.length, weight: 1 + text.length / 16, program: programBound(text) }
}

function collection(items: readonly Shape[]): Shape {
  const weight = items.reduce((sum, item) => sum + item.weight, 1)
  return { size: items.length, weight, ...(items.length > 0 && { item: items.reduce(join) }) }
}

function join(one: Shape, other: Shape): Shape {
  if (one === other) return one
  const item = one.item && other.item ? join(one.item, other.item) : (one.item ?? other.item)
  const key = one.key && other.key ? join(one.key, other.key) : (one.key ?? other.key)
  const program =
    one.program === undefined || other.program === undefined
      ? undefined
      : Math.max(one.program, other.program)
  return {
    size: Math.max(one.size, other.size),
    weight: Math.max(one.weight, other.weight),
    ...(item && { item }),
    ...(key && { key }),
    ...(program !== undefined && { program }),
  }
}

/** @throws CostFault when converting all of a question's arguments costs more than costMax. */
export function boundEffort(efforts: readonly number[]): void {
  const effort = efforts.reduce((sum, each) => sum + each, 0)
  if (effort > costMax) throw new CostFault(effort)
}

/** @returns what it may cost. @throws CostFault when that is more than costMax with arguments of these shapes. */
export function bound(root: Node, shapes: ReadonlyMap<string, Shape>): number {
  const cost = costOf(root, shapes)
  // Not `cost > costMax`: a cost that is no number is no cost that may pass.
  if (!(cost <= costMax)) throw new CostFault(cost)
  return cost
}

/** Whether `bound` would let it pass. */
export function isWithin(root: Node, shapes: ReadonlyMap<string, Shape>): boolean {
  return costOf(root, shapes) <= costMax
}

/** At most, whatever that comes to. */
export function costOf(root: Node, shapes: ReadonlyMap<string, Shape>): number {
  return estimate(root, shapes).cost
}

interface Estimate {
  readonly cost: number
  readonly shape: Shape
}

type Scope = ReadonlyMap<string, Shape>

/** Each node once: O(nodes). */
function estimate(node: Node, scope: Scope): Estimate {
  switch (node.op) {
    case 'value':
      return { cost: 1, shape: typeof node.args === 'string' ? textShape(node.args) : scalar }
    case 'id':
      return { cost: 1, shape: scope.get(String(node.args)) ?? scalar }
    case 'call':
    case 'rcall':
      return callEstimate(node, scope)
    default:
      return operation(
        node.op,
        childrenOf(node).map((child) => estimate(child, scope)),
      )
  }
}

function operation(op: string, parts: readonly Estimate[]): Estimate {
  const cost = parts.reduce((sum, part) => sum + part.cost, 1)
  const [one = scalar, two = scalar, three = scalar] = parts.map((part) => part.shape)
  switch (op) {
    case '.':
    case '[]':
      return { cost: cost + two.weight, shape: one.item ?? scalar }
    case 'list':
      return { cost, shape: collection(parts.map((part) => part.shape)) }
    case 'map': {
      const [keys, values] = [0, 1].map((odd) =>
        parts.filter((_, at) => at % 2 === odd).map((part) => part.shape),
      )
      return { cost, shape: { ...collection(values ?? []), key: (keys ?? []).reduce(join, scalar) } }
    }
    case '?:':
      return { cost, shape: join(two, three) }
    case '+': {
      const { program: _, ...joined } = join(one, two)
      const size = one.size + two.size
      return { cost: cost + size / 16, shape: { ...joined, size, weight: one.weight + two.weight } }
    }
    case 'in': {
      const each = 1 + Math.min(one.weight, two.item?.weight ?? one.weight)
      return { cost: cost + (two.key === undefined ? two.size * each : one.weight), shape: scalar }
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { cost: cost + Math.min(one.weight, two.weight), shape: scalar }
    default:
      return { cost, shape: scalar }
  }
}

function callEstimate(node: Node, scope: Scope): Estimate {
  const { name, receiver, args } = callOf(node)
  const [variable, ...body] = args
  if (
    receiver !== undefined &&
    variable !== undefined &&
    ['all', 'exists', 'exists_one', 'map', 'filter'].includes(name)
  ) {
    return macroEstimate(name, estimate(receiver, scope), String(variable.args), body, scope)
  }
  const parts = (receiver === undefined ? args : [receiver, ...args]).map((each) => estimate(each, scope))
  const cost = parts.reduce((sum, part) => sum + part.cost, 1)
  const [text = scalar, other = scalar] = parts.map((part) => part.shape)
  const read = cost + text.size / 16
  switch (name) {
    case 'dyn':
      return { cost, shape: text }
    case 'size':
      return { cost: text.item === undefined ? cost + text.size / 8 : cost, shape: scalar }
    case 'contains':
      return { cost: read + (text.size * other.size) / 100, shape: scalar }
    case 'std_matches':
      return { cost: read + matchCost(args[args.length - 1], text, other), shape: scalar }
    case 'std_string':
    case 'bytes':
      return { cost: read, shape: { size: Math.max(text.size * 3, 64), weight: text.weight * 3 + 5 } }
    case 'startsWith':
    case 'endsWith':
    case 'has':
      return { cost: read, shape: scalar }
    default:
      return {
        cost: read + other.size / 16 + (name.startsWith('get') && parts.length > 1 ? 500 : 100),
        shape: scalar,
      }
  }
}

function matchCost(source: Node | undefined, text: Shape, dynamic: Shape): number {
  if (source?.op === 'value') return (text.size * pattern(String(source.args)).programSize) / 10
  const program = Math.min(dynamic.program ?? dynamicProgramMax, dynamicProgramMax)
  return 100 + 20 * program + (text.size * program) / 10
}

function macroEstimate(
  name: string,
  range: Estimate,
  variable: string,
  body: readonly Node[],
  scope: Scope,
): Estimate {
  const element = range.shape.key ?? range.shape.item ?? scalar
  const inner = new Map([...scope, [variable, element]])
  const parts = body.map((each) => estimate(each, inner))
  const each = parts.reduce((sum, part) => sum + part.cost, 1)
  const cost = range.cost + 1 + range.shape.size * each
  const { size } = range.shape
  const produced = name === 'map' ? (parts[parts.length - 1]?.shape ?? scalar) : element
  if (name !== 'map' && name !== 'filter') return { cost, shape: scalar }
  return { cost, shape: { size, weight: 1 + size * produced.weight, item: produced } }
}
