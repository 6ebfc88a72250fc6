/**
 * Comparing a disk with a scratch disk that was rebuilt from the log (replay.ts), row by row and head by head. Heads
 * may be laid out in more than one right way (inline, pages, spread), so their contents are compared, not their bytes.
 */
import type { Disk, Entry } from './disk.ts'
import { type ForwardHead, isPlain, pagesOf, unpackForward } from './forward.ts'
import * as keys from './keys.ts'
import { nameOf } from './names.ts'
import { isQualifiedValue, placementValue, unpackReverse } from './reverse.ts'
import type { Placed, Placement } from './storage.ts'
import { isQualified, unpackTuple } from './values.ts'

/** Told of each difference: the store's number and a sentence. */
export type Tell = (store: number, what: string) => void

/** Rows that must be equal byte for byte: tuples, expiries. */
export async function compareRows(
  disk: Disk,
  scratch: Disk,
  kind: number,
  name: string,
  tell: Tell,
): Promise<void> {
  const prefix = keys.kindPrefix(kind)
  const range = { gte: prefix, lt: keys.prefixEnd(prefix) }
  const storeOf = (key: Buffer): number =>
    kind === keys.kind.expiry ? keys.readExpiryKey(key).store : key.readUInt32BE(1)
  for await (const [key, real, right] of merged(disk.scan(range, 1000), scratch.scan(range, 1000))) {
    if (real === undefined) tell(storeOf(key), `a ${name} row is missing: ${printed(key)}`)
    else if (right === undefined) tell(storeOf(key), `a ${name} row is too many: ${printed(key)}`)
    else if (!real.equals(right))
      tell(storeOf(key), `a ${name} row is not what the log says: ${printed(key)}`)
  }
}

/** Forward heads and their pages against the tuples of one store. */
export async function compareForward(disk: Disk, scratch: Disk, store: number, tell: Tell): Promise<void> {
  const heads = rowsOf(disk, keys.kindPrefix(keys.kind.forward, store))
  let head = await heads.next()
  const unexpected = ([key, bytes]: Entry): void => {
    // A relation that was large once may say spread over nothing.
    const at = keys.readForwardKey(key)
    compareHead(disk, store, at, unpackForward(nameOf(bytes)), new Map(), tell)
  }
  for await (const [at, listed] of groupsOf(scratch, store)) {
    const key = keys.forwardKey(store, at.object, at.relation)
    while (!head.done && head.value[0].compare(key) < 0) {
      unexpected(head.value)
      head = await heads.next()
    }
    if (head.done || !head.value[0].equals(key)) {
      tell(store, `the forward head of ${at.object}#${at.relation} is missing`)
      continue
    }
    compareHead(disk, store, at, unpackForward(nameOf(head.value[1])), listed, tell)
    head = await heads.next()
  }
  for (; !head.done; head = await heads.next()) unexpected(head.value)
  for await (const [key] of rowsOf(disk, keys.kindPrefix(keys.kind.forwardPage, store))) {
    const { object, relation, part, page } = keys.readForwardPageKey(key)
    const bytes = disk.get(keys.forwardKey(store, object, relation))
    const known =
      bytes === undefined
        ? []
        : pagesOf(disk, store, { object, relation }, unpackForward(nameOf(bytes)), part)
    if (!known.some((one) => one.page === page)) {
      tell(store, `page ${page} of ${object}#${relation} belongs to no head`)
    }
  }
}

/** Reverse heads and placement rows against the tuples of one store. */
export async function compareReverse(disk: Disk, scratch: Disk, store: number, tell: Tell): Promise<void> {
  const heads = rowsOf(disk, keys.kindPrefix(keys.kind.reverse, store))
  let head = await heads.next()
  for await (const [subject, placements] of subjectsOf(scratch, store)) {
    const key = keys.reverseKey(store, subject)
    for (; !head.done && head.value[0].compare(key) < 0; head = await heads.next())
      unplaced(head.value, store, tell)
    if (head.done || !head.value[0].equals(key)) {
      tell(store, `the reverse head of ${subject} is missing`)
      continue
    }
    const listed = unpackReverse(head.value[1])
    head = await heads.next()
    if (listed === undefined) {
      for (const { object, relation, qualified } of placements) {
        const row = disk.get(keys.placementKey(store, subject, object, relation))
        const place = `the placement of ${subject} at ${object}#${relation}`
        if (row === undefined) tell(store, `${place} is missing`)
        else if (!row.equals(placementValue(qualified))) tell(store, `${place} is not what the log says`)
      }
    } else if (!isSameList(listed, placements))
      tell(store, `the reverse head of ${subject} is not what the log says`)
  }
  for (; !head.done; head = await heads.next()) unplaced(head.value, store, tell)
  for await (const [key] of rowsOf(disk, keys.kindPrefix(keys.kind.placement, store))) {
    const { subject, object, relation } = keys.readPlacementKey(key)
    const bytes = disk.get(keys.reverseKey(store, subject))
    const isSpread = bytes !== undefined && unpackReverse(bytes) === undefined
    if (!isSpread || scratch.get(key) === undefined) {
      tell(store, `the placement of ${subject} at ${object}#${relation} is too many`)
    }
  }
}

function unplaced([key, bytes]: Entry, store: number, tell: Tell): void {
  if (unpackReverse(bytes) !== undefined)
    tell(store, `the reverse head of ${keys.readReverseKey(key)} is too many`)
}

function isSameList(a: readonly Placed[], b: readonly Placed[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ object, relation, qualified }, i) =>
        object === b[i]?.object && relation === b[i]?.relation && qualified === b[i]?.qualified,
    )
  )
}

/** `listed` has every subject of the relation, in order, and whether it is qualified. */
function compareHead(
  disk: Disk,
  store: number,
  at: Placement,
  head: ForwardHead,
  listed: ReadonlyMap<string, boolean>,
  tell: Tell,
): void {
  const wrong = (what: string): void => tell(store, `the forward head of ${at.object}#${at.relation} ${what}`)
  for (const part of ['usersets', 'plain'] as const) {
    if (head[part].kind === 'spread') continue
    const upTo = head[part].kind === 'relaying' ? head[part].upTo : undefined
    const right = [...listed].filter(
      ([subject]) =>
        isPlain(subject) === (part === 'plain') &&
        (upTo === undefined || keys.compareText(subject, upTo) <= 0),
    )
    const pages = pagesOf(disk, store, at, head, part)
    const real = pages.flatMap(({ cells: [names, marks] }) => {
      const marked = new Set(marks)
      return names.map((name, index) => [name, marked.has(index)] as const)
    })
    const same =
      right.length === real.length &&
      right.every(([name, q], i) => name === real[i]?.[0] && q === real[i]?.[1])
    if (!same) wrong(`does not list its ${part} as the log says`)
    const stray = pages.some(({ from, cells: [names] }, i) => {
      const until = pages[i + 1]?.from
      return names.some(
        (name) =>
          keys.compareText(name, from) < 0 || (until !== undefined && keys.compareText(name, until) >= 0),
      )
    })
    if (stray) wrong(`has ${part} on a page that is not theirs`)
  }
}

/** Every object#relation of the scratch's tuples with its subjects. */
async function* groupsOf(scratch: Disk, store: number): AsyncGenerator<[Placement, Map<string, boolean>]> {
  let at: Placement | undefined
  let listed = new Map<string, boolean>()
  for await (const [keyBytes, bytes] of rowsOf(scratch, keys.tuplePrefix(store, {}))) {
    const key = keys.readTupleKey(keyBytes)
    if (at !== undefined && (at.object !== key.object || at.relation !== key.relation)) {
      yield [at, listed]
      listed = new Map()
    }
    at = key
    listed.set(key.subject, isQualified(unpackTuple(key, bytes)))
  }
  if (at !== undefined) yield [at, listed]
}

/** Every subject of the scratch's tuples with its placements. */
async function* subjectsOf(scratch: Disk, store: number): AsyncGenerator<[string, Placed[]]> {
  let subject: string | undefined
  let placements: Placed[] = []
  for await (const [keyBytes, bytes] of rowsOf(scratch, keys.kindPrefix(keys.kind.placement, store))) {
    const key = keys.readPlacementKey(keyBytes)
    if (subject !== undefined && subject !== key.subject) {
      yield [subject, placements]
      placements = []
    }
    subject = key.subject
    placements.push({ object: key.object, relation: key.relation, qualified: isQualifiedValue(bytes) })
  }
  if (subject !== undefined) yield [subject, placements]
}

async function* rowsOf(disk: Disk, prefix: Buffer): AsyncGenerator<Entry, undefined> {
  for await (const entries of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) yield* entries
  return undefined
}

type Merged = [key: Buffer, left: Buffer | undefined, right: Buffer | undefined]

/** Two ordered scans side by side. */
async function* merged(
  left: AsyncGenerator<Entry[]>,
  right: AsyncGenerator<Entry[]>,
): AsyncGenerator<Merged> {
  const [a, b] = [flat(left), flat(right)]
  let [x, y] = [await a.next(), await b.next()]
  while (!x.done || !y.done) {
    const order = x.done ? 1 : y.done ? -1 : x.value[0].compare(y.value[0])
    const [key, value] = (order <= 0 ? x.value : y.value) as Entry
    yield [key, order <= 0 ? value : undefined, order === 0 ? y.value?.[1] : order > 0 ? value : undefined]
    if (order <= 0) x = await a.next()
    if (order >= 0) y = await b.next()
  }
}

async function* flat(chunks: AsyncGenerator<Entry[]>): AsyncGenerator<Entry, undefined> {
  for await (const chunk of chunks) yield* chunk
  return undefined
}

function printed(key: Buffer): string {
  if (key[0] === keys.kind.tuple) {
    const { object, relation, subject } = keys.readTupleKey(key)
    return `${object}#${relation}@${subject}`
  }
  return key.toString('hex')
}
