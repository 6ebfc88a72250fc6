/** The table of requirements and the tests are about each other: README.md names what is titled, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const rows = [
  ...readFileSync(join(here, 'README.md'), 'utf8').matchAll(
    /^\| ([A-Z]\d+) +\| ([^|]+?) +\| ([^|]+?) +\|$/gm,
  ),
].map(([, id = '', tests = '', words = '']) => ({ id, tests, words }))

/** `E13-E19` is seven. */
function idsIn(title: string): readonly string[] {
  return [...title.matchAll(/([DEPTXZ])(\d+)(?:-[DEPTXZ]?(\d+))?/g)].flatMap(
    ([, letter = '', from, to = from]) =>
      Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => letter + (Number(from) + index)),
  )
}

/** By id: the files with a test that is titled by it. */
const titled = new Map<string, Set<string>>()
for (const file of readdirSync(here).filter((name) => name.endsWith('.test.ts'))) {
  const text = readFileSync(join(here, file), 'utf8')
  for (const [, title = ''] of text.matchAll(/['`"]((?:[DEPTXZ]\d+(?:-[DEPTXZ]?\d+)?(?:, | and )?)+)/g)) {
    for (const id of idsIn(title)) {
      titled.set(id, (titled.get(id) ?? new Set()).add(file.slice(0, -'.test.ts'.length)))
    }
  }
}

/** What organizations were asked for. */
const asked = idsIn('all: Z1-40 E1-32 T1-74 D1-26 P1-17 X1-7')

test('every requirement has one row, and every row says something', () => {
  expect(rows.map(({ id }) => id).sort()).toEqual([...asked].sort())
  expect(rows.filter(({ words }) => words.length < 3)).toEqual([])
})

test('a row names the tests that are titled by it', () => {
  const named = rows.filter(({ tests }) => tests !== '–')
  expect(named.length).toBeGreaterThan(140)
  for (const { id, tests } of named) {
    const names = tests.split(', ').map((name) => name.slice(1, -1))
    expect([id, names.filter((name) => titled.get(id)?.has(name) !== true)]).toEqual([id, []])
  }
})
