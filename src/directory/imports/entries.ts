/**
 * What the rows of a table say: an e-mail address and a role, each row by itself and once for each address. Not who that
 * is, and not whether it can be done.
 */
import { isEmail } from '../../lib/email.ts'
import { roleNamed } from '../groups/membership.ts'
import { fold } from '../lists/names.ts'
import type { GroupKind } from '../preset/preset.ts'
import { refuseFile, shortened } from './refusal.ts'
import type { Rejected, Skipped, Warning } from './rows.ts'
import type { Table, TableRow } from './table.ts'

/** One row that says something. */
export interface Entry {
  readonly row: number
  /** As written, NFC. */
  readonly email: string
  /** The id of the role; absent: the cell is empty, or the product has no roles in groups. */
  readonly role?: string
  /** The cell of the role as written. */
  readonly cell: string
}

export interface Entries {
  readonly entries: readonly Entry[]
  readonly skipped: readonly Skipped[]
  readonly rejected: readonly Rejected[]
  readonly warnings: readonly Warning[]
}

/** The columns that a file of members has, the product's default order. */
export function columnsOf({ memberRoles }: GroupKind): readonly Column[] {
  return memberRoles.length > 1 ? ['email', 'role'] : ['email']
}

export type Column = 'email' | 'role'

/** @throws Fault invalid_file: its header */
export function readEntries(kind: GroupKind, { header, rows }: Table): Entries {
  const places = placesOf(kind, header)
  const entries: Entry[] = []
  const skipped: Skipped[] = []
  const rejected: Rejected[] = []
  const seen = new Set<string>()
  for (const each of rows) {
    const found = entryOf(kind, each, header.length, places)
    if ('code' in found) {
      rejected.push(found)
      continue
    }
    const key = fold(found.email)
    if (seen.has(key)) skipped.push({ row: found.row, email: found.email, reason: 'duplicate_in_file' })
    else if (found.role === undefined && found.cell !== '') rejected.push(refused(found, 'unknown_role'))
    else entries.push(found)
    seen.add(key)
  }
  return { entries, skipped, rejected, warnings: warningsOf(header, places) }
}

export function refused({ row, email, cell }: Entry, code: Rejected['code']): Rejected {
  return { row, code, email, role: cell }
}

type Places = ReadonlyMap<Column, number>

function entryOf(kind: GroupKind, { row, cells }: TableRow, width: number, places: Places): Entry | Rejected {
  const cellOf = (column: Column): string => (cells[places.get(column) ?? -1] ?? '').normalize('NFC')
  const [email, cell] = [cellOf('email'), cellOf('role')]
  const reject = (code: Rejected['code']): Rejected => ({ row, code, email, role: cell })
  if (cells.length < width) return reject('too_few_fields')
  if (cells.slice(width).some((each) => each !== '')) return reject('too_many_fields')
  if (email === '') return reject('missing_email')
  // Where a spreadsheet would take it for a formula, somebody wants it to.
  if (!isEmail(email) || /^[=+\-@]/.test(email)) return reject('invalid_email')
  const role = cell === '' ? undefined : roleNamed(kind, cell)?.id
  return { row, email, cell, ...(role === undefined ? {} : { role }) }
}

/** Where each column is. @throws Fault invalid_file */
function placesOf(kind: GroupKind, header: readonly string[]): Places {
  const names = header.map(plain)
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
  if (twice !== undefined) {
    refuseFile({
      word: 'duplicate_header',
      message: `the first row names the column \`${shortened(twice)}\` twice`,
      hint: 'keep one of them',
    })
  }
  if (!names.includes('email')) {
    refuseFile({
      word: 'missing_column',
      message: `the first row names no column \`email\`: it has ${shortened(header.join(', '))}`,
      hint: `the first row is ${columnsOf(kind).join(',')}`,
    })
  }
  return new Map(
    columnsOf(kind).flatMap((column) => {
      const at = names.indexOf(column)
      return at === -1 ? [] : [[column, at] as const]
    }),
  )
}

/** Case, space and hyphens in it say nothing: `E-Mail` is `email`. */
function plain(name: string): string {
  return fold(name).replace(/[\s_-]/g, '')
}

function warningsOf(header: readonly string[], places: Places): readonly Warning[] {
  const known = new Set(places.values())
  const unknown = header.filter((name, index) => name !== '' && !known.has(index))
  return unknown.map((name) => ({
    code: 'unknown_column',
    message: `the column \`${shortened(name)}\` is not read`,
  }))
}
