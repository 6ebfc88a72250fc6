/** Refusals in the words of SCIM: RFC 7644, section 3.12. The word is what the answer says as `scimType`. */
import { Fault } from '../../lib/fault.ts'

type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'

/** Status 400. @param field - what it is about, where one can say */
export function refused(word: ScimType, message: string, field?: string): Fault {
  return new Fault('validation_error', message, { word, ...(field === undefined ? {} : { field }) })
}

/** Of what a client sent, as much as belongs into an answer. */
export function cited(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text)
}
