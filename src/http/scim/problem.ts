/** Faults as SCIM spells them: RFC 7644, section 3.12. Statuses are those of ../problem.ts but where the standard has its own. */
import type { Fault, FaultCode } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { encodeError } from '../../wire/scim/answers.ts'
import type { Problem } from '../problem.ts'

/** Where identity providers provision. */
export const scimPath = /^\/scim(?:\/|$)/

const statuses: Readonly<Partial<Record<FaultCode, Problem['status']>>> = {
  precondition_failed: 412,
  unimplemented: 501,
  not_in_preset: 501,
  feature_not_in_preset: 501,
}

const taken: readonly FaultCode[] = ['name_taken', 'already_exists']

/** @param problem - what it would be anywhere else */
export function scimProblemOf(
  { code, word, hint }: Fault,
  { status: general, body: { message } }: Problem,
): { readonly status: Problem['status']; readonly body: JsonObject } {
  // What a body says wrongly is 400 here.
  const status = statuses[code] ?? (general === 422 ? 400 : general)
  const known = code === 'store_id_not_found' ? 'there is no such organization' : message
  const detail = hint === undefined ? known : `${known}; ${hint}`
  return { status, body: encodeError(status, detail, scimTypeOf(code, general, word)) }
}

function scimTypeOf(code: FaultCode, status: number, word: string | undefined): string | undefined {
  if (taken.includes(code)) return 'uniqueness'
  if (code === 'validation_error') return word ?? 'invalidSyntax'
  return status === 422 && statuses[code] === undefined ? 'invalidValue' : undefined
}
