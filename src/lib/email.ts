/** What an e-mail address looks like: one, bare, and safe in a header. Not whether anybody reads it. */

const pattern = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+\.[^\s@<>,;:"()[\]\\]+$/
const lengthMax = 254

export function isEmail(text: string): boolean {
  return (
    text.length <= lengthMax && text.isWellFormed() && pattern.test(text) && !/[\p{Cc}\p{Cf}]/u.test(text)
  )
}

/**
 * Whether two are one mailbox: letters of ASCII compare in any case, all others as they are. Stricter than what makes a
 * name taken: an address that only looks like another is somebody else's, and lets nobody in.
 */
export function isSameEmail(one: string, other: string): boolean {
  return lowered(one) === lowered(other)
}

/**
 * Whether somebody who lists people means the one by the other: in any case and form of its letters (contract groups, section 5).
 * Wider than who signs in is taken for, still no look-alike.
 */
export function namesSameEmail(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase()
}

function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
