/** Store files: what they say when they are right, and where they are wrong when they are not. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultOf } from '../../src/lib/fault.ts'
import { parseStoreFile } from '../../src/storefile/parse.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { documentModel, folderOf, indented } from './files.ts'

const inline = `model: |\n${indented(documentModel)}`

async function parse(files: Readonly<Record<string, string>>) {
  return parseStoreFile(join(folderOf(files), 'store.fga.yaml'))
}

test('a whole store file is read, files it names included', async () => {
  const file = await parse({
    'store.fga.yaml': `name: demo
model_file: models/model.fga
tuples:
  - { user: user:anne, relation: editor, object: document:1 }
  - user: user:bob
    relation: viewer
    object: document:1
    condition: { name: in_region, context: { allowed: [eu] } }
    expires_at: 2099-01-01T00:00:00Z
tuple_file: more.json
tuple_files: [lines.jsonl, rows.csv, list.yaml]
tests:
  - name: who sees what
    description: words
    tuples: [{ user: user:eve, relation: viewer, object: document:2 }]
    check:
      - users: [user:anne, user:bob]
        object: document:1
        context: { region: eu }
        assertions: { viewer: true, editor: false }
    list_objects:
      - user: user:anne
        type: document
        assertions: { viewer: [document:1] }
    list_users:
      - object: document:1
        user_filter: [{ type: group, relation: member }]
        assertions:
          viewer: { users: [group:eng#member] }
`,
    'models/model.fga': documentModel,
    'more.json': '[{"user": "group:eng#member", "relation": "viewer", "object": "document:1"}]',
    'lines.jsonl':
      '{"user":"user:*","relation":"viewer","object":"document:3"}\n\n{"user":"user:c","relation":"editor","object":"document:3"}\n',
    'rows.csv':
      'user_type,user_id,user_relation,relation,object_type,object_id,condition_name,condition_context\r\n' +
      'group,eng,member,viewer,document,4,,\r\n' +
      'user,d,,viewer,document,4,in_region,"{""allowed"":[""eu""]}"\r\n',
    'list.yaml': '- user: user:e\n  relation: viewer\n  object: document:5\n',
  })

  expect(file.name).toBe('demo')
  expect(file.model?.value.type_definitions.map(({ type }) => type)).toEqual(['user', 'group', 'document'])
  expect(file.tuples.map(({ value }) => printTuple(value))).toEqual([
    'document:1#editor@user:anne',
    'document:1#viewer@user:bob',
    'document:1#viewer@group:eng#member',
    'document:3#viewer@user:*',
    'document:3#editor@user:c',
    'document:4#viewer@group:eng#member',
    'document:4#viewer@user:d',
    'document:5#viewer@user:e',
  ])
  expect(file.tuples[1]?.value).toMatchObject({
    condition: { name: 'in_region', context: { allowed: ['eu'] } },
    expiresAt: Date.UTC(2099, 0, 1),
  })
  expect(file.tuples[6]).toMatchObject({
    at: { line: 3, column: 1 },
    value: { condition: { name: 'in_region', context: { allowed: ['eu'] } } },
  })
  const [only] = file.tests
  expect(only?.tuples.map(({ value }) => printTuple(value))).toEqual(['document:2#viewer@user:eve'])
  expect(only?.checks).toMatchObject([
    {
      users: ['user:anne', 'user:bob'],
      objects: ['document:1'],
      context: { region: 'eu' },
      assertions: [
        { relation: 'viewer', expected: true, at: { line: 20, column: 23 } },
        { relation: 'editor', expected: false, at: { line: 20, column: 37 } },
      ],
    },
  ])
  expect(only?.listObjects[0]?.assertions).toMatchObject([{ relation: 'viewer', expected: ['document:1'] }])
  expect(only?.listUsers[0]).toMatchObject({
    filter: { type: 'group', relation: 'member' },
    assertions: [{ relation: 'viewer', expected: ['group:eng#member'] }],
  })
})

test('models come as DSL, JSON and modules', async () => {
  const dsl = await parse({ 'store.fga.yaml': inline })
  const json = await parse({
    'store.fga.yaml': 'model_file: model.json',
    'model.json': JSON.stringify(dsl.model?.value),
  })
  expect(json.model?.value).toEqual(dsl.model?.value)
  const modules = await parse({
    'store.fga.yaml': 'model_file: fga.mod',
    'fga.mod': 'schema: "1.2"\ncontents:\n  - core.fga\n  - wiki.fga\n',
    'core.fga': 'module core\n\ntype user\n',
    'wiki.fga': 'module wiki\n\ntype page\n  relations\n    define viewer: [user]\n',
  })
  expect(modules.model?.value).toMatchObject({
    schema_version: '1.2',
    type_definitions: [{ type: 'user' }, { type: 'page', metadata: { module: 'wiki' } }],
  })
})

test('numbers beyond a double stay the text that was written', async () => {
  const huge = `1${'0'.repeat(308)}1.5e+309`
  const { tests } = await parse({
    'store.fga.yaml': `tests:
  - check:
      - user: user:a
        object: document:1
        context: { x: ${huge}, y: 1.5, z: "1e400", w: -1e999 }
        assertions: { viewer: true }
`,
  })
  expect(tests[0]?.checks[0]?.context).toEqual({ x: huge, y: 1.5, z: '1e400', w: '-1e999' })
})

const csv = 'user_type,user_id,relation,object_type,object_id\n'

const wrong: readonly (readonly [what: string, files: Readonly<Record<string, string>>, message: string])[] =
  [
    ['no file', {}, 'store.fga.yaml:1:1: cannot read `DIR/store.fga.yaml`: there is no such file'],
    ['an empty file', { 'store.fga.yaml': '' }, 'store.fga.yaml:1:1: the file is empty'],
    [
      'not a mapping',
      { 'store.fga.yaml': '- a\n' },
      'store.fga.yaml:1:1: the file must be a mapping of names to values, not a list',
    ],
    [
      'broken YAML',
      { 'store.fga.yaml': 'name: demo\ntuples: [\n' },
      'store.fga.yaml:3:1: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a key twice',
      { 'store.fga.yaml': 'name: abc\nname: abd\n' },
      'store.fga.yaml:2:1: map keys must be unique',
    ],
    [
      'a misspelt field',
      { 'store.fga.yaml': 'name: demo\ntuple:\n  - a\n' },
      'store.fga.yaml:2:1: unknown field `tuple`; did you mean `tuples`?',
    ],
    [
      'an unknown field',
      { 'store.fga.yaml': 'colour: red\n' },
      'store.fga.yaml:1:1: unknown field `colour`; known here: name, model, model_file, tuples, tuple_file, tuple_files, tests',
    ],
    [
      'a short name',
      { 'store.fga.yaml': 'name: x\n' },
      'store.fga.yaml:1:7: a store name has 3 to 64 letters, digits, spaces or any of . - / ^ _ & @',
    ],
    [
      'a number for text',
      { 'store.fga.yaml': 'name: 123\n' },
      'store.fga.yaml:1:7: `name` must be text, not a number; quote it if it is text',
    ],
    [
      'two models',
      { 'store.fga.yaml': `model_file: a.fga\n${inline}` },
      'store.fga.yaml:1:13: give `model` or `model_file`, not both',
    ],
    [
      'a missing model file',
      { 'store.fga.yaml': 'name: demo\nmodel_file: gone.fga\n' },
      'store.fga.yaml:2:13: cannot read `DIR/gone.fga`: there is no such file',
    ],
    [
      'a model file of another kind',
      { 'store.fga.yaml': 'model_file: a.txt\n', 'a.txt': '' },
      'store.fga.yaml:1:13: `DIR/a.txt` is no model; give a .fga, .json or fga.mod file',
    ],
    [
      'DSL that does not parse',
      { 'store.fga.yaml': 'name: demo\nmodel: |\n  model\n    schema 1.1\n  typ user\n' },
      'store.fga.yaml:5:3: ',
    ],
    [
      'the same in a file',
      { 'store.fga.yaml': 'model_file: m.fga\n', 'm.fga': 'model\n  schema 1.1\ntyp user\n' },
      'm.fga:3:1: ',
    ],
    [
      'a model that makes no sense',
      {
        'store.fga.yaml':
          'model: |\n  model\n    schema 1.1\n  type user\n  type doc\n    relations\n      define viewer: [team]\n',
      },
      "store.fga.yaml:7:7: the relation type 'team' on 'viewer' in object type 'doc' is not valid",
    ],
    [
      'a module that does not parse',
      {
        'store.fga.yaml': 'model_file: fga.mod\n',
        'fga.mod': 'schema: "1.2"\ncontents: [a.fga]\n',
        'a.fga': 'module a\n\ntyp user\n',
      },
      'a.fga:3:1: ',
    ],
    [
      'a module that is not there',
      { 'store.fga.yaml': 'model_file: fga.mod\n', 'fga.mod': 'schema: "1.2"\ncontents:\n  - a.fga\n' },
      'fga.mod:3:5: cannot read `DIR/a.fga`: there is no such file',
    ],
    [
      'a JSON model of the wrong shape',
      {
        'store.fga.yaml': 'model_file: m.json\n',
        'm.json': '{"schema_version": "1.1", "type_definitions": {}}',
      },
      'm.json:1:1: ',
    ],
    [
      'JSON that does not parse',
      {
        'store.fga.yaml': 'model_file: m.json\n',
        'm.json': '{"schema_version": "1.1",\n "type_definitions": [}',
      },
      'm.json:2:23: ',
    ],
    [
      'a tuple without a user',
      { 'store.fga.yaml': 'tuples:\n  - relation: viewer\n    object: document:1\n' },
      'store.fga.yaml:2:5: the tuple has no `user`',
    ],
    [
      'a bare user',
      { 'store.fga.yaml': 'tuples:\n  - relation: viewer\n    object: document:1\n    user: anne\n' },
      'store.fga.yaml:4:11: `anne` is not a user; write type:id, type:id#relation or type:*',
    ],
    [
      'an object that is a wildcard',
      { 'store.fga.yaml': 'tuples:\n  - { user: user:a, relation: viewer, object: "document:*" }\n' },
      'store.fga.yaml:2:47: `document:*` is not an object; write type:id',
    ],
    [
      'a relation with a hash',
      { 'store.fga.yaml': 'tuples:\n  - { user: user:a, relation: "a#b", object: document:1 }\n' },
      'store.fga.yaml:2:31: `a#b` is not a relation; it has no `:`, `#`, `@` or space',
    ],
    [
      'an expiry without a zone',
      {
        'store.fga.yaml':
          'tuples:\n  - { user: user:a, relation: viewer, object: document:1, expires_at: 2030-01-01 }\n',
      },
      'store.fga.yaml:2:71: `2030-01-01` is not an instant; write it as 2030-01-31T12:00:00Z',
    ],
    [
      'a condition without a name',
      {
        'store.fga.yaml':
          'tuples:\n  - { user: user:a, relation: viewer, object: document:1, condition: { context: {} } }\n',
      },
      'store.fga.yaml:2:70: the condition has no `name`',
    ],
    [
      'a tuple file of another kind',
      { 'store.fga.yaml': 'tuple_file: t.xml\n', 't.xml': '' },
      'store.fga.yaml:1:13: cannot tell what `DIR/t.xml` holds; name it .json, .jsonl, .ndjson, .yaml, .yml or .csv',
    ],
    [
      'a wrong line',
      {
        'store.fga.yaml': 'tuple_file: t.jsonl\n',
        't.jsonl':
          '{"user":"user:a","relation":"viewer","object":"document:1"}\n{"user":"user:a","relation":"viewer"}\n',
      },
      't.jsonl:2:1: the tuple has no `object`',
    ],
    [
      'a line that is not JSON',
      { 'store.fga.yaml': 'tuple_file: t.jsonl\n', 't.jsonl': '\n{"user":\n' },
      't.jsonl:2:9: ',
    ],
    [
      'an unknown column',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': 'user_type,user\n' },
      't.csv:1:11: unknown column `user`; columns: user_type, user_id, user_relation, relation, object_type, object_id, condition_name, condition_context',
    ],
    [
      'a column twice',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': 'relation,relation\n' },
      't.csv:1:10: column `relation` is given twice',
    ],
    [
      'a narrow row',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': `${csv}user,a,viewer,document\n` },
      't.csv:2:1: this row has 4 fields, the header has 5',
    ],
    [
      'an empty cell',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': `${csv}user,,viewer,document,1\n` },
      't.csv:2:6: this row has no `user_id`',
    ],
    [
      'an open quote',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': `${csv}user,"a\nb,viewer\n` },
      't.csv:2:6: this double quote is never closed',
    ],
    [
      'a quote inside a field',
      { 'store.fga.yaml': 'tuple_file: t.csv\n', 't.csv': `${csv}user,a"b",viewer,document,1\n` },
      't.csv:2:7: expected a comma or the end of the line; put the whole field in double quotes',
    ],
    [
      'a row after a field of two lines',
      {
        'store.fga.yaml': 'tuple_file: t.csv\n',
        't.csv': `${csv.trim()},condition_name,condition_context\nuser,a,viewer,document,1,in_region,"{\n}"\nuser,a,,document,1,,\n`,
      },
      't.csv:4:8: this row has no `relation`',
    ],
    [
      'a context without a condition',
      {
        'store.fga.yaml': 'tuple_file: t.csv\n',
        't.csv': `${csv.trim()},condition_name,condition_context\nuser,a,viewer,document,1,,{}\n`,
      },
      't.csv:2:27: there is a `condition_context` but no `condition_name`',
    ],
    [
      'one user and several',
      {
        'store.fga.yaml':
          'tests:\n  - check:\n      - user: user:a\n        users: [user:b]\n        object: document:1\n        assertions: { viewer: true }\n',
      },
      'store.fga.yaml:4:16: give `user` or `users`, not both',
    ],
    [
      'nobody to ask about',
      {
        'store.fga.yaml':
          'tests:\n  - check:\n      - object: document:1\n        assertions: { viewer: true }\n',
      },
      'store.fga.yaml:3:9: there is no `user` and no `users`',
    ],
    [
      'an expectation that is text',
      {
        'store.fga.yaml':
          'tests:\n  - check:\n      - user: user:a\n        object: document:1\n        assertions: { viewer: "true" }\n',
      },
      'store.fga.yaml:5:31: `tests[0].check[0].assertions.viewer` must be `true` or `false`, not text',
    ],
    [
      'no assertions',
      { 'store.fga.yaml': 'tests:\n  - check:\n      - user: user:a\n        object: document:1\n' },
      'store.fga.yaml:3:9: there is no `assertions` here',
    ],
    [
      'two filters',
      {
        'store.fga.yaml':
          'tests:\n  - list_users:\n      - object: document:1\n        user_filter: [{ type: user }, { type: group }]\n        assertions: { viewer: { users: [] } }\n',
      },
      'store.fga.yaml:4:22: `user_filter` must hold exactly one filter',
    ],
  ]

test.each(wrong)('%s is refused where it stands', async (_what, files, message) => {
  const folder = folderOf(files)
  const error = await parseStoreFile(join(folder, 'store.fga.yaml')).then(
    () => undefined,
    (thrown: unknown) => faultOf(thrown),
  )
  expect(error?.code).toBe('validation_error')
  const said = error?.message.replaceAll(`${folder}/`, 'DIR/') ?? ''
  // Messages that the parsers of YAML and DSL word are held to their place only.
  if (message.endsWith(': ')) expect(said.startsWith(`DIR/${message}`), said).toBe(true)
  else expect(said).toBe(`DIR/${message}`)
})
