/**
 * A View over a plain array of tuples: storage as one would explain it. The engine run over it shows faults of the
 * engine alone; told to `spread`, it answers as storage does when a head holds too much, so that small worlds
 * reach the paths of large ones.
 */
import type { Edges, Page, PinnedView, Placed } from '../../src/storage/storage.ts'
import { typeOf } from '../../src/tuple/object.ts'
import type { StoredTuple, Tuple } from '../../src/tuple/tuple.ts'

export class ArrayView implements PinnedView {
  readonly store = 'array'
  readonly revision: number
  readonly now: number
  readonly madeAt = performance.now()
  readonly #tuples: readonly Tuple[]
  readonly #at: ReadonlyMap<string, readonly Tuple[]>
  readonly #bySubject: ReadonlyMap<string, readonly Tuple[]>
  readonly #spread: boolean

  constructor(
    tuples: readonly Tuple[],
    now: number,
    { spread, revision = 1 }: { readonly spread: boolean; readonly revision?: number },
  ) {
    this.revision = revision
    this.#tuples = tuples
    this.#at = grouped(tuples, ({ object, relation }) => `${object}#${relation}`)
    this.#bySubject = grouped(tuples, ({ subject }) => subject)
    this.now = now
    this.#spread = spread
  }

  edges(object: string, relation: string): Edges {
    const here = this.#at.get(`${object}#${relation}`) ?? []
    const subjects = (wanted: readonly Tuple[]) => wanted.map(({ subject }) => subject).sort(bytes)
    const qualified = here.filter(isQualified)
    return {
      usersets: subjects(here.filter(({ subject }) => !isPlain(subject))),
      plain: this.#spread ? undefined : subjects(here.filter(({ subject }) => isPlain(subject))),
      qualified: new Set(subjects(qualified)),
    }
  }

  tuple(object: string, relation: string, subject: string): StoredTuple | undefined {
    const found = this.#at.get(`${object}#${relation}`)?.find((one) => one.subject === subject)
    if (found === undefined || (found.expiresAt ?? Number.POSITIVE_INFINITY) <= this.now) return undefined
    return { ...found, timestamp: 0, revision: 1 }
  }

  reverse(subject: string): readonly Placed[] | undefined {
    if (this.#spread) return undefined
    return (this.#bySubject.get(subject) ?? []).map(placed)
  }

  async *plain(object: string, relation: string): AsyncIterable<readonly string[]> {
    for (const { subject } of this.#at.get(`${object}#${relation}`) ?? []) {
      if (isPlain(subject) && this.tuple(object, relation, subject) !== undefined) yield [subject]
    }
  }

  async *placements(subject: string, type?: string): AsyncIterable<readonly Placed[]> {
    for (const one of this.#bySubject.get(subject) ?? []) {
      if (type === undefined || typeOf(one.object) === type) yield [placed(one)]
    }
  }

  async objects(type: string, limit: number, after?: Uint8Array): Promise<Page<string>> {
    const named = new Set(this.#tuples.map(({ object }) => object))
    const from = after === undefined ? undefined : `${type}:${Buffer.from(after).toString()}`
    const later = [...named]
      .filter((one) => one.startsWith(`${type}:`) && (from === undefined || bytes(one, from) > 0))
      .sort(bytes)
    const rows = later.slice(0, limit)
    const last = rows.at(-1)?.slice(type.length + 1)
    return { rows, next: later.length > limit && last !== undefined ? Buffer.from(last) : undefined }
  }

  async *subjects(type: string, after?: string): AsyncIterable<readonly string[]> {
    const named = [...this.#bySubject.keys()].filter((one) => one.startsWith(`${type}:`) && isPlain(one))
    yield named.sort(bytes).filter((one) => after === undefined || bytes(one, after) > 0)
  }

  pin(): PinnedView {
    return this
  }

  release(): void {}

  // What no question asks of storage.
  tuples(): never {
    return unasked()
  }
  changes(): never {
    return unasked()
  }
  model(): never {
    return unasked()
  }
  latestModel(): never {
    return unasked()
  }
  models(): never {
    return unasked()
  }
  assertions(): never {
    return unasked()
  }
  entity(): never {
    return unasked()
  }
  entities(): never {
    return unasked()
  }
  allEntities(): never {
    return unasked()
  }
  madeBy(): never {
    return unasked()
  }
  aside(): never {
    return unasked()
  }
  asides(): never {
    return unasked()
  }
}

function grouped(tuples: readonly Tuple[], by: (tuple: Tuple) => string): Map<string, Tuple[]> {
  const groups = new Map<string, Tuple[]>()
  for (const one of tuples) {
    const group = groups.get(by(one))
    if (group === undefined) groups.set(by(one), [one])
    else group.push(one)
  }
  return groups
}

function unasked(): never {
  throw new Error('the engine asked for what no question needs')
}

function isPlain(subject: string): boolean {
  return !subject.includes('#') && !subject.endsWith(':*')
}

function bytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function isQualified({ condition, expiresAt }: Tuple): boolean {
  return condition !== undefined || expiresAt !== undefined
}

function placed(tuple: Tuple): Placed {
  return { object: tuple.object, relation: tuple.relation, qualified: isQualified(tuple) }
}
