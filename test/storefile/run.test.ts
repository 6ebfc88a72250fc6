/** Running a file's tests: what holds passes, what does not is told as expected and got, with its place. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openInMemory } from '../../src/sidecar.ts'
import { parseStoreFile } from '../../src/storefile/parse.ts'
import { runTests } from '../../src/storefile/run.ts'
import { documentModel, folderOf, indented } from './files.ts'

async function run(text: string) {
  const { kith, close } = await openInMemory()
  onTestFinished(close)
  const file = `name: demo
model: |
${indented(documentModel)}tuples:
  - { user: group:eng#member, relation: viewer, object: document:1 }
  - { user: user:anne, relation: member, object: group:eng }
  - { user: user:bob, relation: viewer, object: document:1, condition: { name: in_region, context: { allowed: [eu] } } }
tests:
${text}`
  const path = join(folderOf({ 'store.fga.yaml': file }), 'store.fga.yaml')
  return {
    report: await runTests(await parseStoreFile(path), kith),
    firstLine: file.split('\n').length - text.split('\n').length + 1,
  }
}

test('tests that hold', async () => {
  const { report } = await run(`  - name: checks
    check:
      - users: [user:anne, group:eng#member]
        object: document:1
        assertions: { viewer: true, editor: false }
      - user: user:bob
        object: document:1
        context: { region: eu }
        assertions: { viewer: true }
      - user: user:bob
        object: document:1
        context: { region: us }
        assertions: { viewer: false }
  - name: lists, in any order, and tuples of their own
    tuples:
      - { user: user:anne, relation: editor, object: document:2 }
    list_objects:
      - user: user:anne
        type: document
        assertions: { viewer: [document:2, document:1], editor: [document:2] }
    list_users:
      - object: document:2
        user_filter: [{ type: user }]
        assertions: { viewer: { users: [user:anne] } }
      - object: document:1
        user_filter: [{ type: group, relation: member }]
        context: { region: us }
        assertions: { viewer: { users: [group:eng#member] } }
  - name: tuples of another test are not here
    check:
      - user: user:anne
        object: document:2
        assertions: { editor: false }
  - name: a model of its own
    model: |
      model
        schema 1.1
      type user
      type group
        relations
          define member: [user, group#member]
      type document
        relations
          define viewer: [user, user with in_region, group#member]
          define owner: viewer
      condition in_region(region: string, allowed: list<string>) {
        region in allowed
      }
    check:
      - user: user:anne
        object: document:1
        assertions: { owner: true }
`)
  expect(report.tests.flatMap(({ failures }) => failures)).toEqual([])
  expect(report).toMatchObject({ asked: 12, failed: 0 })
})

test('tests that do not', async () => {
  const { report, firstLine } = await run(`  - name: wrong
    check:
      - user: user:anne
        object: document:1
        assertions: { viewer: false }
      - user: user:bob
        object: document:1
        assertions: { viewer: true }
      - user: user:anne
        object: document:1
        assertions: { owner: true }
    list_objects:
      - user: user:anne
        type: document
        assertions: { viewer: [document:7] }
    list_users:
      - object: document:1
        user_filter: [{ type: user }]
        assertions: { viewer: { users: [] } }
`)
  expect(report).toMatchObject({ asked: 5, failed: 5 })
  const [result] = report.tests
  expect(
    result?.failures.map(({ at, question, expected }) => [at.line - firstLine, question, expected]),
  ).toEqual([
    [4, 'check document:1#viewer@user:anne', 'false'],
    [7, 'check document:1#viewer@user:bob', 'true'],
    [10, 'check document:1#owner@user:anne', 'true'],
    [14, 'list-objects document#viewer@user:anne', '[document:7]'],
    [18, 'list-users document:1#viewer of user', '[]'],
  ])
  const [allowed, unanswered, undefinedRelation, objects] = result?.failures.map(({ got }) => got) ?? []
  expect(allowed).toBe('true')
  // An error is neither a yes nor a no: it meets no expectation.
  expect(unanswered).toMatch(/^error: .*region/)
  expect(undefinedRelation).toMatch(/^error: .*relation 'document#owner' not found/)
  expect(objects).toBe('[document:1]')
})

test('an expected no is not met by an error', async () => {
  const { report } = await run(`  - check:
      - user: user:bob
        object: document:1
        assertions: { viewer: false }
`)
  expect(report.failed).toBe(1)
})

test('a tuple that the model refuses ends the run where it stands', async () => {
  await expect(
    run(`  - tuples:
      - { user: user:anne, relation: owner, object: document:2 }
    check:
      - { user: user:anne, object: document:2, assertions: { viewer: true } }
`),
  ).rejects.toThrow(/store\.fga\.yaml:\d+:9: `document:2#owner@user:anne` does not fit the model: /)
})
