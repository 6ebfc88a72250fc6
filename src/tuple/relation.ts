/** Names of relations, as they come in tuples and questions. */

/** No `:` `#` `@`, white space or control character; 50 code points at most. */
const namePattern = /^[^:#@\s\p{Cc}]{1,50}$/u

export function isRelationName(text: string): boolean {
  return namePattern.test(text) && text.isWellFormed()
}
