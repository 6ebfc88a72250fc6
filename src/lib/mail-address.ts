/**
 * One e-mail address that mail may be sent to: a local part and a domain, and nothing that a header, an address list or
 * an SMTP command could read as more than that. Not what people are known by: that may be any address at all.
 */

/** RFC 5321: 64 before the `@`, 254 in all. */
const addressMax = 254
/** Dots only between others, so no quoting is ever needed. */
const localPattern = /^(?=.{1,64}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const domainPattern =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** ASCII alone: a domain in other letters is written `xn--...`, so that no two addresses look the same. O(length). */
export function isMailAddress(text: string): boolean {
  if (text.length > addressMax) return false
  const at = text.indexOf('@')
  return at > 0 && localPattern.test(text.slice(0, at)) && domainPattern.test(text.slice(at + 1))
}
