/**
 * The oracle: what Kith should answer, found the slow and obvious way. Every question is written out as boolean
 * equations for one subject, one a (object, relation) and one an operator, and solved whole. No answer is
 * kept, no depth limit, no walk; written from the design and the contract, never from src/engine.
 */
import type { ModelJson, UsersetJson } from '../../src/model/json.ts'
import type { TupleKey } from '../../src/tuple/tuple.ts'
import { type Equation, solve } from './equations.ts'
import {
  type Baggage,
  type Facts,
  factsOf,
  operators,
  restrictionsOf,
  rewriteOf,
  type World,
} from './facts.ts'

export type Verdict = 'allowed' | 'denied' | 'error'

/** `holds`: the exact answer. `mayFail`: something on the way could not be evaluated, so a list may fail instead. */
export interface Listing {
  readonly holds: readonly string[]
  readonly mayFail: boolean
}

export function check(world: World, baggage: Baggage, { object, relation, subject }: TupleKey): Verdict {
  return verdicts(world, baggage, subject, relation, [object]).get(object) ?? 'denied'
}

/** Of the objects of the type in any tuple, and the subject's own userset's: those whose check is true. */
export function listObjects(
  world: World,
  baggage: Baggage,
  question: { readonly type: string; readonly relation: string; readonly subject: string },
): Listing {
  const met = [...world.tuples, ...baggage.contextual].flatMap(({ object, subject }) => [object, subject])
  const objects = [...met, question.subject].map((name) => name.split('#')[0] ?? '')
  const candidates = unique(objects).filter((name) => typeOf(name) === question.type && !name.endsWith(':*'))
  const answers = verdicts(world, baggage, question.subject, question.relation, candidates)
  return listing(candidates, (candidate) => answers.get(candidate))
}

/** Of the subjects, wildcards and usersets met on the walk from the object: those whose check is true. */
export function listUsers(
  world: World,
  baggage: Baggage,
  question: {
    readonly object: string
    readonly relation: string
    readonly filter: { readonly type: string; readonly relation?: string }
  },
): Listing {
  const { object, relation, filter } = question
  const met = subjectsMet(world.model, factsOf(world, baggage), object, relation)
  const candidates = met.subjects.filter(
    (subject) => typeOf(subject) === filter.type && subject.split('#')[1] === filter.relation,
  )
  const { holds, mayFail } = listing(candidates, (subject) =>
    check(world, baggage, { object, relation, subject }),
  )
  // Contract 4.9: a condition error anywhere on the walk fails the list, whoever else was found.
  return { holds, mayFail: mayFail || met.failed }
}

function listing(
  candidates: readonly string[],
  verdict: (candidate: string) => Verdict | undefined,
): Listing {
  return {
    holds: candidates.filter((one) => verdict(one) === 'allowed').sort(),
    mayFail: candidates.some((one) => verdict(one) === 'error'),
  }
}

/** The verdict on one subject at the same relation of several objects. */
function verdicts(
  world: World,
  baggage: Baggage,
  subject: string,
  relation: string,
  objects: readonly string[],
): Map<string, Verdict> {
  const found = verdictsAt(
    world,
    baggage,
    subject,
    objects.map((object) => ({ object, relation })),
  )
  return new Map(objects.map((object, index) => [object, found[index] ?? 'denied'] as const))
}

/** The verdict on one subject at each of several places. */
export function verdictsAt(
  world: World,
  baggage: Baggage,
  subject: string,
  places: readonly { readonly object: string; readonly relation: string }[],
): readonly Verdict[] {
  const ground = new Ground(world.model, factsOf(world, baggage), subject)
  const roots = places.map(({ object, relation }) => ground.place(object, relation))
  const values = solve(ground.equations())
  const verdict = { true: 'allowed', false: 'denied', undefined: 'denied', error: 'error' } as const
  return roots.map((root) => verdict[values[root] ?? 'undefined'])
}

/** The equations of one subject, for every place its roots can lead to. */
class Ground {
  readonly #model: ModelJson
  readonly #facts: Facts
  readonly #subject: string
  readonly #equations: Equation[] = []
  readonly #reached = new Map<string, boolean>()
  readonly #places = new Map<string, number>()
  readonly #open: { readonly vertex: number; readonly object: string; readonly relation: string }[] = []

  constructor(model: ModelJson, facts: Facts, subject: string) {
    this.#model = model
    this.#facts = facts
    this.#subject = subject
  }

  /** The vertex of object#relation. */
  place(object: string, relation: string): number {
    const name = `${object}#${relation}`
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const vertex = this.#add({ is: 'false' })
    this.#places.set(name, vertex)
    this.#open.push({ vertex, object, relation })
    return vertex
  }

  equations(): readonly Equation[] {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      this.#equations[next.vertex] = this.#define(next.object, next.relation)
    }
    return this.#equations
  }

  #add(equation: Equation): number {
    return this.#equations.push(equation) - 1
  }

  #define(object: string, relation: string): Equation {
    if (this.#subject === `${object}#${relation}`) return { is: 'true' }
    const type = typeOf(object)
    const isReached =
      this.#reached.get(`${type}#${relation}`) ?? canReach(this.#model, this.#subject, type, relation)
    this.#reached.set(`${type}#${relation}`, isReached)
    if (!isReached) return { is: 'false' }
    const rewrite = rewriteOf(this.#model, type, relation)
    return rewrite === undefined
      ? { is: 'false' }
      : { is: 'any', of: [this.#operator(rewrite, object, relation)] }
  }

  #operator(rewrite: UsersetJson, object: string, relation: string): number {
    const operand = (one: UsersetJson) => this.#operator(one, object, relation)
    if ('this' in rewrite) return this.#add({ is: 'any', of: this.#direct(object, relation) })
    if ('computedUserset' in rewrite) return this.place(object, rewrite.computedUserset.relation)
    if ('tupleToUserset' in rewrite) {
      const { tupleset, computedUserset } = rewrite.tupleToUserset
      return this.#add({ is: 'any', of: this.#parents(object, tupleset.relation, computedUserset.relation) })
    }
    if ('union' in rewrite) return this.#add({ is: 'any', of: rewrite.union.child.map(operand) })
    if ('intersection' in rewrite)
      return this.#add({ is: 'all', of: rewrite.intersection.child.map(operand) })
    const { base, subtract } = rewrite.difference
    return this.#add({ is: 'but not', base: operand(base), subtract: operand(subtract) })
  }

  #direct(object: string, relation: string): number[] {
    const plain = !this.#subject.includes('#') && !this.#subject.endsWith(':*')
    return (this.#facts.get(`${object}#${relation}`) ?? []).flatMap(({ tuple, sure }) => {
      const [userset = '', through] = tuple.subject.split('#')
      const isPublic = plain && tuple.subject === `${typeOf(this.#subject)}:*`
      if (through !== undefined) return [sure ? this.place(userset, through) : this.#add({ is: 'error' })]
      if (tuple.subject === this.#subject || isPublic) return [this.#add({ is: sure ? 'true' : 'error' })]
      return []
    })
  }

  #parents(object: string, tupleset: string, computed: string): number[] {
    return (this.#facts.get(`${object}#${tupleset}`) ?? [])
      .filter(({ tuple }) => rewriteOf(this.#model, typeOf(tuple.subject), computed) !== undefined)
      .map(({ tuple, sure }) => (sure ? this.place(tuple.subject, computed) : this.#add({ is: 'error' })))
  }
}

/** Whether the model, whatever the tuples, can lead from the relation to a subject of this shape. */
function canReach(model: ModelJson, subject: string, type: string, relation: string): boolean {
  const shape = subject.endsWith(':*') ? subject : subject.replace(/:[^#]*/, '')
  const shapes = shape === typeOf(subject) ? [shape, `${shape}:*`] : [shape]
  const seen = new Set<string>()
  const open = [`${type}#${relation}`]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [onType = '', name = ''] = place.split('#')
    const rewrite = rewriteOf(model, onType, name)
    if (rewrite === undefined || seen.has(place)) continue
    seen.add(place)
    const restrictions = restrictionsOf(model, onType, name)
    for (const one of restrictions) {
      if (one.relation) open.push(`${one.type}#${one.relation}`)
      else seen.add(one.wildcard === undefined ? one.type : `${one.type}:*`)
    }
    for (const one of operators(rewrite)) {
      if ('computedUserset' in one) open.push(`${onType}#${one.computedUserset.relation}`)
      if (!('tupleToUserset' in one)) continue
      const { tupleset, computedUserset } = one.tupleToUserset
      const parents = restrictionsOf(model, onType, tupleset.relation)
      open.push(...parents.map((parent) => `${parent.type}#${computedUserset.relation}`))
    }
  }
  return shapes.some((one) => seen.has(one))
}

/** Every subject in the tuples of the places that any operand leads to, and those places themselves. */
function subjectsMet(
  model: ModelJson,
  facts: Facts,
  object: string,
  relation: string,
): { readonly subjects: readonly string[]; readonly failed: boolean } {
  const met = new Set<string>()
  const passed = new Set<string>()
  const open = [`${object}#${relation}`]
  let failed = false
  const cross = (place: string, then: (subject: string) => void) => {
    for (const { tuple, sure } of facts.get(place) ?? []) {
      failed ||= !sure
      then(tuple.subject)
    }
  }
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [at = '', name = ''] = place.split('#')
    const rewrite = rewriteOf(model, typeOf(at), name)
    if (rewrite === undefined || passed.has(place)) continue
    passed.add(place)
    met.add(place)
    cross(place, (subject) => {
      met.add(subject)
      if (subject.includes('#')) open.push(subject)
    })
    for (const one of operators(rewrite)) {
      if ('computedUserset' in one) open.push(`${at}#${one.computedUserset.relation}`)
      if (!('tupleToUserset' in one)) continue
      const { tupleset, computedUserset } = one.tupleToUserset
      cross(`${at}#${tupleset.relation}`, (parent) => open.push(`${parent}#${computedUserset.relation}`))
    }
  }
  return { subjects: [...met].sort(), failed }
}

function typeOf(name: string): string {
  return name.slice(0, name.indexOf(':'))
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
