/**
 * The patterns of the contract, each with the text a refusal shows. White space is the ASCII one of the contract's
 * regex dialect; whatever else the syntax of section 3.1 forbids is judged below the door.
 */
import type { TextRule } from './shape.ts'

type Pattern = NonNullable<TextRule['pattern']>

export const ulidPattern: Pattern = {
  test: /^[ABCDEFGHJKMNPQRSTVWXYZ0-9]{26}$/,
  shown: '^[ABCDEFGHJKMNPQRSTVWXYZ0-9]{26}$',
}
export const userPattern: Pattern = { test: /^[^\t\n\f\r ]{2,512}$/u, shown: '^[^\\s]{2,512}$' }
export const relationPattern: Pattern = { test: /^[^:#@\t\n\f\r ]{1,50}$/u, shown: '^[^:#@\\s]{1,50}$' }
export const objectPattern: Pattern = { test: /^[^\t\n\f\r ]{2,256}$/u, shown: '^[^\\s]{2,256}$' }
export const typePattern: Pattern = { test: /^[^:#@\t\n\f\r ]{1,254}$/u, shown: '^[^:#@\\s]{1,254}$' }
export const idPattern: Pattern = { test: /[^#:\t\n\f\r ]+$/u, shown: '[^#:\\s]+$' }
export const conditionNamePattern: Pattern = { test: /^[^\t\n\f\r ]{2,256}$/u, shown: '^[^\\s]{2,256}$' }
export const storeNamePattern: Pattern = {
  test: /^[a-zA-Z0-9\t\n\f\r .\-/^_&@]{3,64}$/,
  shown: '^[a-zA-Z0-9\\s\\.\\-\\/^_&@]{3,64}$',
}
export const correlationIdPattern: Pattern = { test: /^[\w-]{1,36}$/, shown: '^[\\w\\d-]{1,36}$' }
const cursorPattern: Pattern = {
  test: /^$|^[A-Za-z0-9\-_]+={0,2}$/,
  shown: '^$|^[A-Za-z0-9-_]+={0,2}$',
}
/** What Read's `user` looks like (contract 1.4). */
export const readUserPattern: Pattern = {
  test: /^[^\t\n\f\r ]{1,511}:[^\t\n\f\r ]{1,511}$/u,
  shown: '^[^\\s]{1,511}:[^\\s]{1,511}$',
}

/** A cursor is opaque here; service judges it. The bound is the contract's. */
/** A zookie, or a place after it: service/place.ts. */
const placePattern: Pattern = {
  test: /^$|^[A-Za-z0-9\-_]+={0,2}(?:~\d{1,9})?$/,
  shown: '^$|^[A-Za-z0-9-_]+={0,2}(~[0-9]+)?$',
}
export const placeRule: TextRule = { pattern: placePattern, bytesMax: 5120, ignoreEmpty: true }
export const cursorRule: TextRule = { pattern: cursorPattern, bytesMax: 5120, ignoreEmpty: true }
export const modelIdRule: TextRule = { pattern: ulidPattern, ignoreEmpty: true }
