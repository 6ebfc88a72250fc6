/** An explanation of the sidecar (POST /v1/stores/{store}/explain) as lines for people. Knows its shape, asks nothing. */
import { type Branch, paint, tree } from './terminal.ts'
import { printTupleText, type TupleText } from './tuple-text.ts'

export interface Explanation {
  readonly resolution?: string
  readonly path?: readonly Step[]
  readonly tried?: Tried
  readonly missing?: readonly Missing[]
  readonly error?: { readonly code: string; readonly message: string }
  readonly truncated?: boolean
}

/** On the way from the user to the object: a tuple, or a step of the model that crosses none. */
interface Step {
  readonly tuple?: TupleText
  readonly contextual?: boolean
  readonly provenance?: { readonly timestamp: string; readonly caller?: string; readonly source?: string }
  readonly grants?: string
  readonly via: string
  readonly object?: string
  readonly relation?: string
  readonly rewrite?: string
  readonly of?: string
  readonly absent?: readonly string[]
}

interface Tried {
  readonly object: string
  readonly relation: string
  readonly rewrite: string
  readonly outcome: string
  readonly reason?: string
  readonly through?: string
  readonly tuples?: readonly { readonly tuple: TupleText; readonly outcome: string }[]
  readonly operands?: readonly Tried[]
  readonly seen?: boolean
  readonly more?: number
}

interface Missing {
  readonly add?: readonly TupleText[]
  readonly remove?: readonly TupleText[]
  readonly context?: readonly string[]
  readonly conditions?: readonly { readonly name: string; readonly tuple: TupleText }[]
}

export function drawExplanation(explanation: Explanation): string {
  const { resolution = '', path = [], tried, missing = [], truncated = false } = explanation
  const parts = [
    resolution,
    path.map((step, index) => `${String(index + 1).padStart(3)}. ${printStep(step)}`).join('\n'),
    tried === undefined ? '' : tree(branchOf(tried)),
    missing.length === 0 ? '' : ['it would be allowed by any of:', ...missing.map(printMissing)].join('\n'),
    truncated ? 'there is more than is shown here: a limit of the server cut it' : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function printStep(step: Step): string {
  const { tuple, contextual, provenance, grants, via, object, relation, rewrite, of, absent } = step
  if (tuple !== undefined) {
    const { timestamp, caller, source } = provenance ?? {}
    const by = [source, caller].filter((name) => name !== undefined).join(' by ')
    const origin = contextual === true ? 'from this request' : [timestamp, by].filter(Boolean).join(', ')
    return `${printTupleText(tuple)}  ${paint('dim', `(${via}${origin === '' ? '' : `; ${origin}`})`)}`
  }
  if (via === 'self') return `${object}#${relation} is itself`
  const from = of === undefined ? '' : `, here ${of}`
  const without = absent === undefined ? '' : `, not ${absent.join(', not ')}`
  return `${grants ?? `${object}#${relation}`} is ${rewrite ?? via}${from}${without}`
}

function branchOf(tried: Tried): Branch {
  const { object, relation, rewrite, outcome, reason, through, tuples = [], operands = [], more } = tried
  const why = reason === undefined ? '' : `: ${reason}`
  const across = through === undefined ? '' : `  ${paint('dim', `through ${through}`)}`
  const again = tried.seen === true ? '  (shown above)' : ''
  const verdict = paint(outcome === 'member' ? 'green' : 'red', outcome)
  return {
    label: `${object}#${relation} = ${rewrite}  ${verdict}${why}${across}${again}`,
    children: [
      ...tuples.map((one) => leaf(`${printTupleText(one.tuple)}  ${paint('dim', one.outcome)}`)),
      ...operands.map(branchOf),
      ...(more === undefined ? [] : [leaf(`and ${more} more`)]),
    ],
  }
}

function leaf(label: string): Branch {
  return { label, children: [] }
}

function printMissing({ add = [], remove = [], context = [], conditions = [] }: Missing): string {
  const held = conditions.map(({ name, tuple }) => `? ${name} holds on ${printTupleText(tuple)}`)
  const given = context.length === 0 ? [] : [`  with --context for ${context.join(', ')}`]
  const lines = [
    ...add.map((tuple) => paint('green', `+ ${printTupleText(tuple)}`)),
    ...remove.map((tuple) => paint('red', `- ${printTupleText(tuple)}`)),
    ...held,
    ...given,
  ]
  return lines.map((line, index) => `${index === 0 ? '  * ' : '    '}${line}`).join('\n')
}
