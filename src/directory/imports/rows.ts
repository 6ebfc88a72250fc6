/** What becomes of each row of a file: the lists that are kept of an import, and how they are shown. */
import type { JsonObject } from '../../lib/json.ts'
import type { GroupKind } from '../preset/preset.ts'
import { shortened } from './refusal.ts'

/** Somebody comes in, or changes their role. */
export interface Planned extends JsonObject {
  readonly row: number
  readonly email: string
  /** Id. */
  readonly user: string
  /** Id. */
  readonly role: string
  /** Id of the role before; null: they come in. */
  readonly from: string | null
}

/** Who is nobody yet is invited, with this role in the group. */
export interface Invited extends JsonObject {
  readonly row: number
  readonly email: string
  readonly role: string
  /** Its id; null: it was not made yet. */
  readonly invitation: string | null
}

/** Nothing has to be done. */
export interface Skipped extends JsonObject {
  readonly row: number
  readonly email: string
  readonly reason: 'already_member' | 'same_role' | 'already_invited' | 'duplicate_in_file'
}

/** Nothing can be done, or may. */
export interface Rejected extends JsonObject {
  readonly row: number
  readonly code: keyof typeof problems
  /** Both cells as written. */
  readonly email: string
  readonly role: string
}

/** About the file as a whole; it is read all the same. */
export interface Warning extends JsonObject {
  readonly code: 'unknown_column' | 'guessed_encoding'
  readonly message: string
}

export interface Verdicts {
  readonly planned: readonly Planned[]
  readonly invited: readonly Invited[]
  readonly skipped: readonly Skipped[]
  readonly rejected: readonly Rejected[]
}

interface Problem {
  /** The column it is about; null: the row. */
  readonly column: 'email' | 'role' | null
  readonly expected: string
  readonly hint: string
}

const address = 'put in the address of a user, or take the row out'

/** Why a row is rejected: codes are for programs and last. */
const problems = {
  missing_email: { column: 'email', expected: 'an e-mail address', hint: address },
  invalid_email: { column: 'email', expected: 'an e-mail address such as ann@example.com', hint: address },
  unknown_user: {
    column: 'email',
    expected: 'the address of a user of the organization',
    hint: 'create or invite the user first, or correct the address',
  },
  inactive_user: {
    column: 'email',
    expected: 'the address of an active user',
    hint: 'activate the user first, or take the row out',
  },
  unknown_role: { column: 'role', expected: 'one of {roles}', hint: 'put in one of them' },
  missing_role: { column: 'role', expected: 'one of {roles}', hint: 'put in one of them' },
  role_not_allowed: {
    column: 'role',
    expected: 'a role that you may give, and change',
    hint: 'ask somebody who may, or put in another',
  },
  too_many_invitations: {
    column: 'email',
    expected: 'fewer invitations',
    hint: 'import the row another day',
  },
  last_holder: {
    column: 'role',
    expected: 'that somebody keeps the role that this row takes away',
    hint: 'give somebody else that role first, or take the row out',
  },
  too_few_fields: {
    column: null,
    expected: 'as many cells as the first row has',
    hint: 'leave a cell empty rather than out',
  },
  too_many_fields: {
    column: null,
    expected: 'no more cells than the first row has',
    hint: 'put a cell that holds a delimiter in quotes',
  },
  changed_since_preview: {
    column: null,
    expected: 'the membership that the preview found',
    hint: 'import the file again',
  },
} as const satisfies Record<string, Problem>

export interface RowError extends JsonObject {
  readonly row: number
  readonly column: 'email' | 'role' | null
  /** Of that column; of the row: its address. */
  readonly value: string
  readonly code: string
  /** Found, expected, and what to do. */
  readonly message: string
  readonly expected: string
  readonly hint: string
}

export function rowError({ memberRoles }: GroupKind, { row, code, email, role }: Rejected): RowError {
  const { column, expected: template, hint }: Problem = problems[code]
  const expected = template.replace('{roles}', memberRoles.map(({ id }) => id).join(', '))
  const value = shortened(column === 'role' ? role : email)
  const found = value === '' ? 'nothing' : `\`${value}\``
  return {
    row,
    column,
    value,
    code,
    message: `found ${found}, expected ${expected}: ${hint}`,
    expected,
    hint,
  }
}
