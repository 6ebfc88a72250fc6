/**
 * A preset is data: the code of organizations says nothing that only one product means. No role, level, relation, type or
 * name of a preset is a word of the source; a product that needs one would be a product that the next cannot replace.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Preset } from '../../src/directory/preset.ts'
import { presetsOf } from '../../src/directory/presets.ts'

const src = new URL('../../src/', import.meta.url)
const folders = ['directory', 'http/directory']

/** Words of the API itself, whatever the product: what it manages, an action, a code of refusal. */
const common = new Set(['user', 'group', 'member', 'organization', 'default', 'view', 'archived'])

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
