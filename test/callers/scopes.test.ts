/** Scopes allow what their words say, and nothing else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Right, rights, Scopes } from '../../src/callers/scopes.ts'

const one = '01J0000000000000000000000A'
const two = '01J0000000000000000000000B'
const typed = ['check', 'list', 'read', 'write'] as const

/** The types that are allowed, as a list; undefined: nothing is. */
function types(words: readonly string[], right: Right, store: string | undefined) {
  const found = Scopes.of(words).typesOf(right, store)
  return found === undefined || found === 'all' ? found : [...found].sort()
}

test.each([
  [['*'], 'keys', undefined, 'all'],
  [['*'], 'check', one, 'all'],
  [[], 'check', one, undefined],
  [['check'], 'check', one, 'all'],
  [['check'], 'check', undefined, 'all'],
  [['check'], 'read', one, undefined],
  [[`check:${one}`], 'check', one, 'all'],
  [[`check:${one}`], 'check', two, undefined],
  [[`stores:${one}`], 'stores', undefined, undefined],
  [['stores'], 'stores', undefined, 'all'],
  [[`check:${one}:document`], 'check', one, ['document']],
  [[`check:${one}:document`, `check:${one}:folder`], 'check', one, ['document', 'folder']],
  [['check:*:document', `check:${one}:folder`], 'check', one, ['document', 'folder']],
  [['check:*:document', `check:${one}:folder`], 'check', two, ['document']],
  [['check', `check:${one}:folder`], 'check', one, 'all'],
  [['check:*:*'], 'check', one, 'all'],
  [['write'], 'tuples', one, undefined],
  [[`act:${one}`], 'act', one, 'all'],
  [[`act:${one}`], 'act', two, undefined],
  [[`act:${one}`], 'act', undefined, undefined],
  [['directory'], 'audit', one, undefined],
] as const)('%j: %s in %s -> %j', (words, right, store, expected) => {
  expect(types(words, right, store)).toEqual(expected)
})

test.each([
  ['root', 'begins with one of'],
  ['', 'begins with one of'],
  ['Check', 'begins with one of'],
  ['constructor', 'begins with one of'],
  ['*:document', 'begins with one of'],
  ['check:', 'names no store'],
  ['check:acme', 'names no store'],
  [`check:${one.toLowerCase()}`, 'names no store'],
  [`check:${one}:`, 'names no type'],
  [`check:${one}:a b`, 'names no type'],
  [`check:${one}:document:1`, 'too many parts'],
  [`model:${one}:document`, 'takes no type'],
  [`keys:${one}`, 'takes no store'],
  [`directory:${one}:user`, 'takes no type'],
  [`act:${one}:user`, 'takes no type'],
  ['keys:*', 'takes no store'],
  ['debug:*', 'takes no store'],
])('%j is refused: %s', (word, reason) => {
  expect(() => Scopes.of(['check', word])).toThrow(reason)
  expect(Scopes.among(['kith:check', `kith:${word}`]).words).toEqual(['check'])
})

test('the stores that are seen', () => {
  expect(Scopes.of(['*']).stores).toBe('all')
  expect(Scopes.of(['check']).stores).toBe('all')
  expect(Scopes.of(['keys', 'debug']).stores).toEqual(new Set())
  expect(Scopes.of([`check:${one}:document`, `model:${two}`]).stores).toEqual(new Set([one, two]))
})

describe('cover', () => {
  test.each([
    [['*'], ['*'], true],
    [['*'], ['keys', `check:${one}:document`], true],
    [['check'], [`check:${one}`], true],
    [[`check:${one}`], ['check'], false],
    [[`check:${one}`], [`check:${two}`], false],
    [[`check:${one}`], [`check:${one}:document`], true],
    [[`check:${one}:document`], [`check:${one}`], false],
    [[`check:${one}:document`], [`check:${one}:folder`], false],
    [['check:*:document'], [`check:${one}:document`], true],
    [[`check:${one}:document`], ['check:*:document'], false],
    [[], [], true],
  ])('%j covers %j: %s', (some, others, expected) => {
    expect(Scopes.of(some).cover(Scopes.of(others))).toBe(expected)
  })

  const word = fc.oneof(
    fc.constantFrom('*', ...rights),
    fc
      .tuple(
        fc.constantFrom(...typed),
        fc.constantFrom('*', one, two),
        fc.constantFrom('*', 'document', 'folder'),
      )
      .map((parts) => parts.join(':')),
  )
  const words = fc.array(word, { maxLength: 4 })

  test('is what every question says', () => {
    const asked = [undefined, one, two, '01J0000000000000000000000C']
    fc.assert(
      fc.property(words, words, (some, others) => {
        const holds = (right: Right, store: string | undefined) => {
          const theirs = types(others, right, store)
          const ours = types(some, right, store)
          if (theirs === undefined || ours === 'all') return true
          return ours !== undefined && theirs !== 'all' && theirs.every((type) => ours.includes(type))
        }
        const all = rights.every((right) => asked.every((store) => holds(right, store)))
        expect(Scopes.of(some).cover(Scopes.of(others))).toBe(all)
      }),
      { numRuns: 500 },
    )
  })
})
