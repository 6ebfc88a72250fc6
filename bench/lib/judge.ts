/** Judges answers by their zookies: replays what was written, in the order of revisions, and decides by searching. */
import type { TupleKey } from '../../src/tuple/tuple.ts'

export interface Change {
  readonly operation: 'write' | 'delete'
  readonly tuple: TupleKey
  readonly zookie: string
}

export interface Asked {
  readonly tuple: TupleKey
  readonly allowed: boolean
  readonly zookie: string
  /** Changes acknowledged before the question was sent. */
  readonly acknowledged: number
}

export interface Verdict {
  /** Answers older than something acknowledged before they were asked for. */
  readonly stale: number
  /** Answers that are not the truth at the revision they name. */
  readonly wrong: number
  readonly allows: number
  /** Answers that are not what they would have been one change earlier: those that could have caught a stale cache. */
  readonly telling: number
}

/** `changes` in the order of their acknowledgements. */
export function judge(
  changes: readonly Change[],
  answers: readonly Asked[],
  revisionOf: (zookie: string) => number,
): Verdict {
  const dated = changes.map((change) => ({ ...change, revision: revisionOf(change.zookie) }))
  /** The newest revision among so many first acknowledgements. */
  const floors = [0]
  for (const { revision } of dated) floors.push(Math.max(floors.at(-1) ?? 0, revision))
  const inOrder = dated.toSorted((a, b) => a.revision - b.revision)
  const facts = new Facts()
  let [next, stale, wrong, telling] = [0, 0, 0, 0]
  const asked = answers.map((answer) => ({ ...answer, revision: revisionOf(answer.zookie) }))
  for (const answer of asked.toSorted((a, b) => a.revision - b.revision)) {
    for (; (inOrder[next]?.revision ?? Number.POSITIVE_INFINITY) <= answer.revision; next++) {
      facts.apply(inOrder[next] as Change)
    }
    if (answer.revision < (floors[answer.acknowledged] ?? 0)) stale++
    const truth = facts.holds(answer.tuple)
    if (answer.allowed !== truth) wrong++
    if (facts.before(answer.tuple) !== truth) telling++
  }
  return { stale, wrong, telling, allows: answers.filter(({ allowed }) => allowed).length }
}

/** Tuples of the enterprise's model, and what follows from them. */
class Facts {
  /** Subjects by `object relation`. */
  readonly #subjects = new Map<string, Set<string>>()
  #last: Change | undefined

  apply(change: Change): void {
    const { object, relation, subject } = change.tuple
    const there = this.#at(object, relation)
    if (change.operation === 'write') there.add(subject)
    else there.delete(subject)
    this.#last = change
  }

  holds({ object, relation, subject }: TupleKey): boolean {
    if (relation === 'member') return this.#reaches(object, subject)
    if (this.#at(object, 'blocked').has(subject)) return false
    if (this.#at(object, 'viewer').has(subject)) return true
    return [...this.#at(object, 'editor')].some((editor) =>
      this.#reaches(editor.replace('#member', ''), subject),
    )
  }

  /** Had the last change not been made. */
  before(asked: TupleKey): boolean {
    const last = this.#last
    if (last === undefined) return this.holds(asked)
    const opposite = last.operation === 'write' ? 'delete' : 'write'
    this.apply({ ...last, operation: opposite })
    const held = this.holds(asked)
    this.apply(last)
    return held
  }

  #at(object: string, relation: string): Set<string> {
    const place = `${object} ${relation}`
    const known = this.#subjects.get(place) ?? new Set()
    this.#subjects.set(place, known)
    return known
  }

  #reaches(group: string, subject: string): boolean {
    const seen = new Set([group])
    for (const at of seen) {
      const members = this.#at(at, 'member')
      if (members.has(subject)) return true
      for (const inner of members) if (inner.endsWith('#member')) seen.add(inner.replace('#member', ''))
    }
    return false
  }
}
