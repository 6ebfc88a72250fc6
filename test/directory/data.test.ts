/**
 * A preset is data: the code of organizations says nothing that only one product means. No role, level, relation, type or
 * name of a preset is a word of the source; a product that needs one would be a product that the next cannot replace.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Preset } from '../../src/directory/preset/preset.ts'
import { presetsOf } from '../../src/directory/preset/presets.ts'

const src = new URL('../../src/', import.meta.url)
const folders = ['directory', 'http/directory']

/** Words of the API itself, whatever the product: what it manages, an action, a code of refusal, a status, a field, a source, a log. */
const common = new Set(
  'user group groups member organization default view archived live plan sso auto_assignment'.split(' '),
)

test('no word of a product is in the code', async () => {
  const words = new Set((await presetsOf().list()).flatMap(wordsOf).filter((word) => !common.has(word)))
  expect(words.size).toBeGreaterThan(100)
  const sources = folders.flatMap(sourcesIn)
  expect(sources.length).toBeGreaterThan(20)
  const found = sources.flatMap(({ path, text }) =>
    [...literalsOf(text)]
      .filter((literal) => partsOf(literal).some((part) => words.has(part)))
      .map((literal) => `${path}: ${literal}`),
  )
  expect(found).toEqual([])
})

test('the table for people names every action, and says of each where it exists', async () => {
  const lines = readFileSync(new URL('../../schema/presets/README.md', import.meta.url), 'utf8').split('\n')
  const rows = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1))
  const [head = [], , , ...body] = rows.map((row) => row.map((cell) => cell.trim()))
  const presets = await Promise.all(head.slice(1).map((id) => presetsOf().get(id)))
  expect(presets.length).toBe((await presetsOf().list()).length)
  const named = new Set<string>()
  let section = 0
  for (const [first = '', ...cells] of body) {
    if (first.startsWith('**of ')) section += 1
    const actions = [...first.matchAll(/`([^`]+)`/g)].map(([, action = '']) => action)
    for (const [column, preset] of presets.entries()) {
      const exist = (actionsOf(preset)[section] ?? []).filter((action) => actions.includes(action))
      for (const action of exist) named.add(`${preset.id} ${section} ${action}`)
      const says =
        actions.length === 0 ? exist.length === 0 : (cells[column] === '–') === (exist.length === 0)
      expect([preset.id, first, cells[column], says]).toEqual([preset.id, first, cells[column], true])
    }
  }
  const all = presets.flatMap((preset) =>
    actionsOf(preset).flatMap((actions, at) => actions.map((action) => `${preset.id} ${at} ${action}`)),
  )
  expect([...new Set(all)].filter((action) => !named.has(action))).toEqual([])
})

/** Of the organization, of groups, of resources; one that names a kind is `attach:KIND`. */
function actionsOf({ organization, group, resources }: Preset): readonly (readonly string[])[] {
  const kinds = Object.keys(resources).join('|')
  const general = (actions: object): readonly string[] =>
    Object.keys(actions).map((action) => action.replace(new RegExp(`:(?:${kinds})$`), ':KIND'))
  return [
    general(organization.actions),
    general(group?.actions ?? {}),
    Object.values(resources).flatMap((kind) => general(kind.actions)),
  ]
}

function wordsOf({ id, organization, group, resources, plans, dsl }: Preset): readonly string[] {
  const roles = [...organization.roles, ...(group?.memberRoles ?? [])]
  const levels = Object.values(resources).flatMap((kind) => kind.levels)
  return [
    id,
    ...[...roles, ...levels].flatMap((each) => [each.id, each.label, ...each.aliases]),
    ...Object.entries(resources).flatMap(([kind, { type, aliases }]) => [kind, type, ...aliases]),
    ...(plans?.ladder.flatMap((plan) => [plan.id, ...plan.entitlements]) ?? []),
    ...[...dsl.matchAll(/^\s*(?:define|type) (\w+)/gm)].map(([, name = '']) => name),
  ]
}

function sourcesIn(folder: string): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(new URL(`${folder}/`, src), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: `${folder}/${name}`,
      text: readFileSync(new URL(`${folder}/${name}`, src), 'utf8'),
    }))
}

/** Texts in quotes; comments may name a product, as an example. */
function literalsOf(text: string): Iterable<string> {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return new Set(
    [...code.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, plain, template]) => plain ?? template ?? ''),
  )
}

/** A name alone, or what follows a colon or a hash: `attach:NAME`, `#NAME`. What precedes one is an action's word. */
function partsOf(literal: string): readonly string[] {
  const parts = literal.split(/[:#@]/)
  return literal.includes(' ') ? [] : parts.slice(parts.length === 1 ? 0 : 1)
}
