import { expect, test } from 'vitest'
import { type Equation, solve, type Value } from './equations.ts'

const yes: Equation = { is: 'true' }
const no: Equation = { is: 'false' }
const error: Equation = { is: 'error' }
const any = (...of: number[]): Equation => ({ is: 'any', of })
const all = (...of: number[]): Equation => ({ is: 'all', of })
const butNot = (base: number, subtract: number): Equation => ({ is: 'but not', base, subtract })

/** The value of the last equation; operands are the indexes of others. */
const rows: readonly [string, readonly Equation[], Value][] = [
  ['any: true hides an error', [yes, error, any(0, 1)], 'true'],
  ['any: an error outranks false', [no, error, any(0, 1)], 'error'],
  ['any: of nothing', [any()], 'false'],
  ['all: false hides an error', [no, error, all(0, 1)], 'false'],
  ['all: an error outranks true', [yes, error, all(0, 1)], 'error'],
  ['but not: a false base hides an error', [no, error, butNot(0, 1)], 'false'],
  ['but not: a true subtract hides an error', [error, yes, butNot(0, 1)], 'false'],
  ['but not: an error in the base', [error, no, butNot(0, 1)], 'error'],
  ['but not: an error in the subtract', [yes, error, butNot(0, 1)], 'error'],
  ['a cycle of grants is plainly false', [any(1), any(0)], 'false'],
  ['and its negation plainly true', [any(1), any(0), yes, butNot(2, 0)], 'true'],
  ['a cycle that one grant enters', [yes, any(0, 2), any(1)], 'true'],
  ['true but not itself', [yes, butNot(0, 1)], 'undefined'],
  ['true but not (true but not itself)', [yes, butNot(0, 2), butNot(0, 1)], 'undefined'],
  ['what is undefined is no error', [yes, butNot(0, 1), any(1)], 'undefined'],
  ['an error outranks undefined in any', [yes, butNot(0, 1), error, any(1, 2)], 'error'],
  ['and in all', [yes, butNot(0, 1), error, all(1, 2)], 'error'],
  ['true outranks undefined in any', [yes, butNot(0, 1), any(0, 1)], 'true'],
  ['false outranks undefined in all', [yes, butNot(0, 1), no, all(1, 2)], 'false'],
  ['an error around a cycle', [error, any(0, 2), any(1)], 'error'],
  ['a stratified double negation', [yes, no, butNot(0, 1), butNot(0, 2), butNot(0, 3)], 'true'],
]

test.each(rows)('%s', (_, equations, expected) => {
  expect(solve(equations).at(-1)).toBe(expected)
})
