/** Ids as an attacker would choose them: delimiters of every kind, look-alikes, twins, long ones. All are valid. */
import fc from 'fast-check'

const friendly = ['a', 'b', 'c', 'd', 'e', 'f']

const hostile = [
  'A', // case twin
  'a|b',
  'a/b',
  'a.b',
  'a@b',
  '@',
  '*x',
  'x*',
  '**',
  "a','b",
  '"a"',
  '%00',
  '..',
  '-1',
  '0',
  '00',
  '__proto__',
  'constructor',
  '\u00e9', // NFC
  'e\u0301', // NFD twin
  '\u{1f511}',
  '\uffff',
  'a'.repeat(200),
  `${'a'.repeat(199)}b`,
]

/** The ids of one world, shared by all its types. */
export const idsArbitrary: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.subarray(friendly, { minLength: 2, maxLength: 5 }) },
  {
    weight: 3,
    arbitrary: fc.uniqueArray(fc.constantFrom(...friendly.slice(0, 2), ...hostile), {
      minLength: 3,
      maxLength: 6,
    }),
  },
)
