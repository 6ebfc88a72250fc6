/** The models that Kith ships are valid, and say of every relation what the language can print back. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl, printDsl } from '../../src/model/dsl.ts'
import { validateModel } from '../../src/model/validate.ts'

const folder = new URL('../../schema/models/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.fga'))

test('the six models are there, each with its store file', () => {
  expect(names.sort()).toEqual(
    ['client-portal', 'enterprise', 'group-only', 'sharing', 'training', 'union'].map(
      (name) => `${name}.fga`,
    ),
  )
  const files = new Set(readdirSync(folder))
  for (const name of names) expect(files).toContain(`${name}.yaml`)
})

test.each(names)('%s is valid and survives printing', async (name) => {
  const json = await parseDsl(readFileSync(new URL(name, folder), 'utf8'))
  validateModel(json)
  expect(await parseDsl(await printDsl(json))).toEqual(json)
  expect(compileModel('id', json).operatorCount).toBeGreaterThan(15)
})

test.each(names)('%s: permissions are granted by rules, never by tuples', async (name) => {
  const json = await parseDsl(readFileSync(new URL(name, folder), 'utf8'))
  const model = compileModel('id', json)
  const written = model.types
    .flatMap((type) => model.relations(type))
    .filter((relation) => relation.name.startsWith('can_') && relation.restrictions.length > 0)
  expect(written).toEqual([])
})
