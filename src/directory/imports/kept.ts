/**
 * Imports as they are kept: a small entity that says whose it is and how it stands, and one with its rows. Bounded in
 * number and in time; `sweep.ts` ends them.
 */
import { Fault } from '../../lib/fault.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { endErrand, leaveErrand } from '../errands.ts'
import type { Group } from '../groups/group.ts'
import { notFound } from '../refusal.ts'
import type { Sight } from '../sight.ts'
import type { Verdicts, Warning } from './rows.ts'

/** How it stands, and whose it is. Instants are milliseconds since the epoch. */
export interface Head {
  /** Id. */
  readonly group: string
  /** Who made the preview: `user:anne`. To everybody else it is not there. */
  readonly actor: string
  readonly status: 'pending' | 'confirmed' | 'expired'
  readonly createdAt: number
  readonly expiresAt: number
  /** Of the file, as hexadecimal digits. */
  readonly sha256: string
  readonly encoding: string
  readonly delimiter: string
}

/** Confirmed: what was done. */
export interface Confirmed extends Head {
  readonly status: 'confirmed'
  readonly confirmedAt: number
  readonly mode: string
}

interface Rows extends Verdicts {
  /** Rows of the file that hold something, and those that do not. */
  readonly rows: number
  readonly blank: number
  readonly warnings: readonly Warning[]
}

export interface Kept {
  readonly id: string
  readonly head: Head | Confirmed
  readonly rows: Rows
}

/** Milliseconds in which a preview can be confirmed. */
export const patienceMs = 15 * 60 * 1000
/** How long it is known what became of it. */
const memoryMs = 24 * 60 * 60 * 1000
/** Kept of one organization, and open of one user. */
const keptMax = 100
const openMax = 10

const heads = new Entities<Head | Confirmed>('@import')
const allRows = new Entities<Rows>('@import-rows')
export const errandKind = 'import'
const idPattern = /^imp_[0-9a-z]{12}$/

/** Its rows are gone when it has expired. */
export function headAt(sight: Sight, id: string): Head | Confirmed | undefined {
  return idPattern.test(id) ? heads.at(sight, id) : undefined
}

/** Of the acting user, to this group. @throws Fault not_found; gone: it was not confirmed in time */
export function importAt(sight: Sight, group: Group, id: string): Kept {
  const head = headAt(sight, id)
  if (!isMine(sight, group, head)) throw notFound(`import ${id}`)
  const rows = allRows.at(sight, id)
  if (rows === undefined || !isKept(head, sight.view.now)) {
    throw new Fault('gone', 'the preview has expired: nothing was imported', {
      word: 'import_expired',
      hint: 'upload the file again',
    })
  }
  return { id, head, rows }
}

/** Until it is confirmed or its time is over, which an errand sees to. */
export function keep(draft: Draft, { id, head, rows }: Kept): void {
  heads.put(draft, id, head)
  allRows.put(draft, id, rows)
  leaveErrand(draft, `${errandKind}/${id}`, {}, endOf(head))
}

/** What is left of one that was not confirmed in time. */
export function expire(draft: Draft, id: string, head: Head): void {
  allRows.remove(draft, id)
  const expired = { ...head, status: 'expired' } as const
  heads.put(draft, id, expired)
  leaveErrand(draft, `${errandKind}/${id}`, {}, endOf(expired))
}

/** Of the acting user, to this group. @throws Fault not_found */
export function discard(draft: Draft, group: Group, id: string): void {
  const head = headAt(draft, id)
  if (!isMine(draft, group, head)) throw notFound(`import ${id}`)
  forget(draft, id)
}

export function forget(draft: Draft, id: string): void {
  heads.remove(draft, id)
  allRows.remove(draft, id)
  endErrand(draft, `${errandKind}/${id}`)
}

/** When something becomes of it without anybody's doing. */
export function endOf(head: Head | Confirmed): number {
  if (head.status === 'pending') return head.expiresAt
  return (isConfirmed(head) ? head.confirmedAt : head.expiresAt) + memoryMs
}

export function isConfirmed(head: Head | Confirmed): head is Confirmed {
  return head.status === 'confirmed'
}

function isMine(sight: Sight, group: Group, head: Head | undefined): head is Head | Confirmed {
  return head !== undefined && head.group === group.id && head.actor === sight.actor
}

function isKept(head: Head, now: number): boolean {
  return isConfirmed(head) || (head.status === 'pending' && now < head.expiresAt)
}

/** For one more: those that are over go, the oldest first. Reads as many as are kept. @throws Fault rate_limited */
export async function makeRoom(draft: Draft): Promise<void> {
  const { rows } = await heads.page(draft.view, keptMax)
  const { now } = draft.view
  const isOpen = ({ attributes: head }: (typeof rows)[number]) =>
    head.status === 'pending' && now < head.expiresAt
  const mine = rows.filter((each) => each.attributes.actor === draft.actor)
  if (mine.filter(isOpen).length >= openMax) throw tooMany(openMax)
  if (rows.length < keptMax) return
  const [oldest] = rows
    .filter((each) => !isOpen(each))
    .toSorted((one, other) => one.attributes.createdAt - other.attributes.createdAt)
  if (oldest === undefined) throw tooMany(keptMax)
  forget(draft, oldest.id)
}

function tooMany(most: number): Fault {
  return new Fault('rate_limited', `${most} previews wait to be confirmed already`, {
    word: 'too_many_imports',
    hint: 'confirm or discard one',
  })
}
