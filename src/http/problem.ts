/**
 * The one table from fault codes to HTTP: status, and the body. OpenFGA's `{code, message}` (contract section 0.2), and
 * `{error: {code, message, field, hint}}`, and what else a fault says, where organizations are managed.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Fault, FaultCode } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'

export interface Problem {
  readonly status: ContentfulStatusCode
  readonly body: { readonly code: FaultCode; readonly message: string }
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number
}

interface DirectoryError {
  readonly code: string
  readonly message: string
  readonly field?: string
  readonly hint?: string
  readonly errors?: readonly JsonObject[]
}

export function problemOf(fault: Fault): Problem {
  const status = statuses[fault.code]
  const problem = { status, body: { code: fault.code, message: messageOf(fault) } }
  const retryAfter = fault.retryAfter ?? (status === 503 ? 1 : undefined)
  return retryAfter === undefined ? problem : { ...problem, retryAfter }
}

/** How an error is spelt where organizations are managed. */
export function directoryErrorOf(fault: Fault): { readonly error: DirectoryError } {
  if (fault.code === 'store_id_not_found') return { error: noOrganization }
  const { code, word = code, field, hint, errors, more } = fault
  return {
    error: {
      code: word,
      message: messageOf(fault),
      ...(field === undefined ? {} : { field }),
      ...(hint === undefined ? {} : { hint }),
      ...(errors === undefined ? {} : { errors }),
      ...more,
    },
  }
}

/** Which is a store to everybody else. */
const noOrganization: DirectoryError = { code: 'not_found', message: 'there is no such organization' }

/** What went wrong in here is nobody's business. */
function messageOf({ code, message }: Fault): string {
  return code === 'internal_error' ? 'Internal Server Error' : message
}

/** Codes of the contract first, Kith's own below the blank line, the directory's at the end. */
const statuses: Readonly<Record<FaultCode, ContentfulStatusCode>> = {
  validation_error: 400,
  authorization_model_not_found: 400,
  authorization_model_resolution_too_complex: 400,
  invalid_write_input: 400,
  cannot_allow_duplicate_tuples_in_one_request: 400,
  invalid_continuation_token: 400,
  invalid_expand_input: 400,
  write_failed_due_to_invalid_input: 400,
  latest_authorization_model_not_found: 400,
  type_not_found: 400,
  relation_not_found: 400,
  invalid_tuple: 400,
  store_id_invalid_length: 400,
  assertions_too_many_items: 400,
  id_too_long: 400,
  authorization_model_id_too_long: 400,
  tuple_key_value_not_specified: 400,
  tuple_keys_too_many_or_too_few_items: 400,
  page_size_invalid: 400,
  param_missing_value: 400,
  difference_base_missing_value: 400,
  subtract_base_missing_value: 400,
  object_too_long: 400,
  relation_too_long: 400,
  type_definitions_too_few_items: 400,
  type_invalid_length: 400,
  type_invalid_pattern: 400,
  relations_too_few_items: 400,
  relations_too_long: 400,
  relations_invalid_pattern: 400,
  query_string_type_continuation_token_mismatch: 400,
  exceeded_entity_limit: 400,
  invalid_authorization_model: 400,
  cancelled: 400,
  invalid_start_time: 400,
  internal_error: 500,
  deadline_exceeded: 500,
  // Upstream says 500; SDKs retry that, and the body will not have shrunk (see README.md, decisions).
  resource_exhausted: 413,
  unavailable: 503,
  undefined_endpoint: 404,
  store_id_not_found: 404,
  unimplemented: 404,
  Aborted: 409,

  invalid_zookie: 400,
  log_forked: 409,
  not_yet_fresh: 503,
  precondition_failed: 409,
  method_not_allowed: 405,
  unauthenticated: 401,
  forbidden: 403,
  overloaded: 503,
  rate_limited: 429,
  key_not_found: 404,

  not_found: 404,
  invalid_field: 422,
  unknown_reference: 422,
  inactive_user: 422,
  type_restriction: 422,
  not_in_preset: 422,
  // A product without groups does not refuse a value: it refuses the whole.
  feature_not_in_preset: 403,
  plan_required: 403,
  actor_required: 403,
  self_join: 403,
  already_exists: 409,
  managed_elsewhere: 409,
  name_taken: 409,
  last_holder: 409,
  cycle: 409,
  too_deep: 422,
  archived: 409,
  no_members: 409,
  reserved: 403,
  gone: 410,
  invalid_file: 422,
  rows_rejected: 409,
  invalid_rule: 422,
  confirm_required: 409,
}
