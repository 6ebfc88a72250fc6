/** Models as text: what parses to what, what is refused where, and texts made to hurt the parser. */
import { expect, test } from 'vitest'
import { faultOf } from '../../src/lib/fault.ts'
import { dslBytesMax, parseDsl, parseModules, printDsl } from '../../src/model/dsl.ts'
import { validateModel } from '../../src/model/validate.ts'

async function refusal(parsing: Promise<unknown>): Promise<string> {
  try {
    await parsing
    return 'accepted'
  } catch (thrown) {
    const fault = faultOf(thrown)
    return fault.code === 'invalid_authorization_model' ? fault.message : `${fault.code}: ${fault.message}`
  }
}

const header = 'model\n  schema 1.1\n\ntype user\n'
const everything = `${header}
type group
  relations
    define member: [user, group#member, user with weekday]

type folder
  relations
    define owner: [user]
    define parent: [folder]
    define viewer: [user, user:*, group#member] or owner or viewer from parent

type document
  relations
    define blocked: [user]
    define both: viewer and editor
    define editor: [user, user:* with weekday]
    define parent: [folder]
    define viewer: ([user] or viewer from parent) but not blocked

condition weekday(allowed: list<string>, today: string, when: timestamp) {
  today in allowed
}
`

test('every operator, in the normal form', async () => {
  const json = await parseDsl(everything)
  validateModel(json)
  expect(json.schema_version).toBe('1.1')
  expect(json.type_definitions[0]).toStrictEqual({ type: 'user', relations: {}, metadata: null })
  const [, , folder, document] = json.type_definitions
  expect(folder?.relations.viewer).toStrictEqual({
    union: {
      child: [
        { this: {} },
        { computedUserset: { object: '', relation: 'owner' } },
        {
          tupleToUserset: {
            tupleset: { object: '', relation: 'parent' },
            computedUserset: { object: '', relation: 'viewer' },
          },
        },
      ],
    },
  })
  expect(document?.metadata?.relations.editor?.directly_related_user_types).toStrictEqual([
    { type: 'user', condition: '' },
    { type: 'user', wildcard: {}, condition: 'weekday' },
  ])
  expect(json.conditions?.weekday?.parameters.allowed).toStrictEqual({
    type_name: 'TYPE_NAME_LIST',
    generic_types: [{ type_name: 'TYPE_NAME_STRING', generic_types: [] }],
  })
})

test('what is printed parses to the same, and prints the same', async () => {
  const json = await parseDsl(everything)
  const text = await printDsl(json)
  expect(await parseDsl(text)).toEqual(json)
  expect(await printDsl(await parseDsl(text))).toBe(text)
})

test('comments and blank lines are nothing', async () => {
  const text = '# first\nmodel\n  schema 1.1\n# second\n\ntype user # third\n'
  expect((await parseDsl(text)).type_definitions).toHaveLength(1)
})

test.each([
  ['nothing', '', 'line 1, column 1: mismatched input'],
  ['no header', 'type user\n', 'line 1, column 1: '],
  [
    'an operator too many',
    `${header}type doc\n  relations\n    define a: [user] or or\n`,
    'line 7, column 25: mismatched input',
  ],
  [
    'a relation twice',
    `${header}type doc\n  relations\n    define a: [user]\n    define a: [user]\n`,
    "line 8, column 12: 'a' is already defined in 'doc' (at `a`)",
  ],
  ['mixed operators', `${header}type doc\n  relations\n    define a: b or c and d\n`, 'line 7, column 21: '],
  ['a module', 'module m\n\ntype user\n', 'a module is not a model: it needs its fga.mod'],
])('%s is refused at its place', async (_, text, expected) => {
  expect(await refusal(parseDsl(text))).toContain(expected)
})

test('all faults of a text are named, a line each', async () => {
  const text = `${header}type doc\n  relations\n    define a: [user]\n    define a: [user]\n    define b: [user]\n    define b: [user]\n`
  const message = await refusal(parseDsl(text))
  expect(message.split('\n')).toEqual([
    "line 8, column 12: 'a' is already defined in 'doc' (at `a`)",
    "line 10, column 12: 'b' is already defined in 'doc' (at `b`)",
  ])
})

test('brackets as deep as anybody nests are read, deeper ones are not tried', async () => {
  const nested = (depth: number): string =>
    `${header}type doc\n  relations\n    define b: [user]\n    define a: ${'('.repeat(depth)}b${')'.repeat(depth)}\n`
  expect(await refusal(parseDsl(nested(16)))).toBe('accepted')
  expect(await refusal(parseDsl(nested(17)))).toBe('line 8, column 31: more than 16 brackets are open')
  expect(await refusal(parseDsl(nested(5000)))).toBe('line 8, column 31: more than 16 brackets are open')
  expect(await refusal(parseDsl(`${header}# ${'('.repeat(99)}\n`))).toBe('accepted')
})

test('a text that is too long is not tried', async () => {
  expect(await refusal(parseDsl(`${header}#${'x'.repeat(dslBytesMax)}\n`))).toContain('longer than')
})

const core = {
  name: 'core.fga',
  text: 'module core\n\ntype user\n\ntype organization\n  relations\n    define member: [user]\n',
}

test('modules become one model that says where its parts came from', async () => {
  const wiki = {
    name: 'wiki.fga',
    text: 'module wiki\n\nextend type organization\n  relations\n    define can_write: member\n\ntype page\n  relations\n    define owner: [user]\n',
  }
  const json = await parseModules([core, wiki], '1.2')
  validateModel(json)
  expect(json.schema_version).toBe('1.2')
  expect(
    json.type_definitions.map(({ type, metadata }) => [type, metadata?.module, metadata?.source_info?.file]),
  ).toEqual([
    ['user', 'core', 'core.fga'],
    ['organization', 'core', 'core.fga'],
    ['page', 'wiki', 'wiki.fga'],
  ])
  expect(json.type_definitions[1]?.metadata?.relations.can_write).toMatchObject({
    module: 'wiki',
    source_info: { file: 'wiki.fga' },
  })
  expect(await parseDsl(await printDsl(json))).toMatchObject({ schema_version: '1.2' })
})

test('a fault in a module names its file', async () => {
  const broken = { name: 'wiki.fga', text: 'module wiki\n\nextend type nope\n  relations\n    define a: b\n' }
  expect(await refusal(parseModules([core, broken], '1.2'))).toContain(
    'wiki.fga: line 3, column 13: extended type nope does not exist (at `nope`)',
  )
})
