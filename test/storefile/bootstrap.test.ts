/** Bootstrapping: what a file says is there afterwards, a second run changes nothing, a wrong file changes nothing. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kith } from '../../src/service/kith.ts'
import { openInMemory } from '../../src/sidecar.ts'
import { bootstrap } from '../../src/storefile/bootstrap.ts'
import { parseStoreFile } from '../../src/storefile/parse.ts'
import { documentModel, folderOf, indented } from './files.ts'

async function emptyKith(): Promise<Kith> {
  const { kith, close } = await openInMemory()
  onTestFinished(close)
  return kith
}

async function run(kith: Kith, text: string) {
  const path = join(folderOf({ 'store.fga.yaml': text }), 'store.fga.yaml')
  const lines: string[] = []
  const answer = await bootstrap(kith, await parseStoreFile(path), (line) => lines.push(line))
  // Ids differ from run to run.
  return { ...answer, lines: lines.map((line) => line.replace(/[0-9A-Z]{26}/, 'ID')) }
}

const head = `name: demo\nmodel: |\n${indented(documentModel)}`
const anne = '  - { user: user:anne, relation: viewer, object: document:1 }\n'
const conditional = (region: string): string =>
  `  - { user: user:bob, relation: viewer, object: document:1, condition: { name: in_region, context: { allowed: [${region}] } } }\n`
const tests = `tests:
  - check:
      - users: [user:anne, user:eve]
        object: document:1
        assertions: { editor: false }
  - tuples: [{ user: user:eve, relation: editor, object: document:2 }]
    check:
      - user: user:eve
        object: document:2
        context: { region: eu }
        assertions: { viewer: true }
`

test('the first run makes everything, the second nothing', async () => {
  const kith = await emptyKith()
  const text = `${head}tuples:\n${anne}${conditional('eu')}${tests}`
  const first = await run(kith, text)
  expect(first).toMatchObject({ created: true, written: 2 })
  expect(first.lines).toEqual([
    'store demo: created as ID',
    'store demo: wrote model ID',
    'store demo: wrote 2 tuples',
    'store demo: wrote 3 assertions',
  ])

  const second = await run(kith, text)
  expect(second).toEqual({
    store: first.store,
    created: false,
    written: 0,
    lines: ['store demo: nothing to change'],
  })
  const { stores } = await kith.stores({})
  expect(stores.map(({ name }) => name)).toEqual(['demo'])
  expect((await kith.models({ store: first.store })).models).toHaveLength(1)
  expect((await kith.changes({ store: first.store })).changes).toHaveLength(2)
})

test('a changed file changes only what differs', async () => {
  const kith = await emptyKith()
  const { store } = await run(kith, `${head}tuples:\n${anne}${conditional('eu')}`)
  const widened = await run(kith, `${head}tuples:\n${anne}${conditional('us')}`)
  expect(widened.lines).toEqual(['store demo: wrote 1 tuple'])
  const { tuples } = await kith.read({ store, filter: { user: 'user:bob', object: 'document:1' } })
  expect(tuples[0]?.condition?.context).toEqual({ allowed: ['us'] })

  const more = documentModel.replace('define editor: [user]', 'define editor: [user, group#member]')
  const remodelled = await run(kith, `name: demo\nmodel: |\n${indented(more)}tuples:\n${anne}`)
  expect(remodelled.lines).toEqual(['store demo: wrote model ID'])
  // Bob is not in this file, and stays.
  expect((await kith.read({ store })).tuples).toHaveLength(2)
})

test('more tuples than one write takes, some of them twice', async () => {
  const kith = await emptyKith()
  const many = Array.from(
    { length: 250 },
    (_, i) => `  - { user: user:u${i % 240}, relation: viewer, object: document:1 }\n`,
  )
  const text = `${head}tuples:\n${many.join('')}`
  expect((await run(kith, text)).written).toBe(240)
  expect((await run(kith, text)).written).toBe(0)
})

test('a tuple that has expired since is left out', async () => {
  const kith = await emptyKith()
  const past =
    '  - { user: user:c, relation: viewer, object: document:1, expires_at: "2001-01-01T00:00:00Z" }\n'
  expect(await run(kith, `${head}tuples:\n${past}${anne}`)).toMatchObject({ written: 1 })
})

test('a wrong tuple is refused where it stands, and nothing was done', async () => {
  const kith = await emptyKith()
  const wrong = '  - { user: team:a, relation: viewer, object: document:1 }\n'
  const attempt = run(kith, `${head}tuples:\n${anne}${wrong}`)
  const line = `${head}tuples:\n${anne}`.split('\n').length
  await expect(attempt).rejects.toThrow(
    `store.fga.yaml:${line}:5: \`document:1#viewer@team:a\` does not fit the model: type 'team' not found`,
  )
  expect((await kith.stores({})).stores).toEqual([])
})

test.each([
  [
    'no name',
    `model: |\n${indented(documentModel)}`,
    ':1:1: the file has no `name`; it says which store this is',
  ],
  [
    'no model',
    `name: demo\ntuples:\n${anne}`,
    ':3:5: there are tuples but no model; add `model` or `model_file`',
  ],
])('%s is refused', async (_what, text, message) => {
  await expect(run(await emptyKith(), text)).rejects.toThrow(message)
})
