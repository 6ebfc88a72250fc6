/** What an e-mail address looks like: one, bare, and safe in a header. Not whether anybody reads it. */

const pattern = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+\.[^\s@<>,;:"()[\]\\]+$/
const lengthMax = 254

export function isEmail(text: string): boolean {
  return (
    text.length <= lengthMax && text.isWellFormed() && pattern.test(text) && !/[\p{Cc}\p{Cf}]/u.test(text)
  )
}
