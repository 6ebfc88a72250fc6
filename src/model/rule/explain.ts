/** What each part of a rule is for one person: why they belong, or do not, or why it cannot be said. */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import type { Json } from '../../lib/json.ts'
import { callOf, type Node } from '../condition/node.ts'
import { mask } from '../condition/syntax.ts'
import { Instant, Span } from '../condition/time.ts'
import { reasonOf } from './reason.ts'

/** A part, and those that it is made of; texts and numbers as they are written are none. */
export interface Part {
  readonly text: string
  readonly range: { readonly start: number; readonly end: number }
  readonly value?: Json
  /** Why it has none. */
  readonly error?: string
  readonly parts?: readonly Part[]
}

/** @param run - evaluates a node @param source - that the nodes are of */
export function partOf(node: Node, source: string, run: (node: Node) => unknown): Part {
  const parts = partsOf(node).map((each) => partOf(each, source, run))
  const range = rangeOf(node, source)
  return {
    text: source.slice(range.start, range.end),
    range,
    ...outcomeOf(() => run(node)),
    ...(parts.length === 0 ? {} : { parts }),
  }
}

/** The library leaves out a bracket at an end of what stands in some: as many are opened as are closed. */
function rangeOf(node: Node, source: string): Part['range'] {
  const text = mask(source)
  let [start, end] = [node.start, node.end]
  const open = () => count(text.slice(start, end), '(') - count(text.slice(start, end), ')')
  while (open() > 0 && text.includes(')', end)) end = text.indexOf(')', end) + 1
  while (open() < 0 && start > 0) start = Math.max(0, text.lastIndexOf('(', start - 1))
  return { start, end }
}

function count(text: string, char: string): number {
  return text.split(char).length - 1
}

function outcomeOf(evaluate: () => unknown): Pick<Part, 'value' | 'error'> {
  try {
    return { value: shown(evaluate(), 0) }
  } catch (thrown) {
    return { error: reasonOf(thrown) }
  }
}

/** What stands on its own: the bodies of macros do not, and `has` asks of a place, not of a value. */
function partsOf(node: Node): readonly Node[] {
  switch (node.op) {
    case 'value':
    case 'id':
    case 'list':
    case 'map':
    case '.':
      return []
    case '!_':
    case '-_':
      return [node.args as Node]
    case 'call':
    case 'rcall': {
      const { receiver } = callOf(node)
      return receiver === undefined ? [] : [receiver].filter(isTelling)
    }
    default:
      return (node.args as readonly Node[]).filter(isTelling)
  }
}

function isTelling({ op }: Node): boolean {
  return op !== 'value' && op !== 'list' && op !== 'map'
}

const textMax = 200
const itemsMax = 20
const depthMax = 4

/** As JSON, cut where it is long. */
function shown(value: unknown, depth: number): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return value.length > textMax ? `${value.slice(0, textMax)}…` : value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Instant || value instanceof Span) return String(value)
  if (value instanceof UnsignedInt) return shown(value.valueOf(), depth)
  if (depth >= depthMax) return '…'
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((each) => shown(each, depth + 1))
  if (!(value instanceof Map)) return String(value)
  const entries = [...value].slice(0, itemsMax)
  return Object.fromEntries(entries.map(([key, each]) => [String(key), shown(each, depth + 1)]))
}
