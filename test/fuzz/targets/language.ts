/** The model's language: a text is a model that is printed and read the same, or is refused with line and column. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../src/lib/fault.ts'
import { parseDsl, printDsl } from '../../../src/model/dsl.ts'
import { validateModel } from '../../../src/model/validate.ts'
import type { Target } from '../campaign.ts'

const text = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member, user:*]
type doc
  relations
    define parent: [doc]
    define banned: [user]
    define viewer: [user with recent, group#member] or banned or viewer from parent
    define reader: (viewer and member) but not banned
    define member: [user]
condition recent(now: timestamp, days: list<int>) {
  now < timestamp("2027-01-01T00:00:00Z") && days.size() > 0
}
`

export const language: Target = {
  name: 'model as text',
  seeds: [Buffer.from(text)],
  words: [
    ...[
      'model',
      'schema 1.1',
      'type ',
      'relations',
      'define ',
      '    define x: ',
      ' or ',
      ' and ',
      ' but not ',
      ' from ',
    ],
    ...[
      '[user]',
      '[user:*]',
      'with ',
      'condition ',
      '{',
      '}',
      '(',
      ')',
      '#',
      '\n',
      '  ',
      '\t',
      ':',
      ',',
      'extend type ',
    ],
  ],
  share: 0.5,
  async attempt(input) {
    try {
      const json = await parseDsl(input.toString('utf8'))
      validateModel(json)
      const again = await parseDsl(await printDsl(json))
      if (!isDeepStrictEqual(again, json)) throw new Error('printed and read it is another model')
      return 'taken'
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code !== 'internal_error') return 'refused'
      throw thrown
    }
  },
}
