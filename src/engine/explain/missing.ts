/** The smallest changes that were found to turn a deny, each one verified; as JSON and as words. */
import type { JsonObject } from '../../lib/json.ts'
import { typeOf } from '../../tuple/object.ts'
import { printTuple, type TupleKey } from '../../tuple/tuple.ts'
import type { Scope } from '../scope.ts'
import { membershipOf, type Operand } from '../vertex.ts'
import type { Witness } from './evidence.ts'
import type { Graph } from './graph.ts'
import { type Fact, nameOf, Repairs } from './repair.ts'
import { ideasFor } from './search.ts'
import { verified } from './verify.ts'
import { tupleJson } from './words.ts'

/** Suggestions shown, and of one kind (the same relations changed in the same way) at most. */
const shownMax = 5
const alikeMax = 2

export interface MissingOptions {
  readonly scope: Scope
  readonly key: TupleKey
  readonly graph: Graph
  readonly witness: Witness
  readonly breathe: () => Promise<void>
}

export interface Missing {
  readonly missing: readonly JsonObject[]
  /** The first of them; empty when nothing was found. */
  readonly facts: readonly Fact[]
  readonly truncated: boolean
}

/** At most a few dozen checks on the same state. */
export async function missingFacts(root: Operand, options: MissingOptions): Promise<Missing> {
  const nothing = { missing: [], facts: [], truncated: false }
  if (typeof root === 'string' || membershipOf(root) === 'member') return nothing
  const { scope, key, graph, witness, breathe } = options
  const repairs = new Repairs(scope, graph, witness, key.subject)
  await repairs.prepare(root)
  const { ideas, truncated } = await ideasFor(repairs.goal('member', root), repairs, breathe)

  const shown = new Map<string, readonly Fact[]>()
  const alike = new Map<string, number>()
  for (const idea of ideas) {
    if (shown.size >= shownMax) break
    if (performance.now() > scope.deadline) return { ...told(shown, witness), truncated: true }
    const kind = kindOf(idea)
    if ((alike.get(kind) ?? 0) >= alikeMax) continue
    const facts = await verified(scope, key, idea)
    if (facts === undefined || shown.has(nameOf(facts))) continue
    shown.set(nameOf(facts), facts)
    alike.set(kindOf(facts), (alike.get(kindOf(facts)) ?? 0) + 1)
  }
  return { ...told(shown, witness), truncated }
}

function told(shown: ReadonlyMap<string, readonly Fact[]>, witness: Witness): Omit<Missing, 'truncated'> {
  const all = [...shown.values()].sort((one, other) => one.length - other.length)
  return { missing: all.map((facts) => missingJson(facts, witness)), facts: all[0] ?? [] }
}

/** `{add: [tuple...], remove: [tuple...], context: [parameter...], conditions: [{name, tuple}...]}`, what applies of it. */
function missingJson(facts: readonly Fact[], witness: Witness): JsonObject {
  const tuples = (change: Fact['change']) =>
    facts.filter((fact) => fact.change === change).map(({ tuple }) => tuple)
  const [add, remove, hold] = [tuples('add'), tuples('remove'), tuples('hold')]
  const unanswered = hold.flatMap((tuple) => witness.unanswered(tuple))
  const open = unanswered.length > 0 ? unanswered : hold.flatMap((tuple) => witness.open(tuple))
  const conditions = hold.map((tuple) => ({ name: tuple.condition?.name ?? '', tuple: tupleJson(tuple) }))
  return {
    ...(add.length > 0 && { add: add.map(tupleJson) }),
    ...(remove.length > 0 && { remove: remove.map(tupleJson) }),
    ...(hold.length > 0 && { context: [...new Set(open)].sort(), conditions }),
  }
}

/** What stands in the way, by the smallest change that was found: the second half of a sentence. */
export function sentenceOf(facts: readonly Fact[], { subject }: TupleKey): string {
  if (facts.length === 0) return `no change was found that would lead ${subject} there`
  const said = { add: 'missing', remove: 'excluded by', hold: 'the condition does not hold on' }
  return facts.map(({ change, tuple }) => `${said[change]} ${printTuple(tuple)}`).join(' and ')
}

function kindOf(facts: readonly Fact[]): string {
  const kinds = facts.map(({ change, tuple }) => `${change} ${typeOf(tuple.object)}#${tuple.relation}`)
  return kinds.sort().join(' ')
}
