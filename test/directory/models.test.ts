/**
 * The models of the presets, beyond what their store files ask (test/storefile/models.test.ts runs those): that the files
 * leave no permission out, and that each rule which forbids is held by its own test and by no other.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { openInMemory } from '../../src/sidecar.ts'
import { parseStoreFile } from '../../src/storefile/parse.ts'
import { runTests } from '../../src/storefile/run.ts'

const folder = new URL('../../schema/models/', import.meta.url)
const names = ['client-portal', 'enterprise', 'group-only', 'sharing', 'training', 'union']
const textOf = (file: string): Promise<string> => readFile(new URL(file, folder), 'utf8')

interface StoreFile {
  readonly tests: readonly {
    readonly check?: readonly {
      readonly object: string
      readonly assertions: Readonly<Record<string, boolean>>
    }[]
  }[]
}

test.each(names)('%s: every permission is asked for where it is held and where it is not', async (name) => {
  const model = compileModel(name, await parseDsl(await textOf(`${name}.fga`)))
  const { tests }: StoreFile = parse(await textOf(`${name}.fga.yaml`))
  const asked = new Set(
    tests.flatMap(({ check = [] }) =>
      check.flatMap(({ object, assertions }) =>
        Object.entries(assertions).map(([relation, is]) => `${object.split(':')[0]}#${relation} ${is}`),
      ),
    ),
  )
  const permissions = model.types
    .flatMap((type) => model.relations(type))
    .filter((relation) => relation.name.startsWith('can_'))
    .flatMap(({ type, name: relation }) => [`${type}#${relation} true`, `${type}#${relation} false`])
  expect(permissions.length).toBeGreaterThan(20)
  expect(permissions.filter((each) => !asked.has(each))).toEqual([])
})

const lapse =
  'where a plan that lapsed suspends, groups give nothing until it is another, and people what they were given'

/** A rule that forbids, the same text without it, and the tests of the store file that then fail. */
const rules: readonly (readonly [name: string, rule: string, without: string, failing: readonly string[]])[] =
  [
    [
      'enterprise',
      '(archived but not archived_give from organization) or lapsed from organization',
      'lapsed from organization',
      ['an archived group gives nothing and passes nothing on'],
    ],
    [
      'enterprise',
      'archived but not archived_give from organization',
      'archived',
      ['where archived groups go on giving they take no changes all the same'],
    ],
    ['enterprise', 'lapse_suspends but not groups_included', 'lapse_suspends', [lapse]],
    ['enterprise', ' or lapsed from organization', '', [lapse]],
    [
      'enterprise',
      'groups_included from organization but not archived',
      'groups_included from organization',
      ['an archived group takes no changes'],
    ],
    [
      'enterprise',
      'define groups_included: groups from plan',
      'define groups_included: user_of',
      [lapse, 'a plan freezes the groups of its own organization, whoever else the administrator works for'],
    ],
    [
      'client-portal',
      'operator from organization but not admin',
      'operator from organization',
      ['nobody at the Admin level deletes a bot, the back office does'],
    ],
    [
      'client-portal',
      'admin or (client and live)',
      'admin or client',
      ['a bot is of use to clients from the day it is published'],
    ],
    [
      'client-portal',
      'granted and client from organization',
      'granted',
      ['a grant is for the clients of this organization'],
    ],
    ['sharing', ' but not consumer from company', '', ['a consumer is in groups and manages none']],
  ]

test.each(rules)(
  '%s: without `%s` (`%s`) exactly its own tests fail',
  async (name, rule, without, failing) => {
    const text = await textOf(`${name}.fga`)
    expect(text).toContain(rule)
    const work = await mkdtemp(join(tmpdir(), 'kith-rules-'))
    onTestFinished(() => rm(work, { recursive: true }))
    await writeFile(join(work, `${name}.fga`), text.replaceAll(rule, without))
    await writeFile(join(work, `${name}.fga.yaml`), await textOf(`${name}.fga.yaml`))
    const { kith, close } = await openInMemory()
    onTestFinished(close)
    const report = await runTests(await parseStoreFile(join(work, `${name}.fga.yaml`)), kith)
    expect(report.tests.filter(({ failures }) => failures.length > 0).map((each) => each.name)).toEqual(
      failing,
    )
  },
)
