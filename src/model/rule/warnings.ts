/** Rules that let in more than they seem to: they can be saved, and say so. */
import { callOf, childrenOf, type Node, nodeOf } from '../condition/node.ts'
import type { Slip } from './problem.ts'
import type { RuleText } from './rule.ts'
import { environment } from './vocabulary.ts'

/** @param rule - that is one */
export function warningsOf({ kind, text }: RuleText): readonly Slip[] {
  if (kind === 'regex') return openPattern(text, { start: 0, end: text.length })
  return visit(nodeOf(environment.parse(text).ast))
}

function visit(node: Node): readonly Slip[] {
  const inside = childrenOf(node).flatMap(visit)
  if (node.op !== 'rcall') return inside
  const { name, receiver, args } = callOf(node)
  const [value] = args
  if (receiver?.op !== 'id' || value?.op !== 'value' || typeof value.args !== 'string') return inside
  const variable = String(receiver.args)
  return [...inside, ...warn(node, variable, name, value.args)]
}

function warn(node: Node, variable: string, method: string, text: string): readonly Slip[] {
  const range = { start: node.start, end: node.end }
  const isHost = /^[\w-]+(\.[\w-]+)+$/.test(text)
  if (method === 'endsWith' && isHost && (variable === 'email' || variable === 'domain')) {
    const instead = `domain == '${text}'`
    return [
      {
        code: 'suffix_without_at',
        message: `it also takes ${variable === 'email' ? 'evil@' : ''}not${text}`,
        hint: `use ${instead}`,
        range,
        fix: { at: range, text: instead },
      },
    ]
  }
  if (method === 'contains' && variable === 'email' && text.includes('@')) {
    const instead = `email.endsWith('${text}')`
    const fix = text.startsWith('@') ? { hint: `use ${instead}`, fix: { at: range, text: instead } } : {}
    return [{ code: 'part_of_address', message: `it also takes ann${text}.evil.org`, range, ...fix }]
  }
  return method === 'matches' && variable === 'email' ? openPattern(text, range) : []
}

function openPattern(text: string, range: Slip['range']): readonly Slip[] {
  if (/(?:^|[^\\])\$\)*$/.test(text) || /\\z\)*$/.test(text)) return []
  const message = 'the pattern may end before the address does: it also takes what goes on behind it'
  return [{ code: 'open_pattern', message, hint: 'end it with $', range }]
}
