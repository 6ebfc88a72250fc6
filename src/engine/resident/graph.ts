/**
 * The tuples of one store that were asked for lately, as a graph of pointers: objects, object#relation nodes, and the
 * edges between them. Under one model, at the applied revision: a commit unloads exactly what it changed before it
 * is acknowledged. Edges with a condition or an expiry are not in it; a node that has some says so.
 */
import type { Model, Relation } from '../../model/model.ts'
import { visible } from '../../model/tuple-check.ts'
import type { ChangeEntry, Edges, View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isWildcard } from '../../tuple/subject.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import { type Lattice, latticeOf } from './lattice.ts'

/** Whatever can be a subject: an object, or an object's relation as a userset. */
interface Placed {
  /** Where its tuples put it, as far as that can be a step to another object; undefined: not loaded. */
  places: Places | undefined
}

export interface Places {
  readonly nodes: readonly Node[]
  /** Some placement was passed over: it is qualified, or there are too many to read. */
  readonly partial: boolean
  readonly loadedAt: number
}

/** Bytes that the graphs of a process hold together. */
export interface Weight {
  bytes: number
}

export class Thing implements Placed {
  readonly name: string
  readonly type: string
  readonly nodes: Node[] = []
  places: Places | undefined

  constructor(name: string) {
    this.name = name
    this.type = typeOf(name)
  }
}

export class Node implements Placed {
  readonly thing: Thing
  readonly relation: Relation
  edges: NodeEdges | undefined
  places: Places | undefined
  above: Above | undefined
  /** The number of the search that came by last. */
  mark = 0

  constructor(thing: Thing, relation: Relation) {
    this.thing = thing
    this.relation = relation
  }
}

/** What the model accepts of the tuples at a node, without the qualified ones. */
export interface NodeEdges {
  /** Every subject by name; but for the plain ones where they are spread over one key each. */
  readonly named: { has(subject: string): boolean }
  readonly spread: boolean
  /** Plain subjects, of a tupleset only. */
  readonly parents: readonly Thing[]
  readonly usersets: readonly Node[]
  /** Subjects whose tuple has to be read, and whether any of them is a userset. */
  readonly qualified: ReadonlySet<string>
  readonly usersetQualified: boolean
  readonly size: number
  readonly loadedAt: number
}

/** Usersets that contain a node, however deep, each with the tuple hops between; see groups.ts. */
export interface Above {
  readonly hops: ReadonlyMap<Node, number>
  readonly partial: boolean
  readonly epoch: number
  readonly loadedAt: number
}

/** Bytes of what is kept, estimated from the fields of each; close enough to bound it. */
const thingBytes = 240
const nodeBytes = 160
const edgeBytes = 48

const few = 12

export class Graph {
  readonly model: Model
  readonly lattice: Lattice
  readonly windowMs: number
  /** The applied revision that the graph tells of. */
  revision: number
  /** Grows when an edge between groups changes: what was memoised over several of them is void. */
  epoch = 0
  readonly weight: Weight
  /** The number of the search under way. */
  search = 0
  readonly #things = new Map<string, Thing>()
  readonly #everybody = new Map<string, Thing>()

  constructor(model: Model, revision: number, weight: Weight, windowMs: number) {
    this.model = model
    this.weight = weight
    this.revision = revision
    this.windowMs = windowMs
    this.lattice = latticeOf(model)
  }

  thing(name: string): Thing {
    const known = this.#things.get(name)
    if (known !== undefined) return known
    const thing = new Thing(name)
    this.#things.set(name, thing)
    this.weight.bytes += thingBytes + name.length
    return thing
  }

  /** The typed wildcard. */
  everybody(type: string): Thing {
    const known = this.#everybody.get(type)
    if (known !== undefined) return known
    const thing = this.thing(`${type}:*`)
    this.#everybody.set(type, thing)
    return thing
  }

  node(thing: Thing, relation: Relation): Node {
    for (const node of thing.nodes) if (node.relation === relation) return node
    const node = new Node(thing, relation)
    thing.nodes.push(node)
    this.weight.bytes += nodeBytes
    return node
  }

  /** The edges at a node; from storage where they are not resident or older than the window. */
  edges(node: Node, view: View, now: number): NodeEdges {
    const known = node.edges
    if (known !== undefined && now - known.loadedAt < this.windowMs) return known
    const loaded = this.#loadEdges(node, view.edges(node.thing.name, node.relation.name), now)
    if (known !== undefined) this.#drop(node)
    node.edges = loaded
    return loaded
  }

  /** Where a subject is placed, as far as it can matter to others. */
  places(subject: Thing | Node, view: View, now: number): Places {
    const known = subject.places
    if (known !== undefined && now - known.loadedAt < this.windowMs) return known
    const loaded = this.#loadPlaces(subject, view, now)
    this.#displace(subject)
    subject.places = loaded
    return loaded
  }

  /** Unloads what a commit changed. Called after it is visible, before it is acknowledged. */
  apply(entry: ChangeEntry): void {
    for (const { tuple } of entry.tuples) this.#unload(tuple)
    this.revision = entry.revision
  }

  #unload({ object, relation, subject }: TupleKey): void {
    const defined = this.model.relation(typeOf(object), relation)
    if (defined === undefined) return
    const node = this.#things.get(object)?.nodes.find((one) => one.relation === defined)
    if (node?.edges !== undefined) this.#drop(node)
    const hash = subject.indexOf('#')
    const thing = this.#things.get(hash === -1 ? subject : subject.slice(0, hash))
    if (hash !== -1 || defined.isTupleset) this.epoch += 1
    if (hash === -1) {
      if (thing !== undefined) this.#displace(thing)
      return
    }
    const name = subject.slice(hash + 1)
    for (const one of thing?.nodes ?? []) if (one.relation.name === name) this.#displace(one)
  }

  #displace(subject: Thing | Node): void {
    this.weight.bytes -= edgeBytes * (subject.places?.nodes.length ?? 0)
    subject.places = undefined
  }

  #drop(node: Node): void {
    this.weight.bytes -= edgeBytes * (node.edges?.size ?? 0)
    node.edges = undefined
  }

  #loadEdges({ thing, relation }: Node, edges: Edges, loadedAt: number): NodeEdges {
    const { qualified } = edges
    const accepted = (subject: string) =>
      !qualified.has(subject) &&
      visible(this.model, relation, { object: thing.name, relation: relation.name, subject })
    const indirect = edges.usersets.filter(accepted)
    const plain = (edges.plain ?? []).filter(accepted)
    const usersets = indirect.flatMap((subject) => this.#userset(subject) ?? [])
    const parents = relation.isTupleset ? plain.map((name) => this.thing(name)) : []
    const names = [...plain, ...indirect]
    const size = names.length + usersets.length + parents.length
    this.weight.bytes += edgeBytes * size
    return {
      named: names.length > few ? new Set(names) : { has: (subject) => names.includes(subject) },
      spread: edges.plain === undefined,
      parents,
      usersets,
      qualified,
      size,
      usersetQualified: edges.usersets.some((subject) => qualified.has(subject)),
      loadedAt,
    }
  }

  #userset(subject: string): Node | undefined {
    if (isWildcard(subject)) return undefined
    const hash = subject.indexOf('#')
    const target = this.model.relation(typeOf(subject), subject.slice(hash + 1))
    return target && this.node(this.thing(subject.slice(0, hash)), target)
  }

  #loadPlaces(subject: Thing | Node, view: View, loadedAt: number): Places {
    const name = subject instanceof Thing ? subject.name : `${subject.thing.name}#${subject.relation.name}`
    const placements = view.reverse(name)
    if (placements === undefined) return { nodes: [], partial: true, loadedAt }
    const nodes: Node[] = []
    let partial = false
    for (const { object, relation, qualified } of placements) {
      const defined = this.model.relation(typeOf(object), relation)
      if (defined === undefined || !(this.lattice.isStep(defined) || defined.isTupleset)) continue
      if (qualified) {
        const tuple = view.tuple(object, relation, name)
        if (tuple !== undefined && visible(this.model, defined, tuple)) partial = true
      } else if (visible(this.model, defined, { object, relation, subject: name })) {
        nodes.push(this.node(this.thing(object), defined))
      }
    }
    this.weight.bytes += edgeBytes * nodes.length
    return { nodes, partial, loadedAt }
  }
}
