/**
 * A fault is data: a code that lasts for ever, a message for people, a cause for logs. Which HTTP status a
 * code becomes is decided by the table in http/problem.ts and nowhere else.
 */
import type { JsonObject } from './json.ts'

/** Codes of the OpenFGA contract (section 0.4) that Kith raises, its own below the first blank line, and the directory's. */
export type FaultCode =
  | 'validation_error'
  | 'authorization_model_not_found'
  | 'authorization_model_resolution_too_complex'
  | 'invalid_write_input'
  | 'cannot_allow_duplicate_tuples_in_one_request'
  | 'invalid_continuation_token'
  | 'invalid_expand_input'
  | 'write_failed_due_to_invalid_input'
  | 'latest_authorization_model_not_found'
  | 'type_not_found'
  | 'relation_not_found'
  | 'invalid_tuple'
  | 'store_id_invalid_length'
  | 'assertions_too_many_items'
  | 'id_too_long'
  | 'authorization_model_id_too_long'
  | 'tuple_key_value_not_specified'
  | 'tuple_keys_too_many_or_too_few_items'
  | 'page_size_invalid'
  | 'param_missing_value'
  | 'difference_base_missing_value'
  | 'subtract_base_missing_value'
  | 'object_too_long'
  | 'relation_too_long'
  | 'type_definitions_too_few_items'
  | 'type_invalid_length'
  | 'type_invalid_pattern'
  | 'relations_too_few_items'
  | 'relations_too_long'
  | 'relations_invalid_pattern'
  | 'query_string_type_continuation_token_mismatch'
  | 'exceeded_entity_limit'
  | 'invalid_authorization_model'
  | 'cancelled'
  | 'invalid_start_time'
  | 'internal_error'
  | 'deadline_exceeded'
  | 'resource_exhausted'
  | 'unavailable'
  | 'undefined_endpoint'
  | 'store_id_not_found'
  | 'unimplemented'
  | 'Aborted'
  //
  | 'invalid_zookie'
  | 'log_forked'
  | 'not_yet_fresh'
  | 'precondition_failed'
  | 'method_not_allowed'
  | 'unauthenticated'
  | 'forbidden'
  | 'key_not_found'
  | 'overloaded'
  | 'rate_limited'
  //
  | 'not_found'
  | 'invalid_field'
  | 'unknown_reference'
  | 'inactive_user'
  | 'type_restriction'
  | 'not_in_preset'
  | 'feature_not_in_preset'
  | 'plan_required'
  | 'actor_required'
  | 'self_join'
  | 'already_exists'
  | 'managed_elsewhere'
  | 'name_taken'
  | 'last_holder'
  | 'cycle'
  | 'too_deep'
  | 'archived'
  | 'no_members'
  | 'reserved'
  | 'gone'
  | 'invalid_file'
  | 'rows_rejected'
  | 'invalid_rule'
  | 'confirm_required'

interface FaultDetails {
  readonly cause?: unknown
  /** Seconds after which asking again makes sense, where that is known. */
  readonly retryAfter?: number
  /** The field of the body, or the parameter, that it is about. */
  readonly field?: string
  /** What to do about it. */
  readonly hint?: string
  /** What is wrong, one by one, where it is much. */
  readonly errors?: readonly JsonObject[]
  /** The word for the code where data decides it: `plan_required:pro`. */
  readonly word?: string
  /** What else its body says, where organizations are managed: where in a text it is, counts. */
  readonly more?: JsonObject
}

export class Fault extends Error {
  readonly code: FaultCode
  readonly retryAfter: number | undefined
  readonly field: string | undefined
  readonly hint: string | undefined
  readonly errors: readonly JsonObject[] | undefined
  readonly word: string | undefined
  readonly more: JsonObject | undefined

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'Fault'
    this.code = code
    this.retryAfter = details.retryAfter
    this.field = details.field
    this.hint = details.hint
    this.errors = details.errors
    this.word = details.word
    this.more = details.more
  }
}

/** The fault behind any thrown value; what nobody expected becomes `internal_error` with the cause kept for the log. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  return new Fault('internal_error', 'Internal Server Error', { cause: thrown })
}
