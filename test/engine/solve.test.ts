import { describe, expect, test } from 'vitest'
import type { Join, Membership } from '../../src/engine/membership.ts'
import { solve } from '../../src/engine/solve.ts'
import { type Operand, Vertex } from '../../src/engine/vertex.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { Relation } from '../../src/model/model.ts'

/**
 * A component in text, one vertex a line: `a: any b c`, `b: but-not c d`; `member`, `absent`, `error` and `undefined`
 * are settled operands outside it, `!` after the join is a tuple of the vertex that could not be evaluated.
 */
function solved(text: string): Record<string, Membership | undefined> {
  const lines = text.split(',').map((line) => line.trim())
  const vertices = new Map(lines.map((line, index) => [line.split(':', 1)[0] ?? '', vertexOf(index)]))
  for (const line of lines) {
    const [name = '', rule = ''] = line.split(': ')
    const [join = 'any', ...operands] = rule.split(' ')
    const vertex = vertices.get(name)
    if (vertex === undefined) throw new Error(line)
    vertex.join = join.replace('!', '') as Join
    if (join.endsWith('!')) fail(vertex)
    for (const operand of operands) vertex.operands.push(vertices.get(operand) ?? outside(operand))
    for (const operand of vertex.operands) {
      // What the walk noted when it took the operand.
      if (typeof operand !== 'string' && operand.membership === 'error') fail(vertex)
    }
  }
  solve([...vertices.values()])
  return Object.fromEntries([...vertices].map(([name, { membership }]) => [name, membership]))
}

function vertexOf(index: number): Vertex {
  const relation = { type: 'x', name: 'x', rewrite: { kind: 'direct', id: 0 } } as unknown as Relation
  return new Vertex({ object: 'x:1', relation, rewrite: relation.rewrite, hop: 0 }, 0, index)
}

function outside(name: string): Operand {
  if (name === 'member' || name === 'absent') return name
  const vertex = vertexOf(-1)
  vertex.membership = name as Membership
  if (name === 'error') fail(vertex)
  return vertex
}

function fail(vertex: Vertex): void {
  vertex.sawError = true
  vertex.fault = new Fault('validation_error', 'x')
}

describe('the well-founded model of a component', () => {
  const cases: Readonly<Record<string, Readonly<Record<string, Membership>>>> = {
    // Grants that only rest on each other.
    'a: any b, b: any a': { a: 'absent', b: 'absent' },
    'a: any b, b: any a member': { a: 'member', b: 'member' },
    'a: all b member, b: any a': { a: 'absent', b: 'absent' },
    'a: all b c, b: any a member, c: any a': { a: 'absent', b: 'member', c: 'absent' },
    'a: but-not b absent, b: any a': { a: 'absent', b: 'absent' },
    'a: but-not b absent, b: any a member': { a: 'member', b: 'member' },

    // Negation through a circle: odd is undefined, even without support too, and what is certain stays so.
    'a: but-not member b, b: any a': { a: 'undefined', b: 'undefined' },
    'a: but-not member b, b: but-not member a': { a: 'undefined', b: 'undefined' },
    'a: but-not member b, b: but-not member c, c: but-not member a': {
      a: 'undefined',
      b: 'undefined',
      c: 'undefined',
    },
    'a: but-not member b, b: any a member': { a: 'absent', b: 'member' },
    'a: but-not absent b, b: any a': { a: 'absent', b: 'absent' },
    'a: any b member, b: but-not member a': { a: 'member', b: 'absent' },
    'a: but-not member b, b: any a, c: any b member': { a: 'undefined', b: 'undefined', c: 'member' },
    'a: but-not member b, b: any a, c: all b absent': { a: 'undefined', b: 'undefined', c: 'absent' },
    'a: but-not member b, b: any a, c: but-not b member': { a: 'undefined', b: 'undefined', c: 'absent' },

    // A game decided from outside, one alternation after the other.
    'a: but-not member b, b: but-not member c, c: but-not member d, d: any a absent member': {
      a: 'absent',
      b: 'member',
      c: 'absent',
      d: 'member',
    },
    // a unfounded circle under a negation is absent, so its negation holds.
    'a: but-not member b, b: any c, c: all b a': { a: 'member', b: 'absent', c: 'absent' },

    // Errors: hidden by what decides, spread over what stays open, stronger than undefined.
    'a: any b error, b: any a': { a: 'error', b: 'error' },
    'a: any b error member, b: any a': { a: 'member', b: 'member' },
    'a: any! b, b: all a member': { a: 'error', b: 'error' },
    'a: all b error, b: any a': { a: 'absent', b: 'absent' },
    'a: all b error, b: any a member': { a: 'error', b: 'member' },
    'a: but-not member b, b: any a error': { a: 'error', b: 'error' },
    'a: but-not member b, b: any a undefined': { a: 'undefined', b: 'undefined' },
    'a: but-not b error, b: any a': { a: 'absent', b: 'absent' },
    'a: but-not error b, b: any a': { a: 'error', b: 'error' },
    'a: but-not b error, b: any a member': { a: 'error', b: 'member' },
    'a: but-not b undefined, b: any a member': { a: 'undefined', b: 'member' },
    'a: but-not b member, b: any a error': { a: 'absent', b: 'error' },
  }

  test.each(Object.entries(cases))('%s', (component, expected) => {
    expect(solved(component)).toEqual(expected)
    // The order of the vertices is the walk's accident.
    expect(solved(component.split(', ').reverse().join(', '))).toEqual(expected)
  })

  test('a long ladder of negations, each settled by the one below', () => {
    const rungs = 60
    const ladder = Array.from({ length: rungs }, (_, at) =>
      at === rungs - 1 ? `v${at}: any v0 member` : `v${at}: but-not member v${at + 1}`,
    )
    const found = solved(ladder.join(', '))
    const expected = Array.from({ length: rungs }, (_, at) => [
      `v${at}`,
      (rungs - 1 - at) % 2 === 0 ? 'member' : 'absent',
    ])
    expect(found).toEqual(Object.fromEntries(expected))
  })

  test('an error carries its fault wherever it spreads', () => {
    const vertices = [vertexOf(0), vertexOf(1)]
    const [one, other] = vertices
    if (one === undefined || other === undefined) throw new Error('two vertices')
    fail(one)
    one.operands.push(other)
    other.operands.push(one)
    solve(vertices)
    expect(other.membership).toBe('error')
    expect(other.fault).toBe(one.fault)
  })
})
